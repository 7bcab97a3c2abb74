import { LRUCache } from 'lru-cache';

/** Pauses that a process knows. A pause that is dropped costs one call that the service refuses. */
const MAX_KNOWN = 10_000;
/** A pause that ends this much later than the known one is worth telling other processes, in ms. */
const MIN_CHANGE_MS = 500;
/** While one call tries whether a pause has ended, the others wait this many ms, */
const PROBE_WAIT_MS = 250;
/** at most as long as a call takes. */
const MAX_PROBE_MS = 60_000;

/** `until`, `probedUntil`: times of the monotonic clock. `probe`: the call that goes first. */
type Pause = { until: number; ms: number; probedUntil: number; probe: Probe | undefined };

/** The first call after a pause. */
export type Probe = { key: string };

/** The pauses of calls, in memory. After a pause one call goes first; the others follow once it has ended well. */
export class KnownPauses {
  readonly #pauses = new LRUCache<string, Pause>({ max: MAX_KNOWN });

  /** @param now the monotonic clock, in ms */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How long a call must wait, in ms; 0: not at all. */
  waitMs(key: string): number {
    const pause = this.#pauses.get(key);
    if (!pause) return 0;
    const now = this.now();
    if (now < pause.until) return pause.until - now;
    return now < pause.probedUntil ? PROBE_WAIT_MS : 0;
  }

  /** Begins a call that need not wait. @returns the probe, if the call is the first one after a pause */
  begin(key: string): Probe | undefined {
    const pause = this.#pauses.get(key);
    const now = this.now();
    if (!pause || now < pause.until || now < pause.probedUntil) return undefined;
    pause.probe = { key };
    pause.probedUntil = now + MAX_PROBE_MS;
    return pause.probe;
  }

  /** The probe said nothing about the service, so the next call goes first. */
  giveUp(probe: Probe): void {
    const pause = this.#pauses.get(probe.key);
    if (pause?.probe === probe) pause.probedUntil = 0;
  }

  /** Forgets a pause that has ended. */
  end(key: string): void {
    const pause = this.#pauses.get(key);
    if (pause && this.now() >= pause.until) this.#pauses.delete(key);
  }

  /** Pauses for `ms`, unless there is a longer pause. @returns whether other processes should know */
  pause(key: string, ms: number): boolean {
    const until = this.now() + ms;
    const known = this.#pauses.get(key);
    if (known && known.until >= until) return false;
    this.#pauses.set(key, { until, ms, probedUntil: 0, probe: undefined });
    return known === undefined || until - known.until >= MIN_CHANGE_MS;
  }

  isPaused(key: string): boolean {
    const pause = this.#pauses.get(key);
    return pause !== undefined && this.now() < pause.until;
  }

  /** The length of the last pause that no good call has ended yet, in ms. */
  lastMs = (key: string): number | undefined => this.#pauses.get(key)?.ms;
}
