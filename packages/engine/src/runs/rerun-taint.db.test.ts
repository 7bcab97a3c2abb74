// Answers that a rerun takes over taint it as they tainted the earlier run.
import { RerunInput, type Run, type ToolSpec } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { scriptedPlanner } from '../testing/planner.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let lenient: Engine;
const script = scriptedPlanner();
const OUT = 'out_0000000b';

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const { listing } = service.toolbox;
  const send: ToolSpec = {
    ...listing.tools[2]!,
    operation: 'send',
    name: `${OUT}.send`,
    customerIntegrationId: OUT,
    path: '/send',
  };
  listing.tools.push(send);
  const { planner } = script;
  engine = await engines.engine(service.toolbox, { planner, approvalPolicy: { taint: true } });
  lenient = await engines.engine(service.toolbox, { planner, work: false });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  script.reset();
});

const selected = { selectedCustomerIntegrationIds: ['svc_0000000a', OUT] };
const send = { id: 'send', tool: `${OUT}.send`, args: { text: 'Hello' } };

async function rerunUntilWaiting(workspaceId: string, runId: string, from: string) {
  const { input, ...origin } = await engine.prepareRerun(
    workspaceId,
    RerunInput.parse({ runId, mode: 'same_plan', from }),
  );
  service.seen.length = 0;
  const created = await engine.create(workspaceId, input, { ...origin, rerunOf: runId });
  return untilWaiting(engine, aRun(), workspaceId, created.runId);
}
const approve = async (run: Run & { workspaceId: string }) => {
  const { approvalId } = run.waitingOn[0] as { approvalId: string };
  await engine.decideApproval(run.workspaceId, { approvalId, decision: 'approve' }, by);
  await follow(engine, run.workspaceId, run.runId);
};

test('a taken-over read taints writes to other integrations, and the preview says so', async () => {
  const reads = aPlan([['read', 'find']]);
  const plan = { ...reads, steps: [...reads.steps, { ...send, dependsOn: ['read'] }] };
  const first = await untilWaiting(engine, aRun({ ...selected, plan }));
  await approve(first);
  const preview = await engine.previewRerun(first.workspaceId, { runId: first.runId, from: 'send' });
  expect(preview).toMatchObject({ takenOver: [{ stepId: 'read' }], runsAgain: [{ needsApproval: true }] });
  const free = await lenient.previewRerun(first.workspaceId, { runId: first.runId, from: 'send' });
  expect(free.runsAgain).toMatchObject([{ stepId: 'send', needsApproval: false }]);
  const run = await rerunUntilWaiting(first.workspaceId, first.runId, 'send');
  expect([run.waitingOn.length, service.seen]).toEqual([1, []]);
});

test('so does a read of an earlier plan of the run, which its last plan omits, also in a rerun of the rerun', async () => {
  const find = { id: 'a', tool: 'svc_0000000a.find', args: {} };
  script.plans = [
    { goal: 'Test', steps: [find], then: 'plan', mayWrite: [`${OUT}.send`] } as never,
    { goal: 'Test', steps: [send] } as never,
  ];
  let run = await untilWaiting(engine, aRun({ ...selected, intent: 'Send Hello' }));
  expect([run.error, script.faults]).toEqual([undefined, []]);
  for (let again = 0; again < 2; again++) {
    await approve(run);
    run = await rerunUntilWaiting(run.workspaceId, run.runId, 'send');
    expect([run.waitingOn.length, service.seen]).toEqual([1, []]);
  }
});

test('a run without such a read needs no approval', async () => {
  const { run, workspaceId } = await finish(engine, aRun({ ...selected, plan: { goal: 'Test', steps: [send] } }));
  expect(run.status).toBe('SUCCESS');
  const again = await rerunUntilWaiting(workspaceId, run.runId, 'send');
  expect([again.status, service.seen.length]).toEqual(['SUCCESS', 1]);
});
