import { ExplainedError } from '@errand/basics/explained-error';
import { type Measurement, Measurements } from '../metrics/measurement.ts';
import { shared } from '../metrics/shared-text.ts';
import { Deferred } from './deferred.ts';
import type { ToProcess } from './messages.ts';

/** Time for the processes to answer, in ms. Of a process that does not, only its last counts are used. */
const ANSWER_MS = 2000;

const NONE_READY = 'No process is ready yet. The log of the supervisor shows which ones started and ended.';

type Send = (message: ToProcess) => void;

/** `unanswered`: the processes that were asked, have not answered and have not ended. */
type Scrape = { id: number; unanswered: Set<number>; answered: Set<number>; allAnswered: Deferred };

/** The metrics of all processes of a supervisor together. */
export class GroupMetrics {
  readonly #processes = new Map<number, Send>();
  readonly #measurements = new Measurements();
  #lastScrape = 0;
  #pending: Scrape | undefined;

  /** A process can be asked from now on. */
  add(id: number, send: Send): void {
    this.#processes.set(id, send);
  }

  remove(id: number): void {
    this.#processes.delete(id);
    this.#measurements.end(id);
    this.#expectNone(id);
  }

  /** The answer of a process to a scrape. */
  receive(id: number, scrapeId: number, metrics: Measurement): void {
    if (!this.#processes.has(id)) return;
    this.#measurements.set(id, metrics);
    if (scrapeId !== this.#pending?.id) return;
    this.#pending.answered.add(id);
    this.#expectNone(id);
  }

  /** In the text format of Prometheus. @throws ExplainedError while no process can be asked */
  readonly text = shared(async () => {
    const asked = [...this.#processes];
    const unanswered = new Set(asked.map(([id]) => id));
    const answered = new Set<number>();
    const allAnswered = new Deferred();
    const id = ++this.#lastScrape;
    this.#pending = { id, unanswered, answered, allAnswered };
    for (const [, send] of asked) send({ kind: 'measure', scrape: id });
    if (unanswered.size === 0) allAnswered.resolve();
    const timer = setTimeout(() => allAnswered.resolve(), ANSWER_MS);
    await allAnswered.promise;
    clearTimeout(timer);
    if (this.#processes.size === 0) throw new ExplainedError(NONE_READY);
    return this.#measurements.text(answered);
  });

  /** The pending scrape does not wait for this process any more. */
  #expectNone(id: number): void {
    const scrape = this.#pending;
    if (scrape?.unanswered.delete(id) && scrape.unanswered.size === 0) scrape.allAnswered.resolve();
  }
}
