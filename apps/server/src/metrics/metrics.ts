import { withTimeout } from '@errand/basics/with-timeout';
import type { Db, LoadReader, LoadReading } from '@errand/db';
import { EventCounts } from './business-events.ts';
import { setInstanceValues } from './instance-values.ts';
import type { Measurement } from './measurement.ts';
import { ProcessValues } from './process-values.ts';
import { clearInstanceMetrics, createRegistry } from './registry.ts';
import { shared } from './shared-text.ts';

export type MetricsDeps = {
  db: Pick<Db, 'poolUse'>;
  load: LoadReader;
  /** Replaces secrets in labels. */
  redact: (text: string) => string;
  /** Whether this process reads the values of the whole instance. */
  readsInstance: () => boolean;
  /** Maximum wait of a scrape for the database, in ms. */
  waitMs?: number;
};

/** Less than a supervisor waits for its processes, in ms. */
const WAIT_MS = 1500;
/** A reading of the database that is older is not shown, in ms. */
const RECENT_MS = 60_000;

/** The metrics of a process. Until the first scrape, or `turnOn`, nothing is counted or measured. */
export class Metrics {
  readonly events: EventCounts;
  #latest: { reading: LoadReading; at: number } | undefined;
  #running: ReturnType<Metrics['start']> | undefined;

  constructor(private readonly deps: MetricsDeps) {
    this.events = new EventCounts(deps.redact);
  }

  turnOn(): void {
    this.#running ??= this.start();
  }

  /** In the text format of Prometheus. */
  readonly text = shared(async () => (await this.#read()).metrics());

  async measure(): Promise<Measurement> {
    return (await (await this.#read()).getMetricsAsJSON()) as unknown as Measurement;
  }

  close(): void {
    this.#running?.processValues.close();
  }

  private start() {
    const { registry, meters } = createRegistry();
    this.events.countIn(meters);
    return { registry, meters, processValues: new ProcessValues(meters, this.deps.db) };
  }

  async #read() {
    this.turnOn();
    const { registry, meters, processValues } = this.#running!;
    if (this.deps.readsInstance()) setInstanceValues(meters, await this.#readInstance());
    else clearInstanceMetrics(meters);
    processValues.read();
    return registry;
  }

  // A scraper does not wait for a slow database: it gets the reading before, while that is recent.
  async #readInstance(): Promise<LoadReading> {
    const reading = this.deps.load.read().then((done) => {
      this.#latest = { reading: done, at: performance.now() };
      return done;
    });
    try {
      return await withTimeout(this.deps.waitMs ?? WAIT_MS, reading);
    } catch {
      const isRecent = this.#latest !== undefined && performance.now() - this.#latest.at < RECENT_MS;
      return isRecent ? this.#latest!.reading : { isUp: false, load: {} };
    }
  }
}
