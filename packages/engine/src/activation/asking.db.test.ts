// What an event that asks says of its run, and an answer that comes while the run is still being worked on.
import { EventEmitter, once } from 'node:events';
import type { Run } from '@errand/contracts';
import { newId } from '@errand/db';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, follow, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
/** It advances one run at a time. */
let engine: Engine;
/** `look` has begun, and may end. */
let barrier: EventEmitter | undefined;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService({
    look: async () => {
      barrier?.emit('reached');
      await once(barrier!, 'free');
      return {};
    },
    make: () => ({}),
  });
  engine = await engines.engine(service.toolbox, { workers: { concurrency: 1 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  barrier?.emit('free');
  barrier = new EventEmitter();
});

const read = async (workspaceId: string, runId: string): Promise<Run> =>
  (await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: false })).value();

/** Creates a run that asks about `make` while `look` is under way. @returns the request, and its event */
async function askWhileBusy() {
  const workspaceId = newId();
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make'],
  ]);
  const reached = once(barrier!, 'reached');
  const { runId } = await engine.create(workspaceId, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  await reached;
  await expect.poll(async () => (await read(workspaceId, runId)).waitingOn).toHaveLength(1);
  const run = await read(workspaceId, runId);
  const event = run.events.find((candidate) => candidate.type === 'step')!;
  return { workspaceId, runId, run, event };
}

const statuses = (events: Run['events']) =>
  events.map(
    (candidate) =>
      `${candidate.type === 'step' ? `${candidate.step.stepId} ${candidate.step.approval}` : candidate.type} ${candidate.runStatus}`,
  );

test('the event of a decision request says PAUSED while another step runs, and the run RUNNING; the end of that step says RUNNING', async () => {
  const { workspaceId, runId, run, event } = await askWhileBusy();
  expect([run.status, statuses([event])]).toEqual(['RUNNING', ['b PENDING PAUSED']]);
  barrier!.emit('free');
  await expect.poll(async () => (await read(workspaceId, runId)).status).toBe('PAUSED');
  const { events } = await read(workspaceId, runId);
  expect(statuses(events)).toEqual(['start RUNNING', 'b PENDING PAUSED', 'a NOT_REQUIRED RUNNING', 'status PAUSED']);
  await engine.cancel(workspaceId, runId);
});

test('a decision while another step runs takes effect at once, and that step is not begun again', async () => {
  const { workspaceId, runId, event } = await askWhileBusy();
  if (event.type !== 'step') throw new Error('No step asked.');
  const before = service.calls('look');
  await engine.decideApproval(workspaceId, { approvalId: event.step.approvalId!, decision: 'approve' }, by);
  await expect.poll(async () => statuses((await read(workspaceId, runId)).events)).toContain('b APPROVED RUNNING');
  barrier!.emit('free');
  expect(statuses(await follow(engine, workspaceId, runId))).toEqual([
    'start RUNNING',
    'b PENDING PAUSED',
    'run_action RUNNING',
    'b APPROVED RUNNING',
    'a NOT_REQUIRED RUNNING',
    'end SUCCESS',
  ]);
  expect(service.calls('look')).toBe(before);
});
