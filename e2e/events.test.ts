// The stream of a run is ordered and without gaps, across cut connections and killed servers, until its end.
import { beforeAll, expect, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Frame, openStream } from './fixtures/frames.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let stack: Stack;
let stub: Stub;
let api: Api;
let tool: string;
let selectedCustomerIntegrationIds: string[];
// calls named `held` are answered when the gate opens
let gate: { opened: Promise<void>; open(): void };
const newGate = () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gate = { opened, open };
};

beforeAll(async () => {
  newGate();
  const named = { parameters: [{ name: 'name', in: 'query', schema: { type: 'string' } }] };
  stub = await startStub({
    look: {
      more: named,
      answer: async (response, { url }) => {
        if (url.includes('held')) await gate.opened;
        json(response, { seen: url });
      },
    },
    change: { method: 'POST', answer: (response, { body }) => json(response, { body }) },
  });
  stack = await startStack({ allow: [stub.origin], seed: false });
  api = overRest(stack);
  const integration = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
  selectedCustomerIntegrationIds = [integration.customerIntegrationId];
  tool = integration.customerIntegrationId;
  return () => {
    gate.open();
    return Promise.all([stack.close(), stub.close()]);
  };
});
const auth = { type: 'API_TOKEN', token: 'token-of-the-stub' } as const;

/** Two calls, a write, then a call that waits for the gate. */
const aSlowRun = () => {
  const look = (id: string, name: string, dependsOn: string[] = []) => ({
    id,
    tool: `${tool}.look`,
    args: { query: { name } },
    dependsOn,
  });
  const steps = [
    look('first', 'one'),
    look('second', 'two', ['first']),
    { id: 'third', tool: `${tool}.change`, dependsOn: ['second'] },
    look('fourth', 'held', ['third']),
  ];
  return aRun({ selectedCustomerIntegrationIds, plan: { goal: 'g', steps, result: 'done' } });
};

const idsOf = (frames: Frame[]) => frames.filter(({ event }) => event !== 'keepalive').map(({ id }) => Number(id));
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => i + from);

test.each([
  ['REST', overRest],
  ['tRPC', overTrpc],
])('the log is read from its end over %s', async (_, apiOver) => {
  const client = apiOver(stack);
  const steps = ['a', 'b', 'c'].map((id) => ({ id, tool: `${tool}.look`, args: { query: { name: id } } }));
  const plan = { goal: 'Look', steps };
  const { run, events } = await carryOut(api, aRun({ selectedCustomerIntegrationIds, plan }));
  const { runId } = run;
  const newestFirst = [...events].reverse();
  const listed = async (query: object) =>
    (await client.runs.events({ runId, includeToolCalls: true, ...query } as never)).events.map(({ seq }) => seq);
  expect(await listed({ order: 'desc' })).toEqual(newestFirst.map(({ seq }) => seq));
  expect(await listed({ order: 'desc', limit: 2 })).toEqual([5, 4]);
  expect(await listed({ order: 'desc', limit: 2, before: 4 })).toEqual([3, 2]);
  expect(await listed({ order: 'desc', before: 4, after: 2 })).toEqual([3]);
  expect(await listed({ before: 4, after: 1 })).toEqual([2, 3]);
  expect(await listed({ order: 'desc', before: 1 })).toEqual([]);
  const stranger = client.runs.events({ runId: '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01', order: 'desc', before: 1 });
  await expect(stranger).rejects.toMatchObject({ status: 404 });
});

test('ids count from 1 without gaps, the names are those of the events, and the server closes after the end', async () => {
  gate.open();
  const { runId } = await api.runs.create(aSlowRun());
  const stream = await openStream(stack, runId);
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const frames = await stream.rest();

  expect(idsOf(frames)).toEqual(upTo(frames.length));
  for (const { id, event, data } of frames) {
    expect(JSON.parse(data!)).toMatchObject({ seq: Number(id), type: event, runId });
  }
  expect(frames.map(({ event }) => event)).toEqual(['start', ...frames.slice(1, -1).map(() => 'step'), 'end']);
  expect(JSON.stringify(frames)).not.toContain('toolCalls');
  const full = await (await openStream(stack, runId, { query: '?includeToolCalls=true' })).rest();
  expect(JSON.stringify(full)).toContain('toolCalls');
});

test('a cut stream continues right after the last id, by header or parameter, the header first', async () => {
  newGate();
  const { runId } = await api.runs.create(aSlowRun());
  const first = await openStream(stack, runId);
  expect((await first.next())?.id).toBe('1');
  expect((await first.next())?.id).toBe('2');
  first.cut();
  const second = await openStream(stack, runId, { lastEventId: '2', query: '?after=0&progress=false' });
  const third = await openStream(stack, runId, { query: '?after=2&progress=false' });
  gate.open();

  const frames = await second.rest();
  expect(idsOf(frames)).toEqual(upTo(frames.length + 2, 3));
  expect(await third.rest()).toEqual(frames);
});

test('a finished run that was read to its end answers 204, over every replay the same events', async () => {
  const { run, events } = await carryOut(api, aSlowRun());
  const last = events.at(-1)!.seq;

  expect((await openStream(stack, run.runId, { lastEventId: String(last) })).status).toBe(204);
  expect(await request(stack, `/v1/runs/${run.runId}/sse?after=${last}`)).toMatchObject({ status: 204, text: '' });
  const replay = await (await openStream(stack, run.runId, { lastEventId: String(last - 1) })).rest();
  expect(idsOf(replay)).toEqual([last]);
});

test('a killed server continues where it stopped, and so do its streams', async () => {
  newGate();
  const before = stub.hits.length;
  const { runId } = await api.runs.create(aSlowRun());
  const stream = await openStream(stack, runId);
  const seenFrames: Frame[] = [];
  // until the third step has ended and the fourth has started
  while (!seenFrames.some(({ data }) => data?.includes('"stepId":"third"') && data.includes('"text":"Done'))) {
    seenFrames.push((await stream.next())!);
  }
  await expect.poll(() => stub.hits.slice(before).filter(({ url }) => url.includes('held')).length).toBe(1);
  // both clients resume on their own
  const followed = [overRest, overTrpc].map((apiOver) => eventsOf(apiOver(stack), runId));

  await stack.restart();
  stream.cut();
  const resumed = await openStream(stack, runId, { lastEventId: seenFrames.at(-1)!.id! });
  gate.open();
  const frames = [...seenFrames, ...(await resumed.rest())].filter(({ event }) => event !== 'keepalive');

  expect(idsOf(frames)).toEqual(upTo(frames.length));
  expect(frames.at(-1)?.event).toBe('end');
  expect(await api.runs.get({ runId })).toMatchObject({ status: 'SUCCESS', result: 'done' });
  const { events } = await api.runs.events({ runId });
  expect(frames.map(({ data }) => JSON.parse(data!))).toEqual(events);
  const hits = stub.hits.slice(before).map(({ operation, url }) => `${operation} ${url.split('name=')[1] ?? ''}`);
  expect(hits.filter((hit) => hit !== 'look held')).toEqual(['look one', 'look two', 'change ']);
  expect(await Promise.all(followed)).toEqual([events, events]);
});
