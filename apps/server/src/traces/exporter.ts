// Loaded only if an endpoint is set: the SDK, and the export to a collector.
import type { Redactor } from '@errand/basics/redactor';
import { withTimeout } from '@errand/basics/with-timeout';
import type { Observer } from '@errand/ports/observer';
import { diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import type { TraceSettings } from '../config/traces.ts';
import { createTracer } from './tracer.ts';

/** Longest wait for the last export when the process ends, in ms. */
const FLUSH_MS = 3000;

export type TraceLog = Pick<Logger, 'info' | 'warn'>;

type ExporterOptions = { settings: TraceSettings; version: string; log: TraceLog; redactor: Redactor };

/** Opens the export of traces to the collector that the variables `OTEL_*` name. */
export function openExporter({ settings, version, log, redactor }: ExporterOptions): {
  observer: Pick<Observer, 'activation' | 'runStored' | 'runFinished'>;
  close: () => Promise<void>;
} {
  // The SDK logs texts of the collector.
  diag.disable();
  const names = { 'service.name': 'errand', 'service.version': version, 'service.instance.id': crypto.randomUUID() };
  const resource = defaultResource()
    .merge(resourceFromAttributes(names))
    .merge(detectResources({ detectors: [envDetector] }));
  const processor = new BatchSpanProcessor(watched(new OTLPTraceExporter(), log));
  const { ratio, withContent } = settings;
  return {
    observer: createTracer({ ratio, withContent, redactor, resource, export: (span) => processor.onEnd(span) }),
    close: () => withTimeout(FLUSH_MS, processor.shutdown()).catch(() => {}),
  };
}

/** Logs the first failure of an outage, and its end. Spans of a failed export are lost. */
function watched(exporter: SpanExporter, log: TraceLog): SpanExporter {
  let isFailing = false;
  return {
    export: (spans: ReadableSpan[], done) =>
      exporter.export(spans, (result) => {
        const { code, error } = result;
        const fails = code !== 0;
        // The text of the error may contain the answer of the collector.
        const reason = (error as { code?: unknown } | undefined)?.code;
        if (fails && !isFailing)
          log.warn({ code: reason, spans: spans.length }, 'Traces cannot be exported; these spans are lost.');
        if (!fails && isFailing) log.info({}, 'Traces are exported again.');
        isFailing = fails;
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
  };
}
