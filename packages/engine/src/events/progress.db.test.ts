import { newId } from '@errand/db';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

type Engines = Awaited<ReturnType<typeof startEngines>>;
let engines: Engines;
let service: Awaited<ReturnType<typeof startService>>;
let working: Engine;
/** Another process, which carries out nothing. */
let serving: Engine;
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const calls = { backoffMs: 5, maxBackoffMs: 10 };
  working = await engines.engine(service.toolbox, { callPolicy: calls });
  serving = await engines.engine(service.toolbox, { callPolicy: calls, work: false });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

type ReceivedEvent = { id: string; type: string; data: { type: string } & Record<string, unknown> };

/** Follows a run to its end. */
function watch(engine: Engine, workspaceId: string, runId: string, { progress = true, after = 0 } = {}) {
  const received: ReceivedEvent[] = [];
  const view = { runId, after, includeToolCalls: false, progress };
  const ended = (async () => {
    const stream = await engine.streamEvents(workspaceId, view, AbortSignal.timeout(20_000));
    for await (const { id, event, data } of stream ?? []) received.push({ id, type: event, data: JSON.parse(data) });
  })();
  return {
    seen: received,
    over: ended,
    told: () => received.filter(({ type }) => type === 'progress').map(({ data }) => data),
  };
}

/** Answers once `release` was called. */
function heldCall() {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { released, release };
}

test('calls that begin and that are tried again are told, here and in another process, and are in no log', async () => {
  const workspaceId = newId();
  const [looked, tried] = [heldCall(), heldCall()];
  let attempts = 0;
  service.behaviours.look = async () => {
    await looked.released;
    return { ok: true };
  };
  service.behaviours.find = async (_, __, response) => {
    if (++attempts === 1) {
      response.writeHead(503).end('{}');
      return null;
    }
    await tried.released;
    return {};
  };
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'find', {}, { dependsOn: ['a'] }],
  ]);
  const { runId } = await working.create(workspaceId, aRun({ plan }));
  const here = watch(working, workspaceId, runId);
  const there = watch(serving, workspaceId, runId);
  const deaf = watch(serving, workspaceId, runId, { progress: false });
  // A stream is told of what begins after it; the other process asks for that first.
  await expect.poll(() => there.told().length + here.told().length).toBeGreaterThan(0);
  await expect.poll(() => there.told()).toMatchObject([{ stepId: 'a', state: 'running', attempt: 1 }]);
  looked.release();
  await expect.poll(() => there.told().at(-1)).toMatchObject({ runId, stepId: 'b', state: 'retrying', attempt: 2 });
  await expect.poll(() => here.told().at(-1)).toMatchObject({ stepId: 'b', state: 'retrying', at: expect.any(String) });
  tried.release();
  await Promise.all([here.over, there.over, deaf.over]);

  const log = await working.listEvents(workspaceId, { runId, after: 0, limit: 100, includeToolCalls: false });
  const types = log.value().events.map(({ type }) => type);
  expect(types).toEqual(['start', 'step', 'step', 'end']);
  for (const { seen } of [here, there, deaf])
    expect(seen.filter(({ type }) => type !== 'progress').map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  expect(deaf.told()).toEqual([]);
  // The id of such a frame is that of the event before it: a reader that resumes there misses nothing.
  for (const [index, { id, type }] of here.seen.entries())
    if (type === 'progress') expect(id).toBe(here.seen[index - 1]?.id ?? '0');
  const again = watch(serving, workspaceId, runId, { after: 2 });
  await again.over;
  expect(again.seen.map(({ type }) => type)).toEqual(['step', 'end']);
});

test('a slow reader of a run with many calls gets the calls in flight when it reads', async () => {
  const workspaceId = newId();
  const items = Array.from({ length: 400 }, (_, n) => n);
  const gate = heldCall();
  service.behaviours.look = async () => {
    await gate.released;
    return {};
  };
  const plan = aPlan([['a', 'look', { n: { $: 'item' } }, { forEach: { $: JSON.stringify(items) } }]], 'done');
  const { runId } = await working.create(workspaceId, aRun({ plan }));
  const slow = await working.streamEvents(
    workspaceId,
    { runId, after: 0, includeToolCalls: false, progress: true },
    AbortSignal.timeout(20_000),
  );
  const there = watch(serving, workspaceId, runId);
  await expect.poll(() => there.told().length).toBe(8);
  gate.release();
  await there.over;
  const frames = [];
  for await (const frame of slow ?? []) frames.push(frame);
  expect(service.calls('look')).toBeGreaterThanOrEqual(400);
  expect(frames.filter(({ isTransient }) => isTransient).length).toBeLessThanOrEqual(16);
  expect(frames.at(-1)!.event).toBe('end');
});
