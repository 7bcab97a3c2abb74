// The client of pages, over a real service. Its windows are a browser of the tests without a window.
import { type ConnectOptions, createBrowserClient } from '@errand/client/browser';
import type { UserAbility } from '@errand/contracts';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { openWorkspace, type Workspace } from '../fixtures/workspace.ts';

let workspace: Workspace;
let api: Api;
let crm: string;
let users = 0;
let userId = '';
beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  // Each user brings a token of the CRM.
  const service = {
    name: 'CRM',
    kind: 'openapi',
    url: workspace.crm.documentUrl,
    auth: { type: 'API_TOKEN' },
  } as const;
  crm = (await api.integrations.create({ ...service, enable: 'all' })).customerIntegrationId;
  return () => workspace.close();
});
beforeEach(() => {
  userId = `ada-${++users}`;
});

function clientOf(...can: UserAbility[]) {
  const run = can.includes('ask') && { integrations: ['*'], run: { approvalStrategy: 'ON_WRITE' as const } };
  return createBrowserClient({
    url: workspace.url,
    getToken: () => api.userTokens.create({ userId, can, ...run }),
  });
}

/** The user at the page for the consent. */
const atPage =
  (decision: 'allow' | 'deny'): NonNullable<ConnectOptions['open']> =>
  async (url) => {
    const browser = new Browser();
    await browser.submit(await browser.open(url), {
      decision,
      ...(decision === 'allow' && { apiToken: workspace.crm.token }),
    });
  };
const signIn = atPage('allow');

/** A run that waits for the account of the user. */
async function waitingRun() {
  const { runId } = await api.runs.create(aRun({ userId, plan: aPlan(`${crm}.listUsers`) }));
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
  return runId;
}

test('a user asks, connects the account that the run waits for, approves, and gets the result', async () => {
  const client = clientOf('ask', 'watch', 'connect', 'decide');
  const intent = 'Log a call with Contoso for tomorrow at 10:00';
  const { runId } = await client.ask({ intent, selectedCustomerIntegrationIds: ['*'] });
  for await (const event of client.watch(runId)) {
    if (event.type === 'authentication' && event.auth.status === 'required')
      await client.connect(event.auth.customerIntegrationId, { open: signIn });
    if (event.type === 'step' && event.step.state === 'waiting' && event.step.approvalId) {
      const lists = client.pending({ runId });
      const { value: [entry] = [] } = await lists.next();
      await lists.return();
      expect(entry).toMatchObject({ kind: 'call', approvalId: event.step.approvalId, mayDecide: true });
      await client.decide(event.step.approvalId, { decision: 'approve' });
    }
  }
  expect(await client.run(runId)).toMatchObject({ status: 'SUCCESS', userId });
});

test.each([
  ['while a run waits, by its request', true, ['connect', 'watch'] as const],
  ['without a run, by the state of the account', false, ['connect', 'watch'] as const],
  ['without the ability to see requests', true, ['connect'] as const],
])('connect ends when the account is connected: %s', async (_, isAwaited, can) => {
  if (isAwaited) await waitingRun();
  const client = clientOf(...can);
  let show = (_: string) => {};
  const url = new Promise<string>((resolve) => {
    show = resolve;
  });
  let isConnected = false;
  const connecting = client.connect(crm, { open: show }).then(() => {
    isConnected = true;
  });
  const link = await url;
  expect(isConnected).toBe(false);
  await signIn(link);
  await connecting;
  expect(await api.integrations.getUser({ customerIntegrationId: crm, userId })).toMatchObject({ active: true });
});

test('an account that is connected already is connected again', async () => {
  const client = clientOf('connect');
  await client.connect(crm, { open: signIn });
  await expect(client.connect(crm, { open: () => {}, timeoutMs: 8000 })).rejects.toMatchObject({ reason: 'late' });
  await client.connect(crm, { open: signIn });
});

test('connect ends with an error when the user refuses', async () => {
  await waitingRun();
  const client = clientOf('connect', 'watch');
  await expect(client.connect(crm, { open: atPage('deny') })).rejects.toMatchObject({
    name: 'ConnectFailed',
    reason: 'refused',
    message: 'The user did not connect the account. Call `connect` again when they want to.',
  });
});

test('connect ends with an error when the user does not finish, or when the page gives up', async () => {
  await waitingRun();
  const client = clientOf('connect', 'watch');
  await expect(client.connect(crm, { open: () => {}, timeoutMs: 300 })).rejects.toMatchObject({ reason: 'late' });
  const stop = new AbortController();
  const connecting = client.connect(crm, { open: () => stop.abort('enough'), signal: stop.signal });
  await expect(connecting).rejects.toBe('enough');
});

test('a user sees and decides nothing of another user', async () => {
  const runId = await waitingRun();
  userId = 'ben';
  const client = clientOf('watch', 'decide');
  await expect(client.watch(runId).next()).rejects.toMatchObject({ problem: { code: 'not_found' } });
  const lists = client.pending();
  expect((await lists.next()).value).toEqual([]);
  await lists.return();
});
