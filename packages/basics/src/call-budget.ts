/** Limits of one call, each summed over everything that is sent for it: attempts, redirects, reconnects, answers to the service. */
export type CallLimits = {
  requests: number;
  /** Decoded bytes of all answers. */
  bytes: number;
  /** Messages of streams. */
  messages: number;
  /** Maximum number of reconnects of a stream that broke off. */
  reconnects: number;
  totalMs: number;
};

const DEFAULTS: Omit<CallLimits, 'totalMs'> = {
  requests: 100,
  bytes: 4 * 1024 * 1024,
  messages: 20_000,
  reconnects: 16,
};
/** A call with progress reports may take this many times as long as one attempt. */
const WITH_PROGRESS = 10;

/** A timer of the remaining time may fire this many ms early. The time then counts as used up. */
const EARLY_MS = 5;

type Counted = Exclude<keyof CallLimits, 'totalMs'>;

/** Limits the cost of one call, so that no remote party can prolong it without end. The first limit reached ends the call. */
export class CallBudget {
  readonly #limits: CallLimits;
  readonly #endsAt: number;
  readonly #spent: Record<Counted, number> = { requests: 0, bytes: 0, messages: 0, reconnects: 0 };
  readonly #limitReached = new AbortController();
  #reached: keyof CallLimits | undefined;

  constructor(limits: Partial<CallLimits> & Pick<CallLimits, 'totalMs'>) {
    this.#limits = { ...DEFAULTS, ...limits };
    this.#endsAt = performance.now() + limits.totalMs;
  }

  /** The budget of a tool call, for all its attempts. @param timeoutMs of one attempt */
  static ofCall(timeoutMs: number): CallBudget {
    return new CallBudget({ totalMs: timeoutMs * WITH_PROGRESS });
  }

  /** Aborts when a counted limit is reached, but not when the time is up: cap each wait by `remainingMs`. */
  get signal(): AbortSignal {
    return this.#limitReached.signal;
  }

  /** Whole milliseconds. */
  get remainingMs(): number {
    const leftMs = Math.floor(this.#endsAt - performance.now());
    return leftMs > EARLY_MS ? leftMs : 0;
  }

  get reached(): keyof CallLimits | undefined {
    return this.#reached ?? (this.remainingMs === 0 ? 'totalMs' : undefined);
  }

  spent(limit: Counted): number {
    return this.#spent[limit];
  }

  /** @returns false once any counted limit was exceeded */
  spend(limit: Counted, amount = 1): boolean {
    this.#spent[limit] += amount;
    if (this.#spent[limit] > this.#limits[limit] && this.#reached === undefined) {
      this.#reached = limit;
      this.#limitReached.abort();
    }
    return this.#reached === undefined;
  }
}
