import { createRedactor } from '@errand/basics/redactor';
import type { ToolSpec } from '@errand/contracts';
import type { Work } from '@errand/ports/observer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { createTracer, type TracerOptions } from './tracer.ts';

const RUN = { workspaceId: '0192f0c1-0000-7000-8000-000000000001', runId: '0192f0c1-7e2a-7c33-9a10-3c5b7d9e1f20' };
const ACTIVATION = { ...RUN, activation: 1, deaths: 0 };

const DELIVERY = {
  ...RUN,
  webhookId: 'w',
  type: 'run.end',
  attempt: 2,
  url: 'https://a:b@hooks.example:8443/path-secret?k=v',
};

function tracerWith(options: Partial<TracerOptions> = {}, secrets: readonly string[] = ['secret']) {
  const spans: ReadableSpan[] = [];
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  const tracer = createTracer({
    ratio: 1,
    withContent: false,
    redactor,
    resource: {} as TracerOptions['resource'],
    export: (span) => spans.push(span),
    ...options,
  });
  return { tracer, spans, redactor };
}

const aTool = (operation: string): ToolSpec =>
  ({ customerIntegrationId: 'crm_1', integrationName: operation, operation, effect: 'read' }) as ToolSpec;
const aCall = (operation: string): Work => ({
  kind: 'call',
  toolCallId: 'a',
  tool: aTool(operation),
  attempt: 1,
  args: { token: 'secret' },
});

test('names and values of services are bounded, and well-formed', () => {
  const { tracer, spans } = tracerWith();
  const hostile = '😀'.repeat(10_000);
  const activation = tracer.activation(ACTIVATION)!;
  const works: Work[] = [
    aCall(hostile),
    { kind: 'request', method: 'GET', origin: 'http://127.0.0.1:1', template: `/${hostile}` },
    { kind: 'request', method: 'POST', origin: 'https://a.example', mcp: `tools/call ${hostile}` },
    { kind: 'step', stepId: hostile, tool: hostile },
    { kind: 'model', model: hostile },
  ];
  for (const work of works) activation.begin(work).end({ error: hostile, madeBy: hostile, state: 'failed' });
  expect(spans).toHaveLength(5);
  for (const { name, attributes } of spans) {
    const texts = [name, ...Object.values(attributes)].filter((text) => typeof text === 'string');
    for (const text of texts) expect(text.length).toBeLessThanOrEqual(512);
    for (const text of texts) expect(text.isWellFormed()).toBe(true);
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(16);
  }
});

test('no name and no value of a service contains a secret, also if it becomes known during the call', () => {
  const { tracer, spans, redactor } = tracerWith({}, []);
  const hidden = 'bot12345:token';
  const padded = `${'x'.repeat(256 - 5)}${hidden}${'x'.repeat(300)}`;
  const activation = tracer.activation(ACTIVATION)!;
  const observe = (text: string) => [
    activation.begin({ ...aCall(text), toolCallId: text } as Work),
    activation.begin({
      kind: 'request',
      method: 'GET',
      origin: `http://${hidden.slice(0, 8)}.example`,
      template: text,
    }),
    activation.begin({ kind: 'request', method: 'POST', origin: 'https://a.example', mcp: `tools/call ${text}` }),
    activation.begin({ kind: 'step', stepId: text, tool: text }),
    activation.begin({ kind: 'model', model: text }),
  ];
  const open = [hidden, padded].flatMap(observe);
  redactor.add(hidden);
  redactor.add(hidden.slice(0, 8));
  for (const span of open) span.end({ error: padded, madeBy: hidden });
  for (const span of observe(hidden)) span.end({ error: hidden, madeBy: padded });
  expect(spans).toHaveLength(15);
  expect(JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]))).not.toMatch(/bot1/);
  expect(spans[0]!.name).toBe('execute_tool [secret]');
});

