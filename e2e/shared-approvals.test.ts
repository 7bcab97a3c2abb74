// Many writes of one step: one decision request, with all that is needed to decide it, over API, inbox and link.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { linksOf } from './fixtures/links.ts';
import { ended, type Office, openOffice, payments, startWaiting, tokensOf } from './fixtures/office.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overTrpc(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const paid = () => office.stub.hits.map(({ body }) => JSON.parse(body).amount as number).sort((a, b) => a - b);
const each = (n: number, more: Parameters<typeof payments>[2] = {}) => {
  const args = { body: { amount: { $: 'item' } } };
  const step = { id: 'each', tool: `${office.id}.pay`, forEach: { $: `[1..${n}]` }, args };
  return payments(office, [], { plan: { goal: 'Pay the bills', steps: [step] }, ...more });
};
const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });

test('the inbox shows one entry with all arguments, and one decision of a batch makes the calls', async () => {
  const run = await startWaiting(api, each(60));
  const [entry, ...others] = (await api.pending.list({ runId: run.runId })).pending;
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ kind: 'call', title: 'Pay', calls: 60, mayDecide: true });
  expect(entry!.text.split('\n').slice(0, 2)).toEqual(['Pay at Office, 60 times?', '1. Pay at Office with amount 1']);
  expect(entry!.text).toContain('\nand 10 more');
  expect(entry!.args).toEqual(upTo(60).map((n, i) => ({ toolCallId: `each.${i}`, args: { body: { amount: n } } })));
  expect(entry).not.toHaveProperty('inputSchema');
  const { approvalId } = entry!;
  expect(run.events.filter(({ type }) => type === 'step')).toMatchObject([
    {
      step: { stepId: 'each', approvalId, approval: 'PENDING', text: 'Waits for approval: Pay at Office, 60 times.' },
    },
  ]);
  const edited = { approvalId: approvalId!, decision: 'approve' as const, args: { body: { amount: 1 } } };
  await expect(api.approvals.decide(edited)).rejects.toEqual(refused(400, 'validation_failed'));
  const always = { approvalId: approvalId!, decision: 'approve' as const, always: {} };
  await expect(api.approvals.decide(always)).rejects.toEqual(refused(400, 'validation_failed'));
  expect(paid()).toEqual([]);
  const decisions = [{ approvalId: approvalId!, decision: 'approve' as const }];
  expect(await api.pending.decide({ decisions })).toMatchObject({ results: [{ approval: { decision: 'approve' } }] });
  expect((await ended(api, run.runId)).status).toBe('SUCCESS');
  expect(paid()).toEqual(upTo(60));
});

test('calls that an approval rule allows are made without a decision; the others share a request', async () => {
  const argsSchema = { properties: { body: { properties: { amount: { maximum: 3 } }, required: ['amount'] } } };
  const expiresAt = new Date(Date.now() + 600_000).toISOString();
  const userId = 'ruled';
  await api.approvalRules.create({ tool: `${office.id}.pay`, userId, argsSchema, expiresAt });
  const run = await startWaiting(api, each(10, { userId }));
  expect(paid()).toEqual([1, 2, 3]);
  const { pending } = await api.pending.list({ runId: run.runId });
  expect(pending).toMatchObject([{ calls: 7 }]);
  await api.approvals.decide({ approvalId: pending[0]!.approvalId!, decision: 'deny' });
  expect((await ended(api, run.runId)).status).toBe('PARTIAL_SUCCESS');
  expect(paid()).toEqual([1, 2, 3]);
});

test('the page of the link shows every call, offers no fields, and its button approves all', async () => {
  const links = linksOf(office);
  const api = overRest(office.stack);
  const { runId } = await startWaiting(api, each(60));
  const [tokens] = await tokensOf(api, runId);
  const { text } = await links.open(tokens!.approve);
  expect(text).toContain('<h1>Pay at Office, 60 times?</h1>');
  for (const n of [1, 50]) expect(text).toContain(`<li>Pay at Office with amount ${n}<details>`);
  expect(text).toContain('<summary>10 more</summary>');
  for (const n of upTo(60)) expect(text).toContain(`<bdi>${n}</bdi>`);
  expect(text).not.toContain('Change it before you approve');
  const { fields, approve, cookie } = await links.formOf(tokens!.approve);
  expect((await links.submit({ ...fields, token: approve }, { cookie })).status).toBe(200);
  expect((await ended(api, runId)).status).toBe('SUCCESS');
  expect(paid()).toEqual(upTo(60));
});
