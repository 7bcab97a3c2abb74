import type { Budget } from '@errand/contracts';
import type { RunFields } from '@errand/db';

/** Defaults for limits that a run does not set, and their maximum. */
export type Limits = Required<Budget>;

export const defaultLimits: Limits = {
  maxSteps: 200,
  maxToolCalls: 2000,
  maxTokens: 2_000_000,
  maxSeconds: 3600,
  maxOutputBytes: 32 * 2 ** 20,
};

type UsageSoFar = Pick<RunFields, 'steps' | 'toolCalls' | 'inputTokens' | 'outputTokens' | 'activeMs'> & {
  outputBytes: number;
};
type LimitValues = { limit: keyof Limits; max: number };
type Exhausted = { code: 'budget_exhausted'; message: string; values: LimitValues };

/** Counts the usage of a run, including earlier activations. */
export class BudgetMeter {
  /** The sentence that names the exhausted limit. */
  exhausted: string | undefined;
  #values: LimitValues | undefined;
  readonly #limits: Limits;
  #lapped = performance.now();
  readonly #timer: NodeJS.Timeout;
  #calls: number;
  #steps: number;
  #tokens: number;
  #bytes: number;

  /** @param onTime called when the run has worked for maxSeconds */
  constructor(budget: Budget, ceilings: Limits, used: UsageSoFar, onTime: () => void) {
    const keys = Object.keys(ceilings) as (keyof Limits)[];
    this.#limits = Object.fromEntries(
      keys.map((key) => [key, Math.min(budget[key] ?? ceilings[key], ceilings[key])]),
    ) as Limits;
    this.#calls = used.toolCalls;
    this.#steps = used.steps;
    this.#tokens = used.inputTokens + used.outputTokens;
    this.#bytes = 0;
    this.spendBytes(used.outputBytes);
    const msLeft = this.#limits.maxSeconds * 1000 - used.activeMs;
    this.#timer = setTimeout(
      () => {
        this.#exhaust('maxSeconds', `The run worked for ${this.#limits.maxSeconds} s (maxSeconds).`);
        onTime();
      },
      Math.max(0, Math.min(msLeft, 2 ** 31 - 1)),
    );
    this.#timer.unref();
  }

  /** Whole milliseconds of work since its last call. */
  takeActiveMs(): number {
    const now = performance.now();
    const ms = Math.round(now - this.#lapped);
    this.#lapped += ms;
    return ms;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** @returns the failure when the limit is reached */
  spendCall(): Exhausted | undefined {
    if (!this.exhausted && ++this.#calls > this.#limits.maxToolCalls) {
      this.#exhaust('maxToolCalls', `The run made ${this.#limits.maxToolCalls} tool calls (maxToolCalls).`);
    }
    return this.failure();
  }

  /** @returns the failure when the limit is reached */
  spendStep(): Exhausted | undefined {
    if (!this.exhausted && ++this.#steps > this.#limits.maxSteps)
      this.#exhaust('maxSteps', `The run took ${this.#limits.maxSteps} steps (maxSteps).`);
    return this.failure();
  }

  /** Counts tokens of a model. The answer that exceeds the limit is kept, and no further request is made. */
  spendTokens(tokens: number): void {
    this.#tokens += tokens;
    if (this.#tokens >= this.#limits.maxTokens)
      this.#exhaust('maxTokens', `Models used ${this.#tokens} tokens (maxTokens ${this.#limits.maxTokens}).`);
  }

  /** Counts bytes of outputs and arguments. Outputs beyond the limit are kept, and no further call is made. @returns the failure */
  spendBytes(bytes: number): Exhausted | undefined {
    this.#bytes += bytes;
    const { maxOutputBytes } = this.#limits;
    if (this.#bytes > maxOutputBytes)
      this.#exhaust(
        'maxOutputBytes',
        `The outputs of the run came to more than ${maxOutputBytes} bytes (maxOutputBytes).`,
      );
    return this.failure();
  }

  failure(): Exhausted | undefined {
    if (this.exhausted === undefined || !this.#values) return undefined;
    return { code: 'budget_exhausted', message: this.exhausted, values: this.#values };
  }

  #exhaust(limit: keyof Limits, message: string): void {
    this.exhausted ??= message;
    this.#values ??= { limit, max: this.#limits[limit] };
  }
}
