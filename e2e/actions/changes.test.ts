// Which runs can become actions, and what changes to an integration do to its actions.
import { randomUUID } from 'node:crypto';
import { actionsWalkthrough } from '@errand/demo';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { ended } from '../fixtures/office.ts';
import { json, type Stub } from '../fixtures/stub.ts';
import { type Api, overRest, overTrpc } from '../fixtures/transports.ts';
import { startCallableStub } from '../fixtures/workspace.ts';
import { aKey, done, openTill, refused, type Till, USER } from './till.ts';

let till: Till;
let api: Api;
let sleeper: Stub;
/** The unanswered calls of the sleeper's tool `nap`, once there are any. */
const wakers: (() => void)[] = [];
beforeAll(async () => {
  sleeper = await startCallableStub({
    nap: { answer: (response) => void wakers.push(() => json(response, 'slept')) },
  });
  till = await openTill();
  api = overRest(till.stack);
  return async () => {
    await till.close();
    await sleeper.close();
  };
});
beforeEach(() => {
  till.stub.hits.length = 0;
});

test('an unsuitable run cannot become an action', async () => {
  const keep = (runId: string) => api.actions.keep({ key: aKey(), runId });
  const unplanned = await done(api, { intent: 'Fly to the moon' });
  await expect(keep(unplanned.runId)).rejects.toMatchObject(refused(409, 'plan_not_repeatable'));
  const fixed = await done(api, {
    intent: 'Pay Ana the bill that is due tomorrow',
    plan: { goal: 'Pay', steps: [{ id: 'pay', tool: `${till.id}.pay`, args: { body: { to: '2026-11-27' } } }] },
  });
  await expect(keep(fixed.runId)).rejects.toMatchObject(refused(409, 'plan_not_repeatable'));
  await expect(keep(randomUUID())).rejects.toMatchObject(refused(404, 'not_found'));
});

test("an action saved from an action's run takes the same inputs; its rerun repeats its calls", async () => {
  const key = await till.payAction(api);
  const { runId } = await api.actions.run({ key, userId: USER, input: { amount: 7, to: 'Bo' } });
  const again = await api.actions.keep({ key: aKey(), runId });
  expect(again.values).toMatchObject([
    { name: 'amount', value: 7, from: 'input' },
    { name: 'to', value: 'Bo', from: 'input' },
  ]);
  await api.actions.run({ key: again.key, userId: USER, input: { amount: 8, to: 'Cy' } });
  await expect(api.actions.change({ key: again.key, inputSchema: { properties: { to: {} } } })).rejects.toMatchObject(
    refused(400, 'validation_failed'),
  );
  await api.runs.rerun({ runId, mode: 'same_plan', prefer: 'wait=20' });
  expect(till.sent().slice(1)).toEqual([
    { amount: 7, to: 'Bo' },
    { amount: 8, to: 'Cy' },
    { amount: 7, to: 'Bo' },
  ]);
});

test("an action is paused with its author's key, and continues for the caller who changes it", async () => {
  const { apiKeyId, key: apiKey } = await api.apiKeys.create({ name: 'maker', scopes: ['runs:read', 'runs:write'] });
  const maker = overRest({ url: till.stack.url, apiKey });
  const key = await till.payAction(maker);
  const rotated = await api.apiKeys.rotate({ apiKeyId, overlapSeconds: 0 });
  const input = { amount: 2, to: 'Ed' };
  await api.actions.run({ key, userId: USER, input });
  await api.apiKeys.revoke({ apiKeyId: rotated.apiKeyId });
  await expect(api.actions.run({ key, userId: USER, input })).rejects.toMatchObject(refused(409, 'action_paused'));
  expect(await api.actions.get({ key })).toMatchObject({ state: 'paused', madeBy: 'maker' });
  expect(await api.actions.change({ key })).toMatchObject({ state: 'active' });
  await api.actions.run({ key, userId: USER, input });
  expect(till.sent()).toHaveLength(3);
  const { entries } = await api.audit.list({ pageSize: 50 });
  expect(entries.filter(({ target }) => target === key).map(({ action }) => action)).toEqual([
    'action.changed',
    'action.kept',
  ]);
});

test('an action whose tools have changed reports the difference, and plans again only on request', async () => {
  const document = JSON.parse(till.stub.document);
  const { customerIntegrationId: id } = await api.integrations.create({
    name: 'Teller',
    kind: 'openapi',
    document: JSON.stringify(document),
    auth: { type: 'NONE' },
  });
  const key = aKey();
  const run = await done(api, {
    intent: 'Get the word',
    selectedCustomerIntegrationIds: [id],
    plan: aPlan(`${id}.look`),
  });
  await api.actions.keep({ key, runId: run.runId });
  await api.actions.run({ key, userId: USER });
  document.paths['/look'].get.summary = 'Get the word';
  await api.integrations.refresh({ customerIntegrationId: id, document: JSON.stringify(document) });
  await api.integrations.setTools({ customerIntegrationId: id, enabled: [`${id}.look`] });
  const stale = await api.actions.run({ key, userId: USER }).catch((error) => error);
  expect(stale).toMatchObject(refused(409, 'action_stale', '/steps/0/tool'));
  expect(stale.problem.errors[0].message).toMatch(/^"Get the word" at Teller has changed\.$/);
  const planned = await api.actions.run({ key, userId: USER, replan: true });
  expect(planned).toMatchObject({ output: { word: 'seen' }, replanned: true });
  expect((await api.runs.get({ runId: planned.runId })).actionKey).toBe(key);
  expect(await api.actions.run({ key, userId: USER, replan: true })).toEqual({
    runId: expect.any(String),
    output: { word: 'seen' },
  });

  // Another integration with the same id is not the one of the action.
  await api.integrations.delete({ customerIntegrationId: id });
  await expect(api.actions.run({ key, userId: USER })).rejects.toMatchObject(refused(409, 'action_stale', '/steps'));
  await api.integrations.create({
    ...{
      name: 'Teller',
      kind: 'openapi',
      document: JSON.stringify(document),
      auth: { type: 'NONE' },
      customerIntegrationId: id,
    },
  });
  for (const caller of [api, overTrpc(till.stack)])
    await expect(caller.actions.run({ key, userId: USER })).rejects.toMatchObject(
      refused(409, 'action_stale', '/steps'),
    );
});

