// An integration is deleted and another one at another origin gets its id: nothing meant for the first reaches the second.
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { type CalendarStack, consent, startCalendarStack } from './fixtures/calendar.ts';
import { ended, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { callablePort, openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let world: CalendarStack;
let first: Stub;
let second: Stub;
let api: Api;
const ID = 'office-1';

const startOffice = () =>
  startCallableStub({
    list: { answer: (response) => json(response, [{ name: 'a' }]) },
    pay: { method: 'POST', answer: (response) => json(response, { id: 'paid' }) },
  });

beforeAll(async () => {
  [world, first, second] = await Promise.all([startCalendarStack({}, callablePort), startOffice(), startOffice()]);
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  return async () => {
    await workspace.close();
    await Promise.all([world.close(), first.close(), second.close()]);
  };
});

type Registration = Parameters<Api['integrations']['create']>[0];
const register = ({ document }: Stub, more: Partial<Registration> = {}) =>
  api.integrations.create({ name: 'Office', customerIntegrationId: ID, document, auth: { type: 'NONE' }, ...more });

/** Gives the id to another integration. */
async function giveAgain(more: Partial<Registration> = {}) {
  await api.integrations.delete({ customerIntegrationId: ID });
  await register(second, more);
}

beforeEach(async () => {
  second.hits.length = 0;
  for (const { customerIntegrationId } of (await api.integrations.list({ active: 'all' })).integrations) {
    await api.integrations.delete({ customerIntegrationId });
  }
});

test.each([
  ['call', 'ON_WRITE', [ID]],
  ['call', 'ON_WRITE', ['*']],
  ['plan', 'ON_START', [ID]],
  ['plan', 'ON_START', ['*']],
] as const)('a %s that waits for approval (%s, of %j) is not carried out by the later one', async (_, strategy, of) => {
  await register(first);
  const input = aRun({
    approvalStrategy: strategy,
    selectedCustomerIntegrationIds: [...of] as [string],
    plan: aPlan(`${ID}.pay`),
  });
  const { runId, waitingOn } = await startWaiting(api, input);
  await giveAgain();
  await api.approvals.decide({ approvalId: waitingOn[0]!.approvalId!, decision: 'approve' });
  expect((await ended(api, runId)).status).toBe('FAILED');
  expect([first.hits, second.hits]).toEqual([[], []]);
});

test('a rule of the earlier one allows no call of the later one', async () => {
  await register(first);
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await api.approvalRules.create({ tool: `${ID}.pay`, expiresAt });
  await giveAgain();
  const input = aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan(`${ID}.pay`) });
  const { runId } = await startWaiting(api, input);
  expect((await api.approvalRules.list({ active: true })).approvalRules).toEqual([]);
  expect(second.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

test('a repeat plans again', async () => {
  const { documentUrl: url, token } = workspace.crm;
  const crm = { name: 'CRM', url, auth: { type: 'API_TOKEN', token }, customerIntegrationId: ID } as const;
  await api.integrations.create(crm);
  const input = aRun({ repeatKey: 'reused', selectedCustomerIntegrationIds: [ID] });
  const { run: earlier } = await carryOut(api, input);
  expect((await carryOut(api, input)).run).toMatchObject({ status: 'SUCCESS', repeatRunId: earlier.runId });
  await api.integrations.delete({ customerIntegrationId: ID });
  await api.integrations.create(crm);
  const { run, events } = await carryOut(api, input);
  expect(run).not.toHaveProperty('repeatRunId');
  expect(events.some((event) => event.type === 'status' && /^New plan, because/.test(event.reason ?? ''))).toBe(true);
});

test('a token that a user gave to the earlier one is not sent to the later one', async () => {
  const auth = { type: 'API_TOKEN' } as const;
  await register(first, { auth });
  const user = { customerIntegrationId: ID, userId: 'ann' };
  await api.integrations.putCredentials({ ...user, apiToken: 'token-of-ann-1234' });
  const input = aRun({ userId: 'ann', plan: aPlan(`${ID}.list`) });
  expect((await carryOut(api, input)).run.status).toBe('SUCCESS');
  await giveAgain({ auth });
  await expect(api.integrations.getUser(user)).rejects.toMatchObject({ status: 404 });
  const { runId } = await api.runs.create(input);
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
  expect(second.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

test('consent links of the earlier one are invalid', async () => {
  const { clientId, clientSecret } = world.authorization;
  const auth = { type: 'OAUTH2', clientId, clientSecret } as const;
  const calendar = { name: 'Calendar', url: world.calendar.documentUrl, auth } as const;
  const make = () => api.integrations.create({ ...calendar, customerIntegrationId: ID });
  await make();
  const { runId } = await api.runs.create(aRun({ userId: 'ada', plan: aPlan(`${ID}.listEvents`) }));
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
  const { events } = await api.runs.get({ runId, includeEvents: true });
  const links = events.flatMap((event) =>
    event.type === 'authentication' && event.auth.status === 'required' ? [event.auth.url!] : [],
  );
  links.push((await api.integrations.authUrl({ customerIntegrationId: ID, userId: 'ada' })).authorizeUrl);
  // A user who is already at the authorization server returns to an invalid link.
  const browser = new Browser();
  const callback = `${workspace.url}/v1/oauth/callback`;
  const back = await consent(browser, links[1]!, { until: callback });
  await api.integrations.delete({ customerIntegrationId: ID });
  await make();

  for (const link of links) {
    expect((await request({ url: '', apiKey: '' }, link)).status).toBe(410);
  }
  expect((await browser.open(back.url)).status).toBe(400);
  await expect(api.integrations.getUser({ customerIntegrationId: ID, userId: 'ada' })).rejects.toMatchObject({
    status: 404,
  });
  // A consent at the later integration does not count: the run was for the earlier one.
  const again = await api.integrations.authUrl({ customerIntegrationId: ID, userId: 'ada' });
  await consent(new Browser(), again.authorizeUrl);
  expect((await ended(api, runId)).status).toBe('FAILED');
});