test('arguments and results are absent, or redacted and bounded', () => {
  for (const withContent of [false, true]) {
    const { tracer, spans } = tracerWith({ withContent });
    const output = { text: `secret ${'x'.repeat(100_000)}` };
    tracer.activation(ACTIVATION)!.begin(aCall('list')).end({ output });
    const { attributes } = spans[0]!;
    expect(JSON.stringify(attributes)).not.toMatch(/[^[]secret/);
    expect('gen_ai.tool.call.arguments' in attributes).toBe(withContent);
    expect(String(attributes['gen_ai.tool.call.result'] ?? '').length).toBe(withContent ? 8192 : 0);
  }
});

test('a secret at the border of a long result is redacted, wherever the border cuts it', () => {
  const secret = 'k3y/'.repeat(40);
  const { tracer, spans } = tracerWith({ withContent: true }, [secret, 'secret']);
  const activation = tracer.activation(ACTIVATION)!;
  for (let at = 8192 - secret.length; at < 8192 + 2 * secret.length; at += 7)
    activation.begin(aCall('list')).end({ output: `${'x'.repeat(at)}${secret}${'secret '.repeat(5000)}` });
  // Its redacted text is shorter, so that later parts of the result move before the border.
  for (let n = 1; n < 60; n++) activation.begin(aCall('list')).end({ output: `${secret}${'x'.repeat(n)}`.repeat(900) });
  for (const { attributes } of spans) {
    expect(String(attributes['gen_ai.tool.call.result']).length).toBeLessThanOrEqual(8192);
    expect(attributes['gen_ai.tool.call.result']).not.toMatch(/k3y|[^[]secre/);
  }
});

test('only the beginning of a long result is redacted', () => {
  const { redact, redactName, longest } = createRedactor();
  const redacted: string[] = [];
  const redactor = {
    longest,
    redactName,
    redact(text: string) {
      redacted.push(text);
      return redact(text);
    },
  };
  const { tracer } = tracerWith({ withContent: true, redactor });
  const output = { rows: new Array(20_000).fill('abcdefghij') };
  tracer.activation(ACTIVATION)!.begin(aCall('list')).end({ output });
  expect(redacted.join('').length).toBeLessThan(10_000);
});

test('arguments are redacted with the secrets that are known when the call ends', () => {
  const { tracer, spans, redactor } = tracerWith({ withContent: true }, []);
  const call = tracer.activation(ACTIVATION)!.begin(aCall('list'));
  redactor.add('secret');
  call.end({});
  expect(spans[0]!.attributes['gen_ai.tool.call.arguments']).toBe('{"token":"[secret]"}');
});

test('a span ends once, and a child names its parent', () => {
  const { tracer, spans } = tracerWith();
  const activation = tracer.activation(ACTIVATION)!;
  const plan = activation.begin({ kind: 'plan', isReplan: false });
  plan.end({ state: 'plan' });
  plan.end({ error: 'late' });
  activation.end({ error: 'lease_lost' });
  expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
    ['plan', 0],
    ['activation', 2],
  ]);
  expect(spans[0]!.parentSpanContext?.spanId).toBe(spans[1]!.spanContext().spanId);
  expect(spans[1]!.parentSpanContext?.spanId).toBe('9a103c5b7d9e1f20');
  expect(activation.traceparent).toBe(`00-${RUN.runId.replaceAll('-', '')}-${spans[1]!.spanContext().spanId}-01`);
});

test('a delivery is a child of the root, and names the origin of its webhook alone', () => {
  const { tracer, spans } = tracerWith();
  const deliveries = [1, 2].map(() => tracer.delivery(DELIVERY)!);
  deliveries[0]!.end({ error: 'upstream_timeout' });
  deliveries[1]!.end({ status: 200 });
  expect(spans.map(({ name, kind, status }) => [name, kind, status.code])).toEqual([
    ['webhook run.end', 2, 2],
    ['webhook run.end', 2, 0],
  ]);
  expect(spans[1]!.attributes).toMatchObject({
    'url.full': 'https://hooks.example:8443',
    'http.request.method': 'POST',
    'http.response.status_code': 200,
    'errand.run.id': RUN.runId,
    'errand.webhook.id': 'w',
    'errand.delivery.attempt': 2,
  });
  for (const [n, span] of spans.entries()) {
    const { traceId, spanId } = span.spanContext();
    expect(deliveries[n]!.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect([traceId, span.parentSpanContext?.spanId]).toEqual([RUN.runId.replaceAll('-', ''), '9a103c5b7d9e1f20']);
    expect(JSON.stringify(span.attributes)).not.toMatch(/path-secret|a:b/);
  }
  expect(deliveries[0]!.traceparent).not.toBe(deliveries[1]!.traceparent);
});

test('a run that is not sampled has no span at all', () => {
  const { tracer, spans } = tracerWith({ ratio: 0 });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(tracer.activation(ACTIVATION)).toBeUndefined();
  expect(tracer.delivery(DELIVERY)).toBeUndefined();
  tracer.runStored({ ...RUN, traceparent });
  tracer.runFinished({ ...RUN, status: 'SUCCESS', startedAt: null, endedAt: '2026-01-01T00:00:00.000Z' });
  expect(spans).toEqual([]);
});

test('a run that was cancelled before it started has a root without length, and a bad traceparent is ignored', () => {
  const { tracer, spans } = tracerWith();
  tracer.runStored({ ...RUN, traceparent: 'nonsense' });
  tracer.runFinished({
    ...RUN,
    status: 'CANCELED',
    code: 'canceled',
    startedAt: null,
    endedAt: '2026-01-01T00:00:00.000Z',
  });
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ name: 'invoke_agent errand', duration: [0, 0], status: { code: 2 } });
});
