import { expect, test } from 'vitest';
import { toConfig } from './config.ts';
import type { Env } from './settings.ts';

const tracesOf = (env: Env) => toConfig(env).traces;
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test('there are traces only with an endpoint that nothing turns off', () => {
  const all = { ratio: 1, withContent: false };
  expect(tracesOf({})).toBeUndefined();
  expect(tracesOf(ENDPOINT)).toEqual(all);
  expect(tracesOf({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://a.example/v1/traces' })).toEqual(all);
  expect(tracesOf({ ...ENDPOINT, ERRAND_TRACE_CONTENT: 'true' })).toEqual({ ratio: 1, withContent: true });
  const ratio = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' };
  expect(tracesOf({ ...ENDPOINT, ...ratio })).toMatchObject({ ratio: 0.25 });
  for (const off of [
    { OTEL_SDK_DISABLED: 'true' },
    { OTEL_TRACES_EXPORTER: 'none' },
    { OTEL_TRACES_SAMPLER: 'always_off' },
  ])
    expect(tracesOf({ ...ENDPOINT, ...off })).toBeUndefined();
});

test.each<[string, Env]>([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' }],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['OTEL_TRACES_EXPORTER', { OTEL_TRACES_EXPORTER: 'zipkin' }],
  ['OTEL_TRACES_SAMPLER', { OTEL_TRACES_SAMPLER: 'jaeger_remote' }],
  ['OTEL_TRACES_SAMPLER_ARG', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' }],
  ['OTEL_TRACES_SAMPLER_ARG', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '-1' }],
  ['ERRAND_TRACE_CONTENT', { ERRAND_TRACE_CONTENT: 'yes' }],
])('a value of %s that cannot be used ends the start', (name, env) => {
  expect(() => toConfig({ ...ENDPOINT, ...env })).toThrow(name);
});
