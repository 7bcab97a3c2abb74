// The rule of each operation, without a database: allowed fields, and replaced ids.
import { type UserAbility, type UserTokenGrant, type UserTokenPrincipal, userOperations } from '@errand/contracts';
import type { RunOwner } from '@errand/db';
import { describe, expect, test } from 'vitest';
import { confine } from './confine.ts';
import { isWithin, rules } from './rules.ts';

const NO_ID = '00000000-0000-0000-0000-000000000000';
const ada = { userId: 'ada', selected: ['crm'] };
const owners: Record<string, RunOwner> = {
  own: { ...ada, runId: 'own' },
  other: { ...ada, runId: 'other' },
  wide: { ...ada, runId: 'wide', selected: ['crm', 'mail'] },
  all: { ...ada, runId: 'all', selected: ['*'] },
  foreign: { runId: 'foreign', userId: 'ben', selected: ['crm'] },
};
const ownerOf = async (id: string) => owners[id] ?? null;
const runOwners = { ofRun: ownerOf, ofPlan: ownerOf, ofRequest: ownerOf };

const abilities: UserAbility[] = ['watch', 'decide', 'edit', 'connect', 'ask'];
const tokenWith = (grant: Partial<UserTokenGrant> = {}) =>
  ({ kind: 'user_token', userId: 'ada', grant: { can: abilities, ...grant } }) as unknown as UserTokenPrincipal;

/** The input that the handler gets. */
const confined = async (name: string, input: object, grant?: Partial<UserTokenGrant>, raw: object = input) =>
  confine({ principal: tokenWith(grant), workspaceDb: { runOwners } } as never, name, input, raw);

const refused = (code: string, ...pointers: string[]) =>
  expect.objectContaining({
    code,
    options: expect.objectContaining({ errors: pointers.map((pointer) => expect.objectContaining({ pointer })) }),
  });

test('each operation of the table has a rule', () => {
  expect(Object.keys(rules).sort()).toEqual(Object.keys(userOperations).sort());
});

test('other callers send what they like', () => {
  const input = { runId: 'foreign' };
  expect(confine({ principal: { kind: 'api_key' } } as never, 'runs.get', input, input)).toBe(input);
});

test.each(['runs.watch', 'runs.rerun', 'userTokens.create', 'effects.resolve', 'toString'])(
  '%s refuses tokens',
  async (name) => {
    await expect(confined(name, {})).rejects.toMatchObject({ code: 'insufficient_ability' });
  },
);

test.each(Object.entries(userOperations))('%s needs one of its abilities', async (name, needed) => {
  const can = abilities.filter((ability) => !(needed as readonly UserAbility[]).includes(ability));
  await expect(confined(name, {}, { can })).rejects.toMatchObject({ code: 'insufficient_ability' });
});

test.each<[string, Partial<UserTokenGrant>, boolean]>([
  ['own', {}, true],
  ['foreign', {}, false],
  ['own', { runIds: ['own'] }, true],
  ['other', { runIds: ['own'] }, false],
  ['own', { integrations: ['crm'] }, true],
  ['wide', { integrations: ['crm'] }, false],
  ['all', { integrations: ['crm'] }, false],
  ['all', { integrations: ['*'] }, true],
  ['foreign', { runIds: ['foreign'] }, false],
])('whether the run %s lies within %j', (run, grant, within) => {
  expect(isWithin(tokenWith(grant), owners[run]!)).toBe(within);
});

describe.each([
  ['runId', ['runs.get', 'runs.stream', 'runs.events', 'runs.toolCall', 'runs.cancel', 'feedback.put']],
  ['executionPlanId', ['executionPlans.get']],
  ['approvalId', ['approvals.get']],
  ['requestId', ['questions.answer', 'inputs.answer']],
])('by %s', (field, names) => {
  test.each(names)('%s gets an id that does not exist in place of a foreign one', async (name) => {
    expect(await confined(name, { [field]: 'own', more: 1 })).toEqual({ [field]: 'own', more: 1 });
    expect(await confined(name, { [field]: 'foreign', more: 1 })).toEqual({ [field]: NO_ID, more: 1 });
    expect(await confined(name, { [field]: 'other' }, { runIds: ['own'] })).toEqual({ [field]: NO_ID });
    expect(await confined(name, { [field]: 'unknown' })).toEqual({ [field]: 'unknown' });
  });
});