test('a run may name another integration of the same service; passed-through credentials are not stored', async () => {
  const key = await till.payAction(api);
  const input = { amount: 3, to: 'Flo' };
  await api.integrations.setTools({ customerIntegrationId: till.otherId, enabled: [`${till.otherId}.pay`] });
  const { runId } = await api.actions.run({
    key,
    userId: USER,
    input,
    customerIntegrationId: till.otherId,
    passThrough: [{ customerIntegrationId: till.otherId, headers: { 'x-tenant': 'eu' } }],
  });
  const run = await ended(api, runId);
  expect(run.selectedCustomerIntegrationIds).toEqual([till.otherId]);
  expect(run.events.find(({ type }) => type === 'step')).toMatchObject({
    step: { toolCalls: [{ toolName: `${till.otherId}.pay` }] },
  });
  await api.actions.run({ key, userId: USER, input, customerIntegrationId: till.id });
  expect(till.stub.hits.map(({ headers }) => headers['x-tenant'])).toEqual([undefined, 'eu', undefined]);
  for (const integrationId of [till.crm, 'nobodys'])
    await expect(
      api.actions.run({ key, userId: USER, input, customerIntegrationId: integrationId }),
    ).rejects.toMatchObject(refused(400, 'validation_failed', '/customerIntegrationId'));
});

test('fifty concurrent runs of one action give fifty answers, even if it is deleted meanwhile', async () => {
  const key = await till.payAction(api);
  const runs = Array.from({ length: 50 }, (_, n) =>
    api.actions.run({ key, userId: USER, input: { amount: n, to: 'Gus' } }),
  );
  await runs[0];
  await api.actions.delete({ key });
  const answers = await Promise.allSettled(runs);
  const good = answers.filter(({ status }) => status === 'fulfilled').length;
  // A request that was read after the delete found no action.
  expect(
    answers
      .filter(({ status }) => status === 'rejected')
      .every((outcome) => (outcome as PromiseRejectedResult).reason.status === 404),
  ).toBe(true);
  expect(
    till
      .sent()
      .slice(1)
      .map(({ amount }) => amount)
      .sort((a, b) => a - b),
  ).toHaveLength(good);
  expect(
    new Set(
      till
        .sent()
        .slice(1)
        .map(({ amount }) => amount),
    ).size,
  ).toBe(good);
});

test('a request waits at most as long as its Prefer header allows, and the run continues', async () => {
  const key = aKey();
  const { document } = sleeper;
  const service = { name: 'Bed', kind: 'openapi', document, auth: { type: 'NONE' } } as const;
  const { customerIntegrationId: id } = await api.integrations.create(service);
  const wake = async () => {
    await vi.waitFor(() => expect(wakers).toHaveLength(1), { timeout: 10_000, interval: 10 });
    wakers.pop()!();
  };
  const run = await api.runs.create(aRun({ intent: 'Nap', plan: aPlan(`${id}.nap`) }));
  await expect(api.actions.keep({ key, runId: run.runId })).rejects.toMatchObject(refused(409, 'plan_not_repeatable'));
  await wake();
  await ended(api, run.runId);
  await api.actions.keep({ key, runId: run.runId });
  const answer = await api.actions.run({ key, userId: USER, prefer: 'wait=1' }).catch((error) => error);
  expect(answer).toMatchObject(refused(409, 'action_unfinished'));
  expect((await api.runs.get({ runId: answer.problem.runId })).status).toBe('RUNNING');
  await wake();
  expect(await ended(api, answer.problem.runId)).toMatchObject({ status: 'SUCCESS', result: 'slept' });
});

test('the demo: a preflight, a run with its plan, an action, a hundred runs without planning', async () => {
  const statuses: string[] = [];
  const { url, apiKey } = till.stack;
  expect(await actionsWalkthrough({ url, apiKey, say: (line) => statuses.push(line) })).toEqual([]);
  expect(statuses.join('\n')).toMatch(
    /a run that brings the plan: SUCCESS.*Run 100 times with other inputs: 0 plannings, overhead p50 \d/s,
  );
});

test('a key without runs:read may run an action, and reads nothing of the run', async () => {
  const key = await till.payAction(overRest(till.stack));
  const blind = overRest(await till.callerWith('runs:write'));
  expect(await blind.actions.run({ key, userId: USER, input: { amount: 1, to: 'Hal' } })).toEqual({
    runId: expect.any(String),
  });
  for (const call of [
    () => blind.actions.get({ key }),
    () => blind.actions.list({}),
    () => blind.actions.change({ key }),
    () => blind.actions.keep({ key, runId: randomUUID() }),
  ])
    await expect(call()).rejects.toMatchObject(refused(403, 'insufficient_scope'));
  const reader = overRest(await till.callerWith('runs:read'));
  await expect(reader.actions.run({ key, userId: USER })).rejects.toMatchObject(refused(403, 'insufficient_scope'));
  await expect(reader.actions.delete({ key })).rejects.toMatchObject(refused(403, 'insufficient_scope'));
});
