import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Definition, definitions, instanceMetrics, type MetricName } from './definitions.ts';

/** The content type of the text format. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

type TypeOf = { counter: Counter; gauge: Gauge; histogram: Histogram };
export type Meters = { [Name in MetricName]: TypeOf[(typeof definitions)[Name]['type']] };

/** Creates all metrics in a registry of their own. The metrics of the database have no value yet. */
export function createRegistry(): { registry: Registry; meters: Meters } {
  const registry = new Registry();
  const create = (name: string, { type, help, labels: labelNames, aggregator, buckets }: Definition) => {
    const options = { name, help, labelNames, aggregator, registers: [registry] };
    if (type === 'counter') return new Counter(options);
    return type === 'gauge' ? new Gauge(options) : new Histogram({ ...options, buckets: [...buckets!] });
  };
  const meters = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, create(name, definition)]),
  ) as Meters;
  clearInstanceMetrics(meters);
  return { registry, meters };
}

/** An absent value is unknown; a 0 would be a statement. */
export function clearInstanceMetrics(meters: Meters): void {
  for (const name of instanceMetrics) {
    meters[name].reset();
    if (definitions[name].labels.length === 0) meters[name].remove();
  }
}
