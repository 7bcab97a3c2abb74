// What callers see of a run whose events, or whose outputs, are past their time.
import { removeOld } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let workspaceId: string;
let runId: string;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox);
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(async () => {
  const done = await finish(engine, aRun({ plan: aPlan([['a', 'look']], { found: true }) }));
  workspaceId = done.workspaceId;
  runId = done.run.runId;
});

const connect = async () => {
  const client = new pg.Client({ connectionString: engines.url });
  await client.connect();
  return client;
};
// A thousandth of a second is as good as a year: what has ended is past its time.
const remove = async (ages: Parameters<typeof removeOld>[1]) => {
  await expect.poll(() => removeOld(connect, ages, new AbortController().signal)).toMatchObject({});
};
const MOMENT = 1 / 86_400_000;
const all = { after: 0, limit: 100, includeToolCalls: true };

async function streamed(after: number) {
  const events = await engine.streamEvents(
    workspaceId,
    { runId, after, includeToolCalls: false },
    AbortSignal.timeout(5000),
  );
  if (!events) return null;
  const statuses = [];
  for await (const event of events) statuses.push({ id: event.id, ...JSON.parse(event.data) });
  return statuses;
}

test('of a run whose events are gone its end is left, in every view, under the number it had', async () => {
  const before = (await engine.listEvents(workspaceId, { runId, ...all })).value().events;
  const end = before.at(-1)!;
  expect(before.map((event) => event.type)).toEqual(['start', 'step', 'end']);
  await remove({ eventDays: MOMENT });

  expect((await engine.listEvents(workspaceId, { runId, ...all })).value().events).toEqual([end]);
  expect((await engine.listEvents(workspaceId, { runId, ...all, after: 2 })).value().events).toEqual([end]);
  expect((await engine.listEvents(workspaceId, { runId, ...all, after: 3 })).value().events).toEqual([]);
  expect(await streamed(0)).toEqual([{ id: '3', ...end }]);
  expect(await streamed(3)).toBeNull();
  await expect(streamed(4)).rejects.toMatchObject({ code: 'invalid_event_id' });

  const run = (await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: true })).value();
  expect(run).toMatchObject({ status: 'SUCCESS', result: { found: true }, events: [end], eventsTruncated: true });
  const page = { sort: '-createdAt' as const, page: 1, pageSize: 10, includeEvents: true, includeToolCalls: true };
  const { runs } = (await engine.listRuns(workspaceId, page)).value();
  expect(runs).toMatchObject([{ events: [end], eventsTruncated: true }]);
  const plain = (await engine.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false })).value();
  expect(plain.eventsTruncated).toBeUndefined();
});

test('a run without its outputs shows when they were removed, and which tools it called', async () => {
  await remove({ outputDays: MOMENT });
  const run = (await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: true })).value();
  expect(run.status).toBe('SUCCESS');
  expect(run).not.toHaveProperty('result');
  expect(run.outputsRemovedAt).toMatch(/^\d{4}-/);
  expect(run.events.at(-1)).not.toHaveProperty('result');
  const step = run.events.find((event) => event.type === 'step');
  expect(step?.step.toolCalls).toMatchObject([
    {
      toolName: expect.stringMatching(/\.look$/),
      toolParameters: {},
      toolResult: { executionResult: { error: { code: 'expired' } } },
    },
  ]);
});

test('a run that is gone is not found, and one that is open keeps all', async () => {
  service.behaviours.look = () => undefined;
  const open = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await expect.poll(() => service.calls('look')).toBeGreaterThan(0);
  await remove({ runDays: MOMENT });
  await expect(
    engine.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false }),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(streamed(0)).rejects.toMatchObject({ code: 'not_found' });
  const run = (
    await engine.getRun(workspaceId, { runId: open.runId, includeEvents: true, includeToolCalls: false })
  ).value();
  expect(run.events.map((event) => event.type)).toEqual(['start']);
  await engine.cancel(workspaceId, open.runId);
});
