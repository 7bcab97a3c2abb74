// Services that misbehave: the call fails within limits, the run reports the reason, and no credential leaks.
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

const CANARY = 'canary-of-the-workspace-71b2';
let workspace: Workspace;
let stub: Stub;
let elsewhere: Stub;
beforeAll(async () => {
  elsewhere = await startCallableStub({ catch: { answer: (response) => json(response, {}) } });
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'));
  stub = await startCallableStub({
    redirect: { answer: (response) => void response.writeHead(307, { location: `${elsewhere.origin}/catch` }).end() },
    bomb: {
      answer: (response) =>
        void response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(bomb),
    },
    endless: {
      answer: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const chunk = Buffer.alloc(64 * 1024, 'a');
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      },
    },
    hang: { answer: () => {} },
    cut: { answer: (response) => void response.destroy() },
    refuse: { answer: (response) => json(response, { error: 'no' }, 403) },
    fail: { answer: (response) => json(response, { error: 'broken' }, 500) },
    look: { answer: (response) => json(response, { fine: true }) },
    change: { method: 'POST', answer: (response) => json(response, { changed: true }) },
  });
  workspace = await openWorkspace({ seed: false });
  return () => Promise.all([workspace.close(), stub.close(), elsewhere.close()]);
});

let api: Api;
let id: string;
beforeAll(async () => {
  api = overTrpc(workspace);
  const auth = { type: 'API_TOKEN', token: CANARY } as const;
  id = (await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth }))
    .customerIntegrationId;
});
const call = (operation: string, more = {}) =>
  carryOut(api, aRun({ plan: aPlan(`${id}.${operation}`), selectedCustomerIntegrationIds: [id], ...more }));

test.each([
  ['redirect', 'upstream_redirect'],
  ['bomb', 'upstream_too_large'],
  ['endless', 'upstream_too_large'],
  ['refuse', 'upstream_error'],
])('a service that answers with %s fails the run with %s', async (operation, code) => {
  const started = Date.now();
  const { run, events } = await call(operation);

  expect(elsewhere.hits).toEqual([]);
  expect(run).toMatchObject({ status: 'FAILED', error: { code } });
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'FAILED', error: { code } });
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(elsewhere.connections()).toBe(0);
  expect(JSON.stringify([run, events])).not.toContain(CANARY);
});

test('a service that hangs costs at most the budget of the run', async () => {
  const started = Date.now();
  const { run } = await call('hang', { budget: { maxSeconds: 1 } });

  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'budget_exhausted' } });
  expect(Date.now() - started).toBeLessThan(8_000);
});

test.each(['fail', 'cut'])('a read with %s is retried, and then fails', async (operation) => {
  const before = stub.hits.length;
  const { run } = await call(operation);

  expect(run.status).toBe('FAILED');
  expect(stub.hits.length - before).toBeGreaterThan(1);
  expect(stub.hits.length - before).toBeLessThan(10);
});

test('a change before a failure makes the end a partial success', async () => {
  const steps = [
    { id: 'made', tool: `${id}.change` },
    { id: 'lost', tool: `${id}.refuse`, dependsOn: ['made'] },
  ];
  const { run, events } = await carryOut(
    api,
    aRun({ plan: { goal: 'g', steps }, selectedCustomerIntegrationIds: [id] }),
  );

  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'upstream_error' } });
  const ended = events.flatMap((event) => (event.type === 'step' ? [event.step.stepId] : []));
  expect(new Set(ended)).toEqual(new Set(['made', 'lost']));
});

const counting = { $: '$count(steps.lost.output.items)' };
const testing = { $: '$exists(steps.lost.output)' };
const lost = (more = {}) => ({ id: 'lost', tool: `${id}.refuse`, ...more });

test('a value that needs a failed step is null and named; outputs of other steps are present', async () => {
  const steps = [{ id: 'seen', tool: `${id}.look` }, lost()];
  const result = { fine: { $: 'steps.seen.output.fine' }, count: counting, there: testing };
  const { run } = await carryOut(api, aRun({ plan: { goal: 'g', steps, result } }));

  expect(run).toMatchObject({
    status: 'PARTIAL_SUCCESS',
    result: { fine: true, count: null, there: null },
    error: {
      message: expect.stringMatching(/The result has no "count" and "there": "refuse" at Stub failed\.$/),
      errors: [{ pointer: '/result/count' }, { pointer: '/result/there' }],
    },
  });
});

test('a run whose result reads only a failed step fails, unless it changed something', async () => {
  const result = { note: 'Counted.', count: counting, there: testing };
  const { run } = await carryOut(api, aRun({ plan: { goal: 'g', steps: [lost()], result } }));
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_error' } });
  expect(run).not.toHaveProperty('result');

  const steps = [{ id: 'made', tool: `${id}.change` }, lost({ dependsOn: ['made'] })];
  const wrote = await carryOut(api, aRun({ plan: { goal: 'g', steps, result } }));
  expect(wrote.run).toMatchObject({ status: 'PARTIAL_SUCCESS', error: { code: 'upstream_error' } });
});

test('a write that is not declared repeatable has an idempotency key', async () => {
  const before = stub.hits.length;
  await call('change');
  await call('change');

  const keys = stub.hits.slice(before).map(({ headers }) => headers['idempotency-key']);
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toMatch(/\S{8,}/);
});

test('a budget of calls ends the run with the results so far', async () => {
  const steps = ['a', 'b', 'c'].map((step, i, all) => ({
    id: step,
    tool: `${id}.look`,
    dependsOn: all.slice(Math.max(0, i - 1), i),
  }));
  const before = stub.hits.length;
  const plan = { goal: 'g', steps, result: { $: '{"a": steps.a.output, "c": steps.c.output}' } };
  const budget = { maxToolCalls: 2 };
  const { run } = await carryOut(api, aRun({ plan, budget, selectedCustomerIntegrationIds: [id] }));

  expect(['NO_SUCCESS', 'PARTIAL_SUCCESS']).toContain(run.status);
  expect(run.error?.code).toBe('budget_exhausted');
  expect(stub.hits.length - before).toBe(2);
});
