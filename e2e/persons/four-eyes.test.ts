// Four eyes behind a product, which names the requester and the decider.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { agentOf } from '../agents/agent.ts';
import { ended, type Office, payments, startOffice, startWaiting, tokensOf } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { aMember, type Member } from '../people/members.ts';
import { ana, ben, PRODUCT_SCOPES, type ProductKey, productKey, rotatedKey } from './parties.ts';

let office: Office;
let admin: Api;
let one: ProductKey;
let two: ProductKey;
let shop: ProductKey;
let ada: Member;
beforeAll(async () => {
  office = await startOffice({ env: { ERRAND_FOUR_EYES: 'true' } });
  admin = overRest(office.stack);
  [one, two, shop] = [
    await productKey(office.stack, 'helpdesk'),
    await productKey(office.stack, 'helpdesk'),
    await productKey(office.stack, 'shop'),
  ];
  ada = await aMember(office.stack, 'Ada', 'admin');
  return () => office.close();
});

const self = { status: 403, problem: { code: 'self_approval' } };
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const waiting = async (api: Api, more: object = {}) => {
  const run = await startWaiting(api, payments(office, [5], more));
  return { runId: run.runId, approvalId: run.waitingOn[0]!.approvalId! };
};

/** Each way in which a decider may be refused: the key, and the named person. */
const refusedDeciders: [string, () => Promise<ProductKey>, { onBehalfOf?: typeof ana }][] = [
  ['the same person by the same key', async () => one, { onBehalfOf: ana }],
  ['the same person by another key', async () => two, { onBehalfOf: ana }],
  ['the same person under another name', async () => two, { onBehalfOf: { ...ana, name: 'Somebody Else' } }],
  ['the same person by a rotated key', async () => rotatedKey(office.stack, await rotatable()), { onBehalfOf: ana }],
  ['the asking key without a person', async () => one, {}],
  ['another key of the product without a person', async () => two, {}],
  ['a rotated key without a person', async () => rotatedKey(office.stack, await rotatable()), {}],
];
const rotatable = () => productKey(office.stack, 'helpdesk');

describe.each(refusedDeciders)('%s', (_, decider, named) => {
  test('decides nothing about the run of Ana, in each way; Ben does', async () => {
    const { api, ...caller } = await decider();
    const { runId, approvalId } = await waiting(one.api, { onBehalfOf: ana });
    for (const decision of ['approve', 'deny'] as const)
      await expect(api.approvals.decide({ approvalId, decision, ...named })).rejects.toMatchObject(self);
    await expect(api.approvals.decide({ approvalId, decision: 'approve', always: {}, ...named })).rejects.toMatchObject(
      self,
    );
    const { results } = await api.pending.decide({ decisions: [{ approvalId, decision: 'approve' }], ...named });
    expect(results).toMatchObject([{ error: { code: 'self_approval' } }]);
    expect(await api.approvalRules.list({})).toMatchObject({ approvalRules: [] });
    const [tokens] = await tokensOf(one.api, runId);
    expect(await request(caller, `/v1/runs/approval?token=${tokens!.approve}`)).toMatchObject(self);
    const body = { token: tokens!.approve };
    expect(await request({ ...caller, apiKey: '' }, '/v1/runs/approval', { body })).toMatchObject(self);
    await two.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
    expect((await ended(admin, runId)).status).toBe('SUCCESS');
  });
});

test('the refusal says that the product is one party, and what to send', async () => {
  const { approvalId, runId } = await waiting(one.api);
  const decision = two.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
  await expect(decision).rejects.toMatchObject({
    ...self,
    problem: {
      code: 'self_approval',
      detail: expect.stringContaining('key of a product'),
      remedy: expect.stringContaining('onBehalfOf'),
    },
  });
  await admin.runs.cancel({ runId });
});

test('a run that the product asked for without a person is decided by none of its persons; a person of another product decides', async () => {
  const { runId, approvalId } = await waiting(one.api);
  for (const onBehalfOf of [ana, ben])
    await expect(two.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf })).rejects.toMatchObject(self);
  await shop.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ana });
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});

test('Ana of another product is another person; at /mcp a key of the product decides nothing', async () => {
  const { runId, approvalId } = await waiting(one.api, { onBehalfOf: ana, userId: 'user-123' });
  const agent = await agentOf([two], { userId: 'user-123' });
  expect(await agent.call('decide', { approvalId, decision: 'approve' })).toMatchObject({
    refused: { code: 'self_approval' },
  });
  await shop.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ana });
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});

