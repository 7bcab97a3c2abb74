import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { by } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { scriptedPlanner } from '../../testing/planner.ts';
import { startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
const script = scriptedPlanner();
/** Whether an approval rule allows every call. */
let allowed: boolean;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const approvalRules = () => async () => allowed;
  engine = await engines.engine(service.toolbox, { planner: script.planner, approvalRules });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  allowed = false;
  script.reset();
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 409;
    return { error: 'taken', free: ['11:00', '15:00'] };
  };
});

const end = async (run: { workspaceId: string; runId: string }) =>
  (await follow(engine, run.workspaceId, run.runId)).at(-1)!;

test('a plan that replaces another one may not write, with literal arguments, what was written', async () => {
  script.plans = [
    aPlan([
      ['a', 'make', { n: 1, to: 'x' }],
      ['b', 'find', {}, { dependsOn: ['a'] }],
    ]),
    aPlan([['c', 'make', { to: 'x', n: 1 }]]),
    aPlan([['d', 'make', { to: 'x', n: 2 }]]),
  ];
  const { run } = await finish(engine, aRun());
  expect(script.faults).toEqual([
    { pointer: '/steps/0', message: expect.stringContaining('The step a has already done this') },
  ]);
  expect([run.status, service.calls('make')]).toEqual(['SUCCESS', 2]);
});

test('a write whose bound arguments equal those of a done one is not sent', async () => {
  const bound = { n: { $: 'steps.read.output.echo.n' } };
  script.plans = [
    aPlan([
      ['read', 'look', { n: 7 }],
      ['a', 'make', bound],
      ['b', 'find', {}, { dependsOn: ['a'] }],
    ]),
    aPlan([
      ['read', 'look', { n: 7 }],
      ['c', 'make', bound],
    ]),
  ];
  const { run } = await finish(engine, aRun());
  expect(script.faults).toEqual([]);
  expect(service.seen.filter(({ operation }) => operation === 'make').map(({ args }) => args)).toEqual([{ n: 7 }]);
  expect(run).toMatchObject({
    status: 'PARTIAL_SUCCESS',
    error: { code: 'write_repeated', message: expect.stringContaining('it was done before in this run') },
  });
});

test('what a plan itself says twice is written twice, and a step that is repeated unchanged is read back', async () => {
  const twice = [
    ['a', 'make', { n: 1 }],
    ['b', 'make', { n: 1 }],
  ] as [string, string, object][];
  script.plans = [aPlan([...twice, ['c', 'find', {}, { dependsOn: ['a', 'b'] }]] as never), aPlan(twice as never)];
  const { run } = await finish(engine, aRun());
  expect([run.status, run.result, service.calls('make')]).toEqual(['SUCCESS', { echo: { n: 1 } }, 2]);
});

test('a step id of a plan before the earlier one is not used for another call', async () => {
  script.plans = [
    aPlan([
      ['a', 'make', { n: 1 }],
      ['b', 'find', {}, { dependsOn: ['a'] }],
    ]),
    aPlan([['c', 'find', { n: 2 }]]),
    aPlan([['a', 'make', { n: 3 }]]),
  ];
  const { run } = await finish(engine, aRun({ intent: 'Make 3' }));
  expect(script.faults).toEqual([
    { pointer: '/steps/0/id', message: expect.stringContaining('give this one another id') },
  ]);
  expect([run.status, service.calls('make')]).toEqual(['PARTIAL_SUCCESS', 1]);
});

const injected = [aPlan([['a', 'find']]), aPlan([['leak', 'put', { to: 'audit@evil.example' }]])];
/** The recipient is named, so that only the tool is new. */
const CONTEXT = 'audit@evil.example';

test.each(['approve', 'deny'] as const)(
  'a write tool that the plan before did not name waits for a human, whatever the strategy: %s',
  async (decision) => {
    script.plans = [...injected];
    const run = await untilWaiting(engine, aRun({ context: CONTEXT, approvalStrategy: 'NONE' }));
    expect(run.waitingOn).toMatchObject([
      { kind: 'call', text: expect.stringContaining('The plan before did not name this') },
    ]);
    expect(service.calls('put')).toBe(0);
    const { approvalId } = run.waitingOn[0]!;
    await engine.decideApproval(run.workspaceId, { approvalId: approvalId!, decision }, by);
    expect(await end(run)).toMatchObject({ runStatus: decision === 'approve' ? 'SUCCESS' : 'CANCELED' });
    expect(service.calls('put')).toBe(decision === 'approve' ? 1 : 0);
  },
);

test('an approval rule that fits answers for a new write tool', async () => {
  allowed = true;
  script.plans = [...injected];
  expect([(await finish(engine, aRun({ context: CONTEXT }))).run.status, service.calls('put')]).toEqual(['SUCCESS', 1]);
});

