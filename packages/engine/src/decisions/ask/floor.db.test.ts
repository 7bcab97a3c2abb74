// Floors are looked at when a call is made, also within an activation that began before they were raised.
import type { ApprovalStrategy } from '@errand/contracts';
import { newId } from '@errand/db';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { approvalsOf, startApprovals } from '../../testing/approvals.ts';
import { aPlan, aRun, follow } from '../../testing/engine.ts';

let fixture: Awaited<ReturnType<typeof startApprovals>>;
let { service, engine, decide } = {} as typeof fixture;
let floor: ApprovalStrategy;
beforeAll(async () => {
  fixture = await startApprovals(inject('postgres'));
  ({ service, engine, decide } = fixture);
  service.toolbox.approvalFloor = async () => floor;
});
afterAll(() => fixture.close());

/** A write that holds until told; then another write. @returns the run, once the first is in flight and the floor was raised */
async function raisedMeanwhile(to: ApprovalStrategy) {
  floor = 'NONE';
  service.seen.length = 0;
  let sent = () => {};
  const inFlight = new Promise<void>((resolve) => {
    sent = resolve;
  });
  let release = () => {};
  const untilReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  service.behaviours.make = async ({ args }) => {
    sent();
    if ((args as { n: number }).n === 1) await untilReleased;
    return { ok: true };
  };
  const plan = aPlan([
    ['a', 'make', { n: 1 }],
    ['b', 'make', { n: 2, after: { $: 'steps.a.output.ok' } }],
  ]);
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan }));
  await inFlight;
  floor = to;
  release();
  const run = async () => ({
    workspaceId,
    ...(await engine.getRun(workspaceId, { runId, includeEvents: true, includeToolCalls: false })).value(),
  });
  await expect.poll(async () => (await run()).status, { timeout: 60_000, interval: 20 }).toBe('PAUSED');
  expect(service.seen).toHaveLength(1);
  return run();
}

test('a floor that is raised while a call is in flight holds for the next call', async () => {
  const run = await raisedMeanwhile('ON_WRITE');
  expect(run.waitingOn).toMatchObject([{ kind: 'call' }]);
  await decide(run, approvalsOf(run)[0]!, 'approve');
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.seen).toHaveLength(2);
});

test.each([
  ['approve', 'SUCCESS', 2],
  ['deny', 'PARTIAL_SUCCESS', 1],
] as const)(
  'one that comes to ask for the plan asks before the next call; %s ends in %s',
  async (decision, end, calls) => {
    const run = await raisedMeanwhile('ON_START');
    expect(run.waitingOn).toMatchObject([{ kind: 'plan' }]);
    await decide(run, approvalsOf(run)[0]!, decision);
    expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: end });
    expect(service.seen).toHaveLength(calls);
  },
);
