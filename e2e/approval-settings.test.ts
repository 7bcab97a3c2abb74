// The operator's settings for approvals.
import { expect, onTestFinished, test } from 'vitest';
import { sampleOf, slowTest } from './fixtures/combine.ts';
import { ended, type Office, payments, startOffice, startWaiting, tokensOf } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { overRest } from './fixtures/transports.ts';

async function anOffice(env: Record<string, string>): Promise<Office> {
  const office = await startOffice({ env });
  onTestFinished(() => office.close());
  return office;
}
const PATH = '/v1/runs/approval';

test('four eyes: the requesting key cannot decide by any route; another key can', async () => {
  const office = await anOffice({ ERRAND_FOUR_EYES: 'true' });
  const { stack } = office;
  const admin = overRest(stack);
  const { runId, waitingOn } = await startWaiting(admin, payments(office, [1]));
  const { approvalId } = waitingOn[0]!;
  const self = { status: 403, problem: { code: 'self_approval' } };
  await expect(admin.approvals.decide({ approvalId: approvalId!, decision: 'approve' })).rejects.toMatchObject(self);
  const [tokens] = await tokensOf(admin, runId);
  const link = `${PATH}?token=${tokens!.approve}`;
  expect(await request({ ...stack, apiKey: '' }, PATH, { body: { token: tokens!.approve } })).toMatchObject(self);
  expect(await request(stack, link)).toMatchObject(self);
  const page = await request(stack, link, { headers: { accept: 'text/html' } });
  expect([page.status, page.text.includes('<form'), page.text.includes('with an API key')]).toEqual([200, false, true]);
  expect(office.stub.hits).toEqual([]);

  const answer = await request(await office.callerWith('approvals:decide'), link);
  expect(answer.status).toBe(200);
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});

slowTest('an expired approval counts as denied, and its links are invalid', async () => {
  const office = await anOffice({ ERRAND_APPROVAL_HOURS: '0.0006' });
  const api = overRest(office.stack);
  const { runId } = await api.runs.create(payments(office, [1]));
  const run = await ended(api, runId);
  expect([run.status, office.stub.hits.length]).toEqual(['CANCELED', 0]);
  const action = run.events.find((event) => event.type === 'run_action');
  expect(action).toMatchObject({ action: 'deny', reason: 'expired' });
  const [tokens] = await tokensOf(api, runId);
  for (const token of [tokens!.approve, tokens!.deny]) {
    const { problem } = await request({ ...office.stack, apiKey: '' }, PATH, { body: { token } });
    expect(problem).toMatchObject({ status: 410, code: 'approval_gone' });
  }
  const late = api.approvals.decide({ approvalId: action!.approvalId, decision: 'approve' });
  await expect(late).rejects.toMatchObject({ status: 410, problem: { code: 'approval_gone' } });
});

slowTest('an undecided uncertain effect is skipped after its deadline', async () => {
  const office = await anOffice({ ERRAND_EFFECT_HOURS: '0.0003' });
  const api = overRest(office.stack);
  const plan = { goal: 'Vanish', steps: [{ id: 'gone', tool: `${office.id}.vanish` }] };
  const { runId } = await api.runs.create(payments(office, [], { plan, approvalStrategy: 'NONE' }));
  expect(await ended(api, runId)).toMatchObject({ error: { code: 'effect_skipped' } });
  expect(office.stub.hits).toHaveLength(1);
});

test('taint: a write to an integration other than the one that was read needs a decision, despite any rule', async () => {
  const office = await anOffice({ ERRAND_TAINT: 'true' });
  const api = overRest(office.stack);
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await api.approvalRules.create({ tool: `${office.otherId}.pay`, expiresAt });
  const steps = (id: string) => [
    { id: 'read', tool: `${office.id}.look` },
    { id: 'write', tool: `${id}.pay`, dependsOn: ['read'] },
  ];
  const of = (id: string) =>
    payments(office, [], { approvalStrategy: 'NONE', plan: { goal: 'Pay', steps: steps(id) } });
  const { runId } = await api.runs.create(of(office.id));
  expect((await ended(api, runId)).status).toBe('SUCCESS');
  const run = await startWaiting(api, of(office.otherId));
  expect(run.waitingOn[0]!.text).toBe('Pay at Other office?');
});

test.each(
  sampleOf([
    ['ERRAND_APPROVAL_HOURS', '0'],
    ['ERRAND_EFFECT_HOURS', 'long'],
    ['ERRAND_FOUR_EYES', 'yes'],
  ]),
)('%s=%s is refused at the start', async (name, value) => {
  await expect(startOffice({ env: { [name]: value } })).rejects.toThrow(name);
});