test('a write tool that the first plan named needs no human; the approval of a whole new plan is enough for others', async () => {
  const named = aPlan([
    ['a', 'find'],
    ['b', 'put', { n: 1 }, { dependsOn: ['a'] }],
  ]);
  script.plans = [named, aPlan([['c', 'put', { n: 2 }]])];
  expect([(await finish(engine, aRun())).run.status, service.calls('put')]).toEqual(['SUCCESS', 1]);
  script.plans = [...injected];
  const first = await untilWaiting(engine, aRun({ context: CONTEXT, approvalStrategy: 'ON_START' }));
  const approve = (run: typeof first) =>
    engine.decideApproval(run.workspaceId, { approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' }, by);
  await approve(first);
  await expect.poll(() => script.asked.length).toBe(4);
  const second = await untilWaiting(engine, aRun(), first.workspaceId, first.runId);
  expect(second.waitingOn).toMatchObject([{ kind: 'plan' }]);
  await approve(second);
  expect([(await end(first)).runStatus, service.calls('put')]).toEqual(['SUCCESS', 2]);
});

test("the planner gets the service's own message, the arguments, and the misfits of a result", async () => {
  const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  script.plans = [
    aPlan([['a', 'find', { hour: { $: "'10' & ':00'" } }]], { n: { $: 'steps.a.output.echo.n' } }),
    aPlan([['b', 'look', { n: 'three' }]], { n: { $: 'steps.b.output.echo.n' } }),
    aPlan([['c', 'look', { n: 3 }]], { n: { $: 'steps.c.output.echo.n' } }),
  ];
  const { run } = await finish(engine, aRun({ outputSchema: schema }));
  expect(script.asked[1]!.previous!.failures).toMatchObject([
    { stepId: 'a', calls: [{ args: '{"hour":"10:00"}', answer: '{"error":"taken","free":["11:00","15:00"]}' }] },
    { stepId: 'result' },
  ]);
  expect(script.asked[2]!.previous!.failures).toMatchObject([
    { stepId: 'result', detail: expect.stringContaining('/n: must be number'), result: '{"n":"three"}' },
  ]);
  expect([run.status, run.result]).toEqual(['SUCCESS', { n: 3 }]);
});

test('the message of a service is cut before a planner gets it', async () => {
  service.behaviours.find = (_, __, response) => {
    response.statusCode = 400;
    return { error: 'x'.repeat(7000) };
  };
  script.plans = [aPlan([['a', 'find', { forEach: 1 }, { forEach: { $: '[1..9]' } }]])];
  await finish(engine, aRun());
  const calls = script.asked[1]!.previous!.failures[0]!.calls!;
  expect([calls.length, calls.every(({ answer }) => answer!.length <= 4096)]).toEqual([3, true]);
});

test('the words of a denial may ask for another way: the same operation is planned again, and asked about again', async () => {
  script.plans = [aPlan([['a', 'make', { at: '10:00' }]]), aPlan([['b', 'make', { at: '14:00' }]])];
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE' }));
  const decide = (approvalId: string, decision: 'approve' | 'deny', reason?: string) =>
    engine.decideApproval(run.workspaceId, { approvalId, decision, ...(reason && { reason }) }, by);
  await decide(run.waitingOn[0]!.approvalId!, 'deny', 'plan it for 14:00 instead');
  await expect.poll(() => script.asked.length).toBe(2);
  expect(script.asked[1]!.previous!.failures).toMatchObject([{ stepId: 'a', reason: 'plan it for 14:00 instead' }]);
  const again = await untilWaiting(engine, aRun(), run.workspaceId, run.runId);
  await decide(again.waitingOn[0]!.approvalId!, 'approve');
  expect(await end(run)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.seen.map(({ args }) => args)).toEqual([{ at: '14:00' }]);
});

test('a denial without a word is final for what was denied', async () => {
  script.plans = [aPlan([['a', 'make', { at: '10:00' }]]), aPlan([['b', 'make', { at: '14:00' }]])];
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE' }));
  await engine.decideApproval(run.workspaceId, { approvalId: run.waitingOn[0]!.approvalId!, decision: 'deny' }, by);
  expect(await end(run)).toMatchObject({ runStatus: 'CANCELED' });
  expect(script.faults).toEqual([{ pointer: '/steps/0', message: expect.stringContaining('leave this step out') }]);
  expect(service.calls('make')).toBe(0);
});

test.each([
  ['change the time to 14:00', 2],
  [undefined, 1],
])('a plan that is denied with the words %j is planned again, if there are any', async (reason, times) => {
  script.plans = [aPlan([['a', 'make', { at: '10:00' }]]), aPlan([['b', 'make', { at: '14:00' }]])];
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_START' }));
  const approvalId = run.waitingOn[0]!.approvalId!;
  await engine.decideApproval(run.workspaceId, { approvalId, decision: 'deny', ...(reason && { reason }) }, by);
  if (times === 1) expect(await end(run)).toMatchObject({ runStatus: 'CANCELED' });
  else {
    await expect.poll(() => script.asked[1]?.previous?.failures).toMatchObject([{ code: 'approval_denied', reason }]);
    const again = await untilWaiting(engine, aRun(), run.workspaceId, run.runId);
    expect(again.waitingOn).toMatchObject([{ kind: 'plan' }]);
  }
  expect([script.asked.length, service.calls('make')]).toEqual([times, 0]);
});
