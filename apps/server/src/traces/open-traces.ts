import { VERSION } from '@errand/api';
import type { Redactor } from '@errand/basics/redactor';
import type { Observer } from '@errand/ports/observer';
import type { Config } from '../config/config.ts';
import type { TraceLog } from './exporter.ts';

type TraceParts = { log: TraceLog; redactor: Redactor; closers: (() => Promise<void>)[] };

/** Opens the export of traces; undefined, and nothing is loaded, unless the settings name a collector. */
export async function openTraces(
  { traces, traceHeaders }: Pick<Config, 'traces' | 'traceHeaders'>,
  { log, redactor, closers }: TraceParts,
): Promise<Observer | undefined> {
  if (!traces) return undefined;
  for (const value of traceHeaders.flatMap(valuesOf)) redactor.add(value);
  const { openExporter } = await import('./exporter.ts');
  const { observer, close } = openExporter({ settings: traces, version: VERSION, log, redactor });
  closers.push(close);
  return observer;
}

/** The values in a list such as `authorization=Bearer%20abc,x-team=1`, as they are written and as they are sent. */
const valuesOf = (headers: string | undefined): string[] =>
  (headers ?? '').split(',').flatMap((header) => {
    const value = header.slice(header.indexOf('=') + 1).trim();
    return [
      value,
      value.replaceAll(/%[\da-f]{2}/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16))),
    ];
  });