test('a person who made a key that names persons decides none of their runs; one who made another key does', async () => {
  const cleo = await aMember(office.stack, 'Cleo', 'admin');
  const input = { name: 'kiosk', product: 'kiosk', scopes: PRODUCT_SCOPES };
  const { body: created } = await cleo.ask('apiKeys.create', input);
  const kiosk = overRest({ url: office.stack.url, apiKey: created.key });
  const first = await waiting(kiosk, { onBehalfOf: ana });
  const decide = { approvalId: first.approvalId, decision: 'approve' };
  expect(await cleo.ask('approvals.decide', decide)).toMatchObject({ status: 403, body: { code: 'self_approval' } });
  const [entry] = (await cleo.ask('pending.list', { runId: first.runId })).body.pending;
  expect(entry).toMatchObject({ mayDecide: false, mayNotBecause: 'four_eyes' });
  await ada.ask('apiKeys.create', { ...input, scopes: ['runs:read'] });
  expect((await ada.ask('approvals.decide', decide)).status).toBe(200);
  expect((await ended(admin, first.runId)).status).toBe('SUCCESS');
});

test('a rule of Ana, or of the product, allows no call of Ana; one of Ben does', async () => {
  const tool = `${office.id}.pay`;
  const userId = randomUUID();
  const rule = { tool, userId, expiresAt: inAnHour() };
  const own = await one.api.approvalRules.create({ ...rule, onBehalfOf: ana });
  expect(own.createdBy).toBe('Ana Lopez, named by helpdesk');
  await two.api.approvalRules.create(rule);
  const { runId, approvalId } = await waiting(one.api, { userId, onBehalfOf: ana });
  const decision = { approvalId, decision: 'approve', always: {}, onBehalfOf: ben } as const;
  const { approvalRuleId } = await two.api.approvals.decide(decision);
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
  const { approvalRules } = await admin.approvalRules.list({ userId, active: true });
  expect(approvalRules.find((each) => each.approvalRuleId === approvalRuleId)).toMatchObject({
    createdBy: 'Ben Okafor, named by helpdesk',
  });
  const next = await two.api.runs.create(payments(office, [5], { userId, onBehalfOf: ana }));
  expect((await ended(admin, next.runId)).status).toBe('SUCCESS');
});

test('uncertain effects are resolved by another person of the product', async () => {
  const plan = {
    goal: 'Vanish',
    steps: [{ id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } }],
  };
  const { runId, approvalId } = await waiting(one.api, { plan, onBehalfOf: ana });
  await two.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
  const effectOf = async () => (await admin.runs.get({ runId })).waitingOn.find(({ kind }) => kind === 'effect');
  await expect.poll(effectOf, { timeout: 60_000 }).toBeDefined();
  const { effectId } = (await effectOf())! as { effectId: string };
  for (const named of [{ onBehalfOf: ana }, {}]) {
    await expect(two.api.effects.resolve({ effectId, decision: 'skip', ...named })).rejects.toMatchObject(self);
    const { effects } = await two.api.pending.decide({ effects: [{ effectId, decision: 'skip' }], ...named });
    expect(effects).toMatchObject([{ error: { code: 'self_approval' } }]);
    const byFilter = { filter: { kind: ['effect' as const], runId }, decision: 'skip' as const, expectedCount: 1 };
    const { matching } = await two.api.pending.decide({ matching: byFilter, ...named });
    expect(matching).toMatchObject({ decided: 0, skipped: { self_approval: 1 } });
  }
  const resolved = await two.api.effects.resolve({ effectId, decision: 'skip', onBehalfOf: ben });
  expect(resolved.decidedBy).toBe('Ben Okafor, named by helpdesk');
});

test('ids with colons and other products are other persons', async () => {
  const help = await productKey(office.stack, 'help');
  const { runId, approvalId } = await waiting(help.api, { onBehalfOf: { id: 'desk:ana', name: 'Ana' } });
  const person = { id: `person:${ada.personId}`, name: 'Ada' };
  const mine = await waiting(one.api, { onBehalfOf: person });
  const same = two.api.approvals.decide({ approvalId: mine.approvalId, decision: 'approve', onBehalfOf: person });
  await expect(same).rejects.toMatchObject(self);
  // The person of the console is not the person with the same name in the product.
  expect((await ada.ask('approvals.decide', { approvalId: mine.approvalId, decision: 'deny' })).status).toBe(200);
  await one.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: { id: 'ana', name: 'Ana' } });
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});
