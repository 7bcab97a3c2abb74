// Times of steps and calls, their attempts and arguments, and progress while they run.
import type { RunEvent, ToolCall } from '@errand/contracts';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { openFrames } from './fixtures/frames.ts';
import { ended } from './fixtures/office.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let stub: Stub;
let workspace: Workspace;
let api: Api;
let id: string;
let release = () => {};
let released: Promise<void>;
const hold = () => {
  released = new Promise((resolve) => {
    release = resolve;
  });
};
let failures = 0;
/** Duration of the other steps, in ms. */
let takes = 0;
const later = (answer: () => void) => void setTimeout(answer, takes);
beforeAll(async () => {
  stub = await startCallableStub({
    slow: { answer: (response) => void released.then(() => json(response, { found: [1, 2] })) },
    flaky: {
      answer: (response) => later(() => (failures-- > 0 ? response.writeHead(503).end() : json(response, {}))),
    },
    broken: { method: 'POST', answer: (response) => later(() => response.writeHead(422).end()) },
  });
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  const auth = { type: 'NONE' } as const;
  const integration = await api.integrations.create({ name: 'Depot', kind: 'openapi', document: stub.document, auth });
  id = integration.customerIntegrationId;
  return async () => {
    await workspace.close();
    await stub.close();
  };
});

const plan = () => ({
  goal: 'Fetch',
  steps: [
    { id: 'slow', tool: `${id}.slow` },
    { id: 'flaky', tool: `${id}.flaky`, dependsOn: ['slow'] },
    { id: 'broken', tool: `${id}.broken`, dependsOn: ['flaky'] },
    { id: 'never', tool: `${id}.slow`, dependsOn: ['broken'] },
  ],
});
const create = async () => (await api.runs.create(aRun({ selectedCustomerIntegrationIds: [id], plan: plan() }))).runId;

test('steps and calls show their times, attempts, effects and requests everywhere', async () => {
  hold();
  failures = 1;
  const begun = Date.now();
  const runId = await create();
  await expect.poll(() => stub.hits.length).toBe(1);
  setTimeout(release, 60);
  const { events } = await ended(api, runId);
  const steps = events.flatMap((event) => (event.type === 'step' ? [event.step] : []));
  expect(steps.map(({ stepId, title, state }) => [stepId, title, state])).toEqual([
    ['slow', 'Depot: Slow', 'done'],
    ['flaky', 'Depot: Flaky', 'done'],
    ['broken', 'Depot: Broken', 'failed'],
    ['never', 'Depot: Slow', 'blocked'],
  ]);
  const calls = steps.flatMap(({ toolCalls = [] }) => toolCalls);
  const host = new URL(stub.origin).host;
  expect(calls.map(({ state, effect, attempts, request }) => ({ state, effect, attempts, request }))).toEqual([
    { state: 'done', effect: 'read', attempts: 1, request: { method: 'GET', host, path: '/slow' } },
    { state: 'done', effect: 'read', attempts: 2, request: { method: 'GET', host, path: '/flaky' } },
    { state: 'failed', effect: 'write', attempts: 1, request: undefined },
  ]);
  const ms = (text: string | undefined) => Date.parse(text!);
  expect(calls.map(({ status }) => status)).toEqual([200, 200, 422]);
  expect([calls[0]!.idempotencyKey, calls[1]!.idempotencyKey]).toEqual([undefined, undefined]);
  expect(calls[2]!.idempotencyKey).toBe(stub.hits.at(-1)!.headers['idempotency-key']);
  const times = { startedAt: expect.any(String), endedAt: expect.any(String) };
  expect(calls.map(({ attemptTimes }) => attemptTimes)).toEqual([
    undefined,
    [
      { ...times, outcome: 'failed', status: 503 },
      { ...times, outcome: 'done', status: 200 },
    ],
    undefined,
  ]);
  const [first, second] = calls[1]!.attemptTimes!;
  expect(ms(second!.startedAt)).toBeGreaterThanOrEqual(ms(first!.endedAt));
  for (const [index, call] of calls.entries()) {
    const step = steps[index]!;
    expect(ms(call.startedAt)).toBe(ms(step.startedAt));
    expect(ms(call.endedAt)).toBeGreaterThanOrEqual(ms(call.startedAt));
    expect(ms(step.endedAt)).toBeGreaterThanOrEqual(ms(step.startedAt));
    expect(Math.abs(ms(call.startedAt) - begun)).toBeLessThan(30_000);
  }
  expect(ms(calls[0]!.endedAt) - ms(calls[0]!.startedAt)).toBeGreaterThanOrEqual(50);
  expect(ms(calls[1]!.startedAt)).toBeGreaterThanOrEqual(ms(steps[0]!.endedAt) - 5);
  expect(steps[3]).not.toHaveProperty('startedAt');

  const listed = (await api.runs.events({ runId, includeToolCalls: true })).events;
  expect(listed).toEqual(events);
  const streamed: RunEvent[] = [];
  for await (const event of overTrpc(workspace).runs.stream({ runId, includeToolCalls: true })) streamed.push(event);
  expect(streamed).toEqual(events);
  expect(await api.runs.toolCall({ runId, toolCallId: 'flaky' })).toEqual(calls[1] satisfies ToolCall | undefined);
});

test('only a live stream reports slow and repeated calls, in frames without ids', async () => {
  hold();
  takes = 200;
  failures = 1;
  const runId = await create();
  const live = await openFrames(workspace, `/v1/runs/${runId}/sse`);
  const quiet = await openFrames(workspace, `/v1/runs/${runId}/sse?progress=false`);
  const notices: unknown[] = [];
  const otherStream = overTrpc(workspace).runs.stream({ runId, progress: true });
  const overTrpcToo = (async () => {
    for await (const frame of otherStream) if ((frame.type as string) === 'progress') notices.push(frame);
  })();
  await expect.poll(() => stub.hits.at(-1)?.operation).toBe('slow');
  release();
  const frames = await live.rest();
  await overTrpcToo;
  const progress = frames.filter(({ event }) => event === 'progress');
  expect(progress.every((frame) => frame.id === undefined)).toBe(true);
  const progressOfOthers = progress.map(({ data }) => JSON.parse(data!)).filter(({ stepId }) => stepId !== 'slow');
  const flaky = { type: 'progress', runId, stepId: 'flaky', at: expect.any(String) };
  expect(progressOfOthers).toEqual([
    { ...flaky, state: 'running', attempt: 1 },
    { ...flaky, state: 'retrying', attempt: 2 },
    { ...flaky, stepId: 'broken', state: 'running', attempt: 1 },
  ]);
  expect(notices).toContainEqual(progressOfOthers[1]);
  const ids = frames.flatMap((frame) => frame.id ?? []);
  expect(ids).toEqual(ids.map((_, index) => String(index + 1)));
  expect((await quiet.rest()).map(({ event }) => event)).not.toContain('progress');
  const again = await openFrames(workspace, `/v1/runs/${runId}/sse`);
  expect((await again.rest()).map(({ event }) => event)).not.toContain('progress');
  const wrong = await openFrames(workspace, `/v1/runs/${runId}/sse?progress=1`);
  expect([wrong.status, await wrong.problem()]).toMatchObject([400, { code: 'validation_failed' }]);
});
