// A user token with a person: the product names the person once, when its server mints the token.
import { beforeAll, expect, test } from 'vitest';
import { ended, type Office, openOffice, payments, startWaiting } from '../fixtures/office.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { userCaller } from '../fixtures/user-tokens.ts';
import { ana, ben, type ProductKey, productKey } from './parties.ts';

const USER = 'customer-7';
let office: Office;
let desk: ProductKey;
beforeAll(async () => {
  office = await openOffice();
  desk = await productKey(office.stack, 'helpdesk');
  return () => office.close();
});

const decider = async (person?: { id: string; name: string }): Promise<Api> =>
  overRest(await userCaller(desk, { userId: USER, can: ['watch', 'decide'], ...(person && { person }) }));

test('only the token of an approver decides, and answers, events and audit name the person and the token', async () => {
  const approvers = [{ type: 'claimed' as const, ...ben }];
  const input = payments(office, [5], { userId: USER, approvers, onBehalfOf: ana });
  const { runId, waitingOn } = await startWaiting(desk.api, input);
  const approvalId = waitingOn[0]!.approvalId!;
  const not = { status: 403, problem: { code: 'not_an_approver' } };
  for (const person of [undefined, ana]) {
    const api = await decider(person);
    expect((await api.pending.list({ runId })).pending).toMatchObject([{ mayDecide: false }]);
    await expect(api.approvals.decide({ approvalId, decision: 'approve' })).rejects.toMatchObject(not);
  }
  const api = await decider(ben);
  const { pending } = await api.pending.list({ runId });
  expect(pending).toMatchObject([{ mayDecide: true }]);
  expect(JSON.stringify([pending, await api.runs.get({ runId, includeEvents: true })])).not.toMatch(/Ana|Ben Okafor/);
  await expect(api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ana })).rejects.toMatchObject({
    status: 403,
    problem: { code: 'insufficient_scope' },
  });
  await api.approvals.decide({ approvalId, decision: 'approve' });
  expect((await ended(desk.api, runId)).status).toBe('SUCCESS');
  const { entries } = await overRest(office.stack).audit.list({ target: approvalId, action: 'approval.decided' });
  expect(entries).toMatchObject([
    {
      actor: { type: 'claimed', id: 'helpdesk:ben', label: 'Ben Okafor, named by helpdesk' },
      details: { userTokenId: expect.any(String) },
    },
  ]);
});
