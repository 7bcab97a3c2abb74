import { type Measurement, Measurements } from '../metrics/measurement.ts';
import { shared } from '../metrics/shared-text.ts';
import { Deferred } from './deferred.ts';
import type { ToProcess } from './messages.ts';

/** Time for the processes to answer, in ms. Of a process that does not, only its last counts are used. */
const ANSWER_MS = 2000;

type Send = (message: ToProcess) => void;

/** The metrics of all processes of a supervisor together. */
export class GroupMetrics {
  readonly #processes = new Map<number, Send>();
  readonly #measurements = new Measurements();
  #scrape = 0;
  #answered = new Set<number>();
  #allAnswered = new Deferred();

  /** A process can be asked from now on. */
  add(id: number, send: Send): void {
    this.#processes.set(id, send);
  }

  remove(id: number): void {
    this.#processes.delete(id);
    this.#measurements.end(id);
    this.#checkAll();
  }

  /** The answer of a process to a scrape. */
  receive(id: number, scrape: number, metrics: Measurement): void {
    if (!this.#processes.has(id)) return;
    this.#measurements.set(id, metrics);
    if (scrape !== this.#scrape) return;
    this.#answered.add(id);
    this.#checkAll();
  }

  readonly text = shared(async () => {
    this.#scrape++;
    this.#answered = new Set();
    this.#allAnswered = new Deferred();
    for (const send of this.#processes.values()) send({ kind: 'measure', scrape: this.#scrape });
    this.#checkAll();
    const timer = setTimeout(() => this.#allAnswered.resolve(), ANSWER_MS);
    await this.#allAnswered.promise;
    clearTimeout(timer);
    return this.#measurements.text(this.#answered);
  });

  #checkAll(): void {
    if ([...this.#processes.keys()].every((id) => this.#answered.has(id))) this.#allAnswered.resolve();
  }
}
