import { newId } from '@errand/db';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aKey, approvalsOf, by, parallel, startApprovals } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { INTEGRATION } from '../../testing/service.ts';

let fixture: Awaited<ReturnType<typeof startApprovals>>;
let { service, engine, decide } = {} as typeof fixture;

beforeAll(async () => {
  fixture = await startApprovals(inject('postgres'));
  ({ service, engine, decide } = fixture);
});
afterAll(() => fixture.close());
beforeEach(() => {
  service.seen.length = 0;
});

test('an expired approval is a denial; a decision that comes later changes nothing', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const hasty = await freshEngines.engine(service.toolbox, {
    requestLifetimes: { approvalMs: 150 },
    workers: { watchMs: 50 },
  });
  const { events, run, workspaceId } = await finish(
    hasty,
    aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) }),
  );
  expect(run.status).toBe('CANCELED');
  const action = events.find((e) => e.type === 'run_action');
  expect(action).toMatchObject({ action: 'deny', reason: 'expired' });
  const late = hasty.decideApproval(workspaceId, { approvalId: action!.approvalId, decision: 'approve' }, by);
  await expect(late).rejects.toMatchObject({ code: 'approval_gone' });
  expect(service.calls('make')).toBe(0);
  await freshEngines.close();
});

test('a budget that runs out and a cancelled run void what is open', async () => {
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(2) }));
  await engine.cancel(run.workspaceId, run.runId);
  for (const id of approvalsOf(run)) {
    await expect(decide(run, id, 'approve')).rejects.toMatchObject({ code: 'approval_gone' });
  }
  const poor = await untilWaiting(
    engine,
    aRun({
      approvalStrategy: 'ON_WRITE',
      budget: { maxToolCalls: 1 },
      plan: aPlan([
        ['a', 'make'],
        ['b', 'make', { n: 2 }],
        ['c', 'look', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  await decide(poor, approvalsOf(poor)[0]!, 'approve');
  const end = (await follow(engine, poor.workspaceId, poor.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'budget_exhausted' } });
  await expect(decide(poor, approvalsOf(poor)[1]!, 'approve')).rejects.toMatchObject({ code: 'approval_gone' });
});

test('the key that asked may not approve where that is the rule', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const strict = await freshEngines.engine(service.toolbox, { fourEyes: true });
  const workspaceId = newId();
  const input = aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) });
  const { runId } = await strict.create(workspaceId, input, { by });
  const run = await untilWaiting(strict, input, workspaceId, runId);
  const approvalId = approvalsOf(run)[0]!;
  const own1 = strict.decideApproval(workspaceId, { approvalId, decision: 'approve' }, by);
  await expect(own1).rejects.toMatchObject({ code: 'self_approval' });
  const rotated = { ...by, apiKeyId: newId() };
  await expect(strict.decideApproval(workspaceId, { approvalId, decision: 'approve' }, rotated)).rejects.toMatchObject({
    code: 'self_approval',
  });
  await strict.decideApproval(workspaceId, { approvalId, decision: 'approve' }, aKey('er_test_…zzzz'));
  expect((await follow(strict, workspaceId, runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  await freshEngines.close();
});

test('links to decisions are made when an event is read, for those who may decide', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const links = {
    approvalLinks: (_: string, id: string) => [{ action: 'approve' as const, url: `https://errand.test/${id}` }],
    questionLink: (_: string, id: string) => `https://errand.test/${id}`,
    inputLink: (_: string, id: string) => `https://errand.test/${id}`,
    consentLink: () => '',
  };
  const linked = await freshEngines.engine(service.toolbox, { links });
  const run = await untilWaiting(linked, aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) }));
  const view = { runId: run.runId, after: 0, limit: 100, includeToolCalls: false };
  const [visible, hidden] = await Promise.all([
    linked.listEvents(run.workspaceId, { ...view, reader: by }).then((page) => page.value().events),
    linked.listEvents(run.workspaceId, view).then((page) => page.value().events),
  ]);
  const url = `https://errand.test/${approvalsOf(run)[0]}`;
  expect(visible[1]).toMatchObject({ step: { approvalActions: [{ action: 'approve', url }] } });
  expect(JSON.stringify(hidden)).not.toContain('errand.test');
  expect(JSON.stringify(await freshEngines.query('SELECT data FROM run_event', []))).not.toContain('errand.test');
  await freshEngines.close();
});

test('a write after reading elsewhere needs approval where taint is watched', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const wary = await freshEngines.engine(service.toolbox, { approvalPolicy: { taint: true } });
  const { listing } = service.toolbox;
  const before = listing.tools;
  const otherId = 'other_0000000b';
  const post = {
    ...before.find((tool) => tool.operation === 'make')!,
    customerIntegrationId: otherId,
    name: `${otherId}.make`,
  };
  listing.tools = [...before, post];
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { x: { $: 'steps.a.output.echo' } }],
  ]);
  expect((await finish(wary, aRun({ plan }))).run.status).toBe('SUCCESS');
  const foreign = { ...plan, steps: [plan.steps[0]!, { ...plan.steps[1]!, tool: `${otherId}.make` }] };
  const run = await untilWaiting(wary, aRun({ plan: foreign }));
  expect(run.waitingOn[0]?.text).toMatch(/^Make at Service with x /);
  listing.tools = before;
  await freshEngines.close();
});