test('lists have the filters of the token, and a filter for another user matches nothing', async () => {
  const grant = { runIds: ['own', 'other'], integrations: ['crm'] as [string] };
  expect(await confined('runs.list', { page: 1 })).toEqual({ page: 1, userId: 'ada' });
  expect(await confined('runs.list', { runIds: ['OWN', 'wide'] }, grant)).toEqual({
    userId: 'ada',
    runIds: ['OWN'],
    onlyIntegrations: ['crm'],
  });
  expect(await confined('runs.list', { runIds: ['x'] })).toEqual({ userId: 'ada', runIds: ['x'] });
  for (const name of ['runs.list', 'pending.list', 'pending.watch']) {
    expect(await confined(name, { userId: 'ben' })).toEqual({ userId: 'ada', runIds: [] });
    expect(await confined(name, {}, grant)).toEqual({ userId: 'ada', runIds: grant.runIds, onlyIntegrations: ['crm'] });
    expect(await confined(name, {}, { integrations: ['*'] })).toEqual({ userId: 'ada' });
  }
  await expect(confined('runs.list', { requestedBy: 'api_key:x' })).rejects.toEqual(
    refused('beyond_user_token', '/requestedBy'),
  );
  for (const field of ['q', 'sort', 'state'])
    await expect(confined('pending.list', {}, {}, { [field]: 'open' })).rejects.toEqual(
      refused('beyond_user_token', `/${field}`),
    );
});

test('a decision changes arguments with edit alone, and makes no rule', async () => {
  const can: UserAbility[] = ['decide'];
  const plain = { approvalId: 'own', decision: 'approve' };
  expect(await confined('approvals.decide', plain, { can })).toBe(plain);
  await expect(confined('approvals.decide', { ...plain, args: {} }, { can })).rejects.toEqual(
    refused('insufficient_ability', '/args'),
  );
  expect(await confined('approvals.decide', { ...plain, args: {} })).toMatchObject({ args: {} });
  await expect(confined('approvals.decide', { ...plain, always: {} })).rejects.toEqual(
    refused('beyond_user_token', '/always'),
  );
  const several = (decision: object) => ({ decisions: [plain, decision], effects: [] });
  await expect(confined('pending.decide', several({ ...plain, always: {} }))).rejects.toEqual(
    refused('beyond_user_token', '/decisions/1/always'),
  );
  await expect(confined('pending.decide', several({ ...plain, args: {} }), { can })).rejects.toEqual(
    refused('insufficient_ability', '/decisions/1/args'),
  );
  await expect(confined('pending.decide', { decisions: [], effects: [{}] })).rejects.toEqual(
    refused('beyond_user_token', '/effects'),
  );
  await expect(confined('pending.decide', { decisions: [], effects: [], matching: {} })).rejects.toEqual(
    refused('beyond_user_token', '/matching'),
  );
});

test('a run has the settings of the token, for its user and integrations', async () => {
  const sent = { intent: 'x', userId: 'ada', selectedCustomerIntegrationIds: ['crm'] };
  const parsed = { ...sent, approvalStrategy: 'NONE', metadata: {} };
  const grant: Partial<UserTokenGrant> = { integrations: ['crm'], run: { approvalStrategy: 'ON_WRITE' } };
  expect(await confined('runs.create', parsed, grant, sent)).toEqual({ ...parsed, approvalStrategy: 'ON_WRITE' });
  await expect(
    confined('runs.create', parsed, grant, { ...sent, metadata: {}, approvalStrategy: 'NONE' }),
  ).rejects.toEqual(refused('beyond_user_token', '/metadata', '/approvalStrategy'));
  await expect(confined('runs.create', { ...parsed, userId: 'ben' }, grant, sent)).rejects.toEqual(
    refused('beyond_user_token', '/userId'),
  );
  for (const selectedCustomerIntegrationIds of [['*'], ['crm', 'mail']])
    await expect(confined('runs.create', { ...parsed, selectedCustomerIntegrationIds }, grant, sent)).rejects.toEqual(
      refused('beyond_user_token', '/selectedCustomerIntegrationIds'),
    );
});

test('a consent link is for the user and the integrations of the token', async () => {
  const grant: Partial<UserTokenGrant> = { integrations: ['crm'] };
  const input = { customerIntegrationId: 'crm', userId: 'ada' };
  expect(await confined('integrations.authUrl', input, grant)).toBe(input);
  expect(await confined('integrations.authUrl', { ...input, customerIntegrationId: 'mail' }, grant)).toEqual({
    ...input,
    customerIntegrationId: ' ',
  });
  await expect(confined('integrations.authUrl', { ...input, userId: 'ben' })).rejects.toEqual(
    refused('beyond_user_token', '/userId'),
  );
});

test('a rating is that of the user', async () => {
  for (const [source, pointer] of [
    [{ type: 'evaluator' }, '/source/type'],
    [{ type: 'user', userId: 'ben' }, '/source/userId'],
  ] as const)
    await expect(confined('feedback.put', { runId: 'own', source })).rejects.toEqual(
      refused('beyond_user_token', pointer),
    );
});
