// Traces, as a collector receives them. docs/telemetry.md shows the trace of the main job; run with -u to write it again.
import { readFile } from 'node:fs/promises';
import type { Run } from '@errand/contracts';
import { errands } from '@errand/demo';
import { expect, onTestFinished, test } from 'vitest';
import { slowTest } from '../fixtures/combine.ts';
import { type Sink, type SinkSpan, startSink, treeOf } from '../fixtures/otlp-sink.ts';
import { startServer } from '../fixtures/server.ts';
import { type Stack, stackForTest } from '../fixtures/stack.ts';

async function openSink(options?: Parameters<typeof startSink>[0]): Promise<Sink> {
  const sink = await startSink(options);
  onTestFinished(() => sink.close());
  return sink;
}

type Reached = Pick<Stack, 'url' | 'apiKey'>;

async function request(
  stack: Reached,
  path: string,
  body?: object,
  { method = body ? 'POST' : 'GET', ...headers }: { method?: string; [header: string]: string | undefined } = {},
) {
  const response = await fetch(`${stack.url}/v1${path}`, {
    method,
    headers: { 'x-api-key': stack.apiKey, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as unknown;
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

const runToEnd = (stack: Stack, errand: object, headers: Record<string, string> = {}) =>
  request(stack, '/runs', errand, { prefer: 'wait=30', ...headers }) as Promise<Run>;

/** Waits until the collector has the root of the trace, which is exported last. */
async function traceOf(sink: Sink, runId: string): Promise<SinkSpan[]> {
  const isComplete = () => {
    const spans = sink.spansOf(runId);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    return spans.some(({ parentId }) => !parentId) && spans.every(({ parentId }) => !parentId || ids.has(parentId));
  };
  await expect.poll(isComplete, { timeout: 15_000 }).toBe(true);
  return sink.spansOf(runId);
}

const ATTRIBUTES = ['errand.run.status', 'errand.integration.name', 'url.full', 'http.response.status_code'];
const CALLER = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('the trace of the main job leads from the run to its HTTP request, as the docs show it', async () => {
  const sink = await openSink();
  const stack = await stackForTest({ env: sink.env });
  const run = await runToEnd(stack, errands.salesSummary, { traceparent: CALLER });
  expect(run.status).toBe('SUCCESS');

  const spans = await traceOf(sink, run.runId);
  await expect.poll(() => sink.spansOf(run.runId).map(({ name }) => name)).toContain('create run');
  const tree = treeOf(
    sink.spansOf(run.runId).filter(({ name }) => name !== 'create run'),
    ATTRIBUTES,
  ).replaceAll(stack.crm.url, 'https://crm.example.com');
  const docs = await readFile(new URL('../../docs/telemetry.md', import.meta.url), 'utf8');
  expect(docs).toContain(`\`\`\`text\n${tree}\n\`\`\``);

  const [link] = sink.spansOf(run.runId).flatMap(({ links }) => links);
  expect(link).toEqual({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' });
  const root = spans.find(({ parentId }) => !parentId)!;
  expect(root.spanId).toBe(run.runId.replaceAll('-', '').slice(16));
  expect(root.resource).toMatchObject({ 'service.name': 'errand', 'service.version': expect.any(String) });
  const http = spans.find(({ kind }) => kind === 3)!;
  expect(http.attributes).toMatchObject({ 'http.request.method': 'GET', 'server.address': '127.0.0.1' });
});

slowTest('activations in two processes join one trace', async () => {
  const sink = await openSink();
  const stack = await stackForTest({ env: { ...sink.env, ERRAND_ROLE: 'http' } });
  const env = { ...sink.env, ERRAND_ROLE: 'worker', ERRAND_EGRESS_ALLOW: stack.crm.url };
  const work = () => startServer({ databaseUrl: stack.databaseUrl, dataDir: stack.dataDir, env });
  const first = await work();
  const errand = { ...errands.logCall, approvalStrategy: 'ON_WRITE' };
  const waiting = await runToEnd(stack, errand);
  expect(waiting.status).toBe('PAUSED');
  // In order: its spans are exported before it ends.
  expect(await first.end()).toBe(0);
  const second = await work();
  onTestFinished(async () => void (await second.end()));
  await request(stack, `/approvals/${waiting.waitingOn[0]!.approvalId}`, { decision: 'approve' });
  await expect
    .poll(async () => ((await request(stack, `/runs/${waiting.runId}`)) as Run).status, { timeout: 15_000 })
    .toBe('SUCCESS');

  const spans = await traceOf(sink, waiting.runId);
  const activations = spans.filter(({ name }) => name === 'activation');
  expect(activations.map(({ attributes }) => attributes['errand.activation.number'])).toEqual([1, 2]);
  expect(new Set(activations.map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([waiting.runId.replaceAll('-', '')]));
  const call = spans.find(({ name }) => name === 'execute_tool createActivity')!;
  expect(call.resource['service.instance.id']).toBe(activations[1]!.resource['service.instance.id']);
});

const integrationsOf = (stack: Stack) =>
  request(stack, '/integrations') as Promise<{ customerIntegrationId: string }[]>;

test('calls carry the trace of their run only to integrations that want it, also without a collector', async () => {
  const stack = await stackForTest();
  const [crm] = await integrationsOf(stack);
  const sentTo = async () => {
    const { runId } = await runToEnd(stack, errands.salesSummary);
    return { runId, traceparent: stack.crm.requests.at(-1)!.headers.traceparent };
  };
  expect((await sentTo()).traceparent).toBeUndefined();
  await request(
    stack,
    `/integrations/${crm!.customerIntegrationId}`,
    { rules: { traceparent: true } },
    { method: 'PATCH' },
  );
  await expect.poll(async () => (await sentTo()).traceparent, { timeout: 15_000 }).toBeDefined();
  const { runId, traceparent } = await sentTo();
  const hex = runId.replaceAll('-', '');
  expect(traceparent).toBe(`00-${hex}-${hex.slice(16)}-00`);
});

const CANARIES = { intent: 'canaryintent', context: 'canarycontext', argument: 'canaryargument', user: 'canaryuser' };

const canaryRun = (token: string) => ({
  intent: `${CANARIES.intent} of Northwind`,
  context: CANARIES.context,
  userId: CANARIES.user,
  selectedCustomerIntegrationIds: ['*'],
  plan: (crm: string) => ({
    goal: CANARIES.intent,
    steps: [{ id: 'a', tool: `${crm}.listAccounts`, args: { query: { name: `${CANARIES.argument} ${token}` } } }],
    result: { $: 'steps.a.output' },
  }),
});

async function bytesOfCanaryRun(env: Record<string, string>) {
  const sink = await openSink();
  const stack = await stackForTest({ env: { ...sink.env, ...env } });
  const [crm] = await integrationsOf(stack);
  const { plan, ...errand } = canaryRun(stack.crm.token);
  const run = await runToEnd(stack, { ...errand, plan: plan(crm!.customerIntegrationId) });
  expect(run.status).not.toBe('FAILED');
  await traceOf(sink, run.runId);
  return { text: Buffer.concat(sink.bodies).toString('latin1'), sink, stack };
}

test('no intent, argument, result, user or secret leaves with a trace', async () => {
  const { text, sink, stack } = await bytesOfCanaryRun({
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector-key-1',
  });
  expect(text).toContain('execute_tool listAccounts');
  for (const canary of [...Object.values(CANARIES), stack.crm.token, stack.apiKey, 'collector-key-1'])
    expect(text).not.toContain(canary);
  expect(sink.headers[0]).toMatchObject({ authorization: 'Bearer collector-key-1' });
  expect(stack.log()).not.toContain('collector-key-1');
});

slowTest('with ERRAND_TRACE_CONTENT arguments and results leave, without secrets', async () => {
  const { text, stack } = await bytesOfCanaryRun({ ERRAND_TRACE_CONTENT: 'true' });
  expect(text).toContain(CANARIES.argument);
  expect(text).toContain('gen_ai.tool.call.result');
  for (const canary of [CANARIES.intent, stack.crm.token, stack.apiKey]) expect(text).not.toContain(canary);
});

slowTest.each([
  ['refuses connections', async () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })],
  ['never answers', async () => (await openSink({ answers: false })).env],
])('a collector that %s delays no run and no stop', async (_, envOf) => {
  const stack = await stackForTest({ env: { OTEL_BSP_SCHEDULE_DELAY: '50', ...(await envOf()) } });
  for (let n = 0; n < 3; n++) expect((await runToEnd(stack, errands.salesSummary)).status).toBe('SUCCESS');
  expect(await stack.end()).toBe(0);
});
