import { AggregatorRegistry } from 'prom-client';
import { boundedLabels } from './bounded-names.ts';

/** The values of all metrics of a process, as prom-client writes them: it can be sent to another process. */
export type Measurement = readonly MeasuredMetric[];
type MeasuredMetric = { name: string; type: unknown; values: readonly MeasuredValue[] };
type MeasuredValue = { value: number; labels: Readonly<Record<string, string | number | undefined>> };

/** The metrics of all processes of a supervisor, for one of them. */
export type GroupedMetrics = {
  /** Lets the supervisor measure this process. */
  attach(measure: () => Promise<Measurement>): void;
  /** The metrics of all processes. */
  text(): Promise<string>;
};

/** Adds up the measurements of processes. The counts of processes that ended are kept, because a counter must not fall. */
export class Measurements {
  readonly #labels = boundedLabels();
  readonly #last = new Map<number, Measurement>();
  #ended: Measurement[] = [];

  /** The last measurement of a process; later ones replace it. */
  set(processId: number, measurement: Measurement): void {
    this.#last.set(
      processId,
      measurement.map((metric) => this.#bound(metric)),
    );
  }

  /** The process has ended. */
  end(processId: number): void {
    const last = this.#last.get(processId);
    if (last) this.#ended.push(withoutState(last));
    this.#last.delete(processId);
  }

  /** @param answered ids of the processes whose last measurement is of this moment; of the others only the counts are used */
  async text(answered: ReadonlySet<number>): Promise<string> {
    const ended = this.#ended.splice(0);
    if (ended.length > 0) this.#ended.unshift((await combined(ended).getMetricsAsJSON()) as unknown as Measurement);
    const living = [...this.#last].map(([id, last]) => (answered.has(id) ? last : withoutState(last)));
    return combined([...living, ...this.#ended]).metrics();
  }

  #bound(metric: MeasuredMetric): MeasuredMetric {
    return { ...metric, values: metric.values.map((value) => ({ ...value, labels: this.#boundLabels(value.labels) })) };
  }

  #boundLabels(labels: MeasuredValue['labels']): MeasuredValue['labels'] {
    const { integration, model } = labels;
    if (typeof integration === 'string') return { ...labels, integration: this.#labels.integration.of(integration) };
    if (typeof model === 'string') return { ...labels, model: this.#labels.model.of(model) };
    return labels;
  }
}

const combined = (measurements: readonly Measurement[]) =>
  AggregatorRegistry.aggregate(measurements as unknown as object[]);

/** The counters and histograms. */
const withoutState = (measurement: Measurement): Measurement => measurement.filter(({ type }) => type !== 'gauge');
