// Two processes of one machine: what happens in one to a run that the other one carries out.
import { newId } from '@errand/db';
import type { SiblingHandlers, Siblings } from '@errand/ports/siblings';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

type Engines = Awaited<ReturnType<typeof startEngines>>;
let engines: Engines;
let service: Awaited<ReturnType<typeof startService>>;
let leader: Engine;
/** It creates and reads, and carries out nothing. */
let serving: Engine;
let linesArrive = true;

/** Siblings that send each other lines within this process. */
function twoSiblings(): Siblings[] {
  const handlers: SiblingHandlers[] = [];
  return [0, 1].map((id) => ({
    machineId: 'machine',
    ids: () => [1 - id],
    isLeader: () => id === 0,
    send: (to, line) => {
      if (linesArrive) setImmediate(() => handlers[to]!.onLines(id, [line]));
    },
    listen: (given) => {
      handlers[id] = given;
    },
  }));
}

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const [first, second] = twoSiblings();
  leader = await engines.engine(service.toolbox, { siblings: first });
  serving = await engines.engine(service.toolbox, { siblings: second, work: false });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

/** A call that is answered once `release` was called, and `arrived` once it was made. */
function heldCall() {
  let [release, arrive] = [() => {}, () => {}];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  service.behaviours.look = async () => {
    arrive();
    await released;
    return {};
  };
  return { release, arrived };
}

const twoCalls = () =>
  aRun({
    plan: aPlan([
      ['a', 'look'],
      ['b', 'look', {}, { dependsOn: ['a'] }],
    ]),
  });

test.each([true, false])('a stream in a sibling gets all events, whether lines arrive (%s) or not', async (arrive) => {
  linesArrive = arrive;
  const { release, arrived } = heldCall();
  const workspaceId = newId();
  const { runId } = await leader.create(workspaceId, twoCalls());
  await arrived;
  const [there, here] = [follow(serving, workspaceId, runId), follow(leader, workspaceId, runId)];
  release();
  expect(await there).toEqual(await here);
  linesArrive = true;
});

test('a run that is created in one process and carried out by its sibling is streamed from both', async () => {
  const { release } = heldCall();
  release();
  const workspaceId = newId();
  const { runId } = await serving.create(workspaceId, twoCalls());
  const [there, here] = await Promise.all([follow(leader, workspaceId, runId), follow(serving, workspaceId, runId)]);
  expect(there).toEqual(here);
  expect(here.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
});

test('a run that is cancelled in a sibling ends at once for the streams of both, and its call is aborted', async () => {
  const { release, arrived } = heldCall();
  const workspaceId = newId();
  const { runId } = await leader.create(workspaceId, twoCalls());
  await arrived;
  const streams = [follow(leader, workspaceId, runId), follow(serving, workspaceId, runId)];
  await serving.cancel(workspaceId, runId);
  const [there, here] = await Promise.all(streams);
  release();
  expect(there).toEqual(here);
  expect(here!.at(-1)).toMatchObject({ type: 'end', runStatus: 'CANCELED' });
});

test('a stream of another workspace gets nothing', async () => {
  const { release, arrived } = heldCall();
  const { runId } = await leader.create(newId(), twoCalls());
  await arrived;
  await expect(follow(serving, newId(), runId)).rejects.toMatchObject({ code: 'not_found' });
  release();
});
