import { ConfigError, parseBoolean, parseChoice } from './setting.ts';
import type { CompleteEnv } from './settings.ts';

/** `ratio`: the fraction of runs that are traced. `withContent`: whether spans contain arguments and results. */
export type TraceSettings = { ratio: number; withContent: boolean };

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** The settings of traces; undefined if no endpoint is set. The exporter reads the other variables `OTEL_*` itself. */
export function tracesOf(env: CompleteEnv): TraceSettings | undefined {
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const)
    checkEndpoint(name, env[name]);
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const withContent = parseBoolean('ERRAND_TRACE_CONTENT', env.ERRAND_TRACE_CONTENT);
  const ratio = ratioOf(env);
  const exporter = parseChoice('OTEL_TRACES_EXPORTER', env.OTEL_TRACES_EXPORTER ?? 'otlp', ['otlp', 'none']);
  for (const name of ['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] as const)
    parseChoice(name, env[name] ?? 'http/protobuf', ['http/protobuf']);
  const isDisabled = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || exporter === 'none' || ratio === 0;
  return endpoint === undefined || isDisabled ? undefined : { ratio, withContent };
}

function checkEndpoint(name: string, value: string | undefined): void {
  if (value === undefined || (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))) return;
  throw new ConfigError(name, 'must be an http or https URL such as http://127.0.0.1:4318.');
}

function ratioOf(env: CompleteEnv): number {
  const sampler = parseChoice('OTEL_TRACES_SAMPLER', env.OTEL_TRACES_SAMPLER ?? 'always_on', SAMPLERS);
  if (sampler.endsWith('always_off')) return 0;
  if (sampler.endsWith('always_on')) return 1;
  const text = env.OTEL_TRACES_SAMPLER_ARG ?? '1';
  const ratio = /^(?:0|1|0?\.\d{1,15}|[01]\.0{1,15}|0\.\d{1,15})$/.test(text) ? Number(text) : Number.NaN;
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new ConfigError('OTEL_TRACES_SAMPLER_ARG', `must be a number from 0 to 1 such as 0.1, not "${text}".`);
}
