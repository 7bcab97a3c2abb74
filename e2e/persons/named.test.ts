// A product names a person for its request; answers and pages show the person as requester or decider.
import { beforeAll, describe, expect, test } from 'vitest';
import { ended, type Office, openOffice, payments, startWaiting, tokensOf } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { overRest, transports } from '../fixtures/transports.ts';
import { ana, ben, type ProductKey, productKey, rotatedKey } from './parties.ts';

let office: Office;
let desk: ProductKey;
beforeAll(async () => {
  office = await openOffice();
  desk = await rotatedKey(office.stack, await productKey(office.stack, 'helpdesk'));
  return () => office.close();
});

const ANA = { type: 'claimed', id: 'helpdesk:ana', label: 'Ana Lopez, named by helpdesk' };
const BEN = 'Ben Okafor, named by helpdesk';
const waiting = async (more: object = {}) => {
  const run = await startWaiting(desk.api, payments(office, [5], { onBehalfOf: ana, ...more }));
  return { ...run, approvalId: run.waitingOn[0]!.approvalId! };
};

describe.each(transports)('over %s', (_, apiOver) => {
  test('the run, the inbox, the decision, the events and the audit log name the persons', async () => {
    const api = apiOver(desk);
    const admin = apiOver(office.stack);
    const created = await api.runs.create(payments(office, [5], { onBehalfOf: ana }));
    expect(created).toMatchObject({ requestedBy: ANA });
    const { runId } = created;
    await expect.poll(async () => (await api.runs.get({ runId })).waitingOn.length, { timeout: 60_000 }).toBe(1);
    const approvalId = (await api.runs.get({ runId })).waitingOn[0]!.approvalId!;
    const { pending } = await api.pending.list({ runId });
    expect(pending).toMatchObject([{ requestedBy: ANA, mayDecide: true }]);
    const approval = await api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
    expect(approval.decidedBy).toBe(BEN);
    const run = await ended(api, runId);
    expect(run).toMatchObject({ status: 'SUCCESS', requestedBy: ANA });
    expect(run.events.find(({ type }) => type === 'run_action')).toMatchObject({ decidedBy: BEN });
    const { runs } = await api.runs.list({ requestedBy: 'claimed:helpdesk:ana' });
    expect(runs.map((each) => [each.runId, each.requestedBy])).toContainEqual([runId, ANA]);
    const { entries } = await admin.audit.list({ actorType: 'claimed', runId });
    expect(entries).toMatchObject([
      {
        action: 'approval.decided',
        actor: { type: 'claimed', id: 'helpdesk:ben', label: BEN },
        details: { byApiKeyId: desk.apiKeyId },
      },
    ]);
    expect((await admin.audit.list({ actorId: 'helpdesk:ben' })).entries.length).toBeGreaterThan(0);
  });
});

test('a rerun, several reruns and an action run are requests of the person of their own request', async () => {
  const first = await waiting();
  await desk.api.approvals.decide({ approvalId: first.approvalId, decision: 'approve', onBehalfOf: ben });
  await ended(desk.api, first.runId);
  const requesterOf = async (runId: string) => (await desk.api.runs.get({ runId })).requestedBy?.id;
  const rerun = await desk.api.runs.rerun({
    runId: first.runId,
    mode: 'same_plan',
    approvalStrategy: 'NONE',
    onBehalfOf: ben,
  });
  const more = { mode: 'same_plan', approvalStrategy: 'NONE', onBehalfOf: ben } as const;
  const { results } = await desk.api.runs.rerunMany({ runIds: [first.runId], ...more });
  await ended(desk.api, rerun.runId);
  await overRest(office.stack).actions.keep({ key: 'pay', runId: rerun.runId });
  const action = { key: 'pay', userId: 'user-123', onBehalfOf: ben };
  const acted = await desk.api.actions.run(action);
  const plain = await desk.api.runs.rerun({ runId: first.runId, mode: 'same_plan', approvalStrategy: 'NONE' });
  const ids = [rerun.runId, results[0]!.run!.runId, acted.runId, plain.runId];
  expect((await Promise.all(ids.map(requesterOf))).slice(0, 3)).toEqual(Array(3).fill('helpdesk:ben'));
  expect(await desk.api.runs.get({ runId: plain.runId })).toMatchObject({ requestedBy: { type: 'api_key' } });
});