test('a missing consent blocks the steps that need it; a consent continues them, a refusal denies them', async () => {
  const { toolbox } = service;
  const missingCredentials = toolbox.missingCredentials;
  let missing = true;
  toolbox.missingCredentials = async () =>
    missing ? [{ customerIntegrationId: INTEGRATION, integrationName: 'Service' }] : [];
  const input = aRun({ userId: 'ann', plan: aPlan([['a', 'make']]) });
  const runs = [await untilWaiting(engine, input), await untilWaiting(engine, input)];
  expect(runs.map((run) => run.status)).toEqual(['AUTH_REQUIRED', 'AUTH_REQUIRED']);
  expect(runs[0]!.events[1]).toMatchObject({ type: 'authentication', auth: { status: 'required' } });
  const consent = { customerIntegrationId: INTEGRATION, userId: 'ann', by };
  expect(await engine.decideConsent(newId(), { ...consent, success: true })).toBe(0);
  expect(await engine.decideConsent(runs[1]!.workspaceId, { ...consent, success: false })).toBe(1);
  const refused = (await follow(engine, runs[1]!.workspaceId, runs[1]!.runId)).at(-1);
  expect(refused).toMatchObject({ runStatus: 'FAILED', error: { code: 'consent_denied' } });
  missing = false;
  await engine.decideConsent(runs[0]!.workspaceId, { ...consent, success: true });
  const events = await follow(engine, runs[0]!.workspaceId, runs[0]!.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(events.filter((e) => e.type === 'authentication').map((e) => e.auth.status)).toEqual(['required', 'success']);
  toolbox.missingCredentials = missingCredentials;
});

test('a credential that is stored while a run is about to request it is not waited for', async () => {
  const { toolbox } = service;
  const { call, missingCredentials } = toolbox;
  let refused = 0;
  // The user stores another token after the service refused the old one, and before the request is written: nobody answers it.
  toolbox.call = async (request) =>
    refused++ > 0
      ? call(request)
      : { ok: false, code: 'credential_missing', message: 'refused', retryable: false, effectKnown: 'no' };
  const { run, events } = await finish(engine, aRun({ userId: 'ben', plan: aPlan([['a', 'make']]) }));
  expect(run.status).toBe('SUCCESS');
  expect(events.filter((e) => e.type === 'authentication').map((e) => e.auth.status)).toEqual(['required', 'success']);
  Object.assign(toolbox, { call, missingCredentials });
});

test('an answer that comes while its run lets go is not lost', async () => {
  const { toolbox } = service;
  const { missingCredentials } = toolbox;
  const consent = { customerIntegrationId: INTEGRATION, userId: 'flo', by };
  const credential = { customerIntegrationId: INTEGRATION, integrationName: 'Service' };
  const workspaceId = newId();
  let checks = 0;
  toolbox.missingCredentials = async () => {
    checks++;
    // The run asks at the first check. At the second its request is written, and it is about to wait for the answer.
    if (checks === 2) expect(await engine.decideConsent(workspaceId, { ...consent, success: true })).toBe(1);
    return checks <= 2 ? [credential] : [];
  };
  const { run, events } = await finish(engine, aRun({ userId: 'flo', plan: aPlan([['a', 'make']]) }), workspaceId);
  expect(run).toMatchObject({ status: 'SUCCESS' });
  expect(events.filter(({ type }) => type === 'status')).toEqual([]);
  toolbox.missingCredentials = missingCredentials;
});

test('a user who refuses to give another credential denies the step', async () => {
  const { toolbox } = service;
  const { call, missingCredentials } = toolbox;
  const credential = { customerIntegrationId: INTEGRATION, integrationName: 'Service' };
  let missing = false;
  toolbox.missingCredentials = async () => (missing ? [credential] : []);
  toolbox.call = async () => {
    missing = true;
    return { ok: false, code: 'credential_missing', message: 'refused', retryable: false, effectKnown: 'no' };
  };
  const run = await untilWaiting(engine, aRun({ userId: 'eve', plan: aPlan([['a', 'make']]) }));
  expect(run).toMatchObject({
    status: 'AUTH_REQUIRED',
    waitingOn: [{ text: expect.stringContaining('did not accept') }],
  });
  await engine.decideConsent(run.workspaceId, {
    customerIntegrationId: INTEGRATION,
    userId: 'eve',
    success: false,
    by,
  });
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'FAILED', error: { code: 'consent_denied' } });
  Object.assign(toolbox, { call, missingCredentials });
});
