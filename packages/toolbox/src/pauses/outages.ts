import { LRUCache } from 'lru-cache';

const MAX_ORIGINS = 10_000;
/** Consecutive failures after which calls wait. A run that fails for one call makes three attempts. */
const MAX_FAILURES = 10;
/** Older failures do not count, in ms. */
const WINDOW_MS = 60_000;

/** `operation`: undefined if several operations failed. */
type Failures = { count: number; lastAt: number; operation: string | undefined; isUnanswered: boolean };

/** Counts the consecutive failures of each origin. */
export class Outages {
  readonly #failures = new LRUCache<string, Failures>({ max: MAX_ORIGINS });

  /** @param now the monotonic clock, in ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Notes a failed call. Returns what fails, once it has failed too often: the whole origin, or only the operation if it answered each
   * time and no other one failed.
   */
  noteFailure(origin: string, operation: string, isUnanswered: boolean): 'origin' | 'operation' | undefined {
    const now = this.now();
    const known = this.#failures.get(origin);
    const before = known && now - known.lastAt <= WINDOW_MS ? known : undefined;
    const failures = {
      count: (before?.count ?? 0) + 1,
      lastAt: now,
      operation: before && before.operation !== operation ? undefined : operation,
      isUnanswered: isUnanswered && (before?.isUnanswered ?? true),
    };
    this.#failures.set(origin, failures);
    if (failures.count < MAX_FAILURES) return undefined;
    this.#failures.delete(origin);
    return failures.operation !== undefined && !failures.isUnanswered ? 'operation' : 'origin';
  }

  /** Notes that the origin serves calls. */
  noteService(origin: string): void {
    this.#failures.delete(origin);
  }
}