test('a schedule has the person as its author, and so have its runs', async () => {
  const input = { ...payments(office, [1], { approvalStrategy: 'NONE' }) };
  const schedule = await desk.api.schedules.create({ name: 'Pay', cron: '0 9 * * 1', run: input, onBehalfOf: ana });
  expect(schedule.createdBy).toBe(ANA.label);
  const started = await desk.api.schedules.run({ scheduleId: schedule.scheduleId, onBehalfOf: ben });
  expect(started).toMatchObject({ requestedBy: { id: 'helpdesk:ben' } });
  const patch = { scheduleId: schedule.scheduleId, cron: '0 10 * * 1', onBehalfOf: ben };
  expect((await desk.api.schedules.patch(patch)).createdBy).toBe(BEN);
});

test('the page of an approval names the requester and the decider, and shows markup as text', async () => {
  const name = '<b>Ana</b>, named by crm';
  const { runId, approvalId } = await waiting({ onBehalfOf: { id: 'person:x', name } });
  const [tokens] = await tokensOf(desk.api, runId);
  const url = `${office.stack.url}/v1/runs/approval?token=${tokens!.approve}`;
  const page = async () => (await fetch(url, { headers: { accept: 'text/html' } })).text();
  expect(await page()).toContain('&lt;b&gt;Ana&lt;/b&gt;, named by crm, named by helpdesk');
  await desk.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
  expect(await page()).toContain(`by ${BEN}`);
});

test('only a key with the scope and a product names a person', async () => {
  const plain = await productKey(office.stack, 'helpdesk', ['runs:write', 'approvals:decide', 'admin']);
  const input = payments(office, [1], { onBehalfOf: ana });
  const refused = { status: 403, problem: { code: 'insufficient_scope' } };
  for (const { runs, approvals, questions, inputs, effects, pending, approvalRules } of [
    plain.api,
    overRest(office.stack),
  ]) {
    const id = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
    const onBehalfOf = ana;
    await expect(runs.create(input)).rejects.toMatchObject(refused);
    await expect(runs.rerunMany({ runIds: [id], mode: 'same_plan', onBehalfOf })).rejects.toMatchObject(refused);
    await expect(approvals.decide({ approvalId: id, decision: 'deny', onBehalfOf })).rejects.toMatchObject(refused);
    await expect(questions.answer({ requestId: id, answer: 'x', onBehalfOf })).rejects.toMatchObject(refused);
    await expect(inputs.answer({ requestId: id, action: 'decline', onBehalfOf })).rejects.toMatchObject(refused);
    await expect(effects.resolve({ effectId: id, decision: 'skip', onBehalfOf })).rejects.toMatchObject(refused);
    const decisions = [{ approvalId: id, decision: 'deny' as const }];
    await expect(pending.decide({ decisions, onBehalfOf })).rejects.toMatchObject(refused);
    const rule = { tool: `${office.id}.pay`, expiresAt: new Date(Date.now() + 60_000).toISOString(), onBehalfOf };
    await expect(approvalRules.create(rule)).rejects.toMatchObject(refused);
  }
});

test('names and ids that hide or reorder text are refused', async () => {
  for (const onBehalfOf of [
    { id: 'a\u202eb', name: 'Ana' },
    { id: 'ana', name: 'A\u200bna' },
    { id: 'ana', name: ' ' },
    { id: '', name: 'Ana' },
    { id: 'x'.repeat(201), name: 'Ana' },
  ])
    await expect(desk.api.runs.create(payments(office, [1], { onBehalfOf }))).rejects.toMatchObject({ status: 400 });
});

test('links=false leaves deciding links out of streams, events and runs', async () => {
  const { runId, approvalId } = await waiting();
  const texts = async (query: string) =>
    Promise.all([
      request(desk, `/v1/runs/${runId}/events?${query}`).then(({ text }) => text),
      request(desk, `/v1/runs/${runId}?includeEvents=true&${query}`).then(({ text }) => text),
      request(desk, `/v1/runs?includeEvents=true&${query}`).then(({ text }) => text),
      firstStep(`/v1/runs/${runId}/sse?${query}`),
    ]);
  const firstStep = async (path: string): Promise<string> => {
    const stop = new AbortController();
    const headers = { 'x-api-key': desk.apiKey, accept: 'text/event-stream' };
    const response = await fetch(`${office.stack.url}${path}`, { headers, signal: stop.signal });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes(approvalId) && text.endsWith('\n\n')) break;
    }
    stop.abort();
    return text;
  };
  const hasLinks = (each: string[]) =>
    each.map((text) => [text.includes(approvalId), text.includes('approvalActions')]);
  expect(hasLinks(await texts(''))).toEqual(Array(4).fill([true, true]));
  expect(hasLinks(await texts('links=false'))).toEqual(Array(4).fill([true, false]));
});
