import { withTimeout } from '@errand/basics/with-timeout';
import { problem } from '@errand/contracts';
import type { GroupedMetrics, Measurement } from '../metrics/measurement.ts';
import { shared } from '../metrics/shared-text.ts';
import { Deferred } from './deferred.ts';
import type { ToProcess, ToSupervisor } from './messages.ts';

/** Longer than the supervisor waits for the processes, in ms. */
const ANSWER_MS = 5000;

/** The metrics of a supervised process, and through the supervisor the metrics of all. */
export class SupervisedMetrics implements GroupedMetrics {
  #measure: (() => Promise<Measurement>) | undefined;
  readonly #scrapes = new Map<number, Deferred<string>>();
  #lastScrape = 0;

  constructor(private readonly send: (message: ToSupervisor) => void) {}

  attach(measure: () => Promise<Measurement>): void {
    this.#measure = measure;
  }

  /** In the text format of Prometheus. @throws ProblemError unavailable while the supervisor has none, as when it stops */
  readonly text = shared(async () => {
    const scrape = ++this.#lastScrape;
    const answer = new Deferred<string>();
    this.#scrapes.set(scrape, answer);
    try {
      this.send({ kind: 'scrape', scrape });
      return await withTimeout(ANSWER_MS, answer.promise);
    } catch {
      const again = { headers: { 'retry-after': '1' }, values: { retryAfterSeconds: 1 } };
      throw problem('unavailable', 'The metrics of the processes cannot be read now.', again);
    } finally {
      this.#scrapes.delete(scrape);
    }
  });

  /** Takes a message of the supervisor. @returns whether it is about metrics */
  receive(message: ToProcess): boolean {
    if (message.kind === 'metrics') this.#scrapes.get(message.scrape)?.resolve(message.text);
    else if (message.kind === 'measure') void this.#answer(message.scrape);
    else return false;
    return true;
  }

  async #answer(scrape: number): Promise<void> {
    // Without an answer the supervisor uses the last one.
    const metrics = await this.#measure?.().catch(() => undefined);
    if (metrics) this.send({ kind: 'measured', scrape, metrics });
  }
}
