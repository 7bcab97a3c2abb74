import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../fixtures/request.ts';
import type { Caller } from '../fixtures/transports.ts';

export type Acknowledged = { runId: string; item: string };

/** Callers that create runs, one request after another, at one process of the service. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  /** Answers without a run, by their status. */
  readonly refusals = new Map<number | string, number>();
  #longestGapMs = 0;
  #lastSuccess = performance.now();
  #isStopped = false;
  readonly #callers: Promise<unknown>;

  /** @param inputOf the run that orders an item, each of them once */
  constructor(
    readonly name: string,
    private readonly server: Caller,
    private readonly inputOf: (item: string) => object,
    callers: number,
  ) {
    this.#callers = Promise.all(Array.from({ length: callers }, (_, n) => this.#call(n)));
  }

  /** The longest time without an accepted run since the last call, in ms. */
  longestGap(): number {
    const longest = Math.max(this.#longestGapMs, performance.now() - this.#lastSuccess);
    this.#longestGapMs = 0;
    return longest;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#callers;
  }

  async #call(caller: number): Promise<void> {
    for (let n = 0; !this.#isStopped; n++) {
      const item = `${this.name}-${caller}-${n}`;
      const options = { body: this.inputOf(item), signal: AbortSignal.timeout(20_000) };
      const answer = await request(this.server, '/v1/runs', options).catch((error: Error) => error);
      if (!(answer instanceof Error) && answer.status === 201) this.#accept(JSON.parse(answer.text).runId, item);
      else {
        const reason = answer instanceof Error ? answer.name : answer.status;
        this.refusals.set(reason, (this.refusals.get(reason) ?? 0) + 1);
        await sleep(100);
      }
    }
  }

  #accept(runId: string, item: string): void {
    const now = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastSuccess);
    this.#lastSuccess = now;
    this.acknowledged.push({ runId, item });
  }
}
