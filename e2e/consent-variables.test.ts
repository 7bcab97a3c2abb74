// Users give the values of their variables on the page on which they connect.
import { beforeAll, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun } from './fixtures/builders.ts';
import { type ConsentStack, reaches as reach, startConsentStack } from './fixtures/consents.ts';
import { request } from './fixtures/request.ts';

let at: ConsentStack;
let users = 0;

beforeAll(async () => {
  at = await startConsentStack();
  return () => at.close();
});

type Input = Parameters<ConsentStack['api']['integrations']['create']>[0];
const port = { title: 'Port', description: 'At the end of the address.', example: '8080', from: 'user' } as const;
const BASE_URL = 'http://127.0.0.1:{port}';

async function register(more: Partial<Input>) {
  const document = at.stub.document;
  const input = { name: 'Shop', kind: 'openapi', document, baseUrl: BASE_URL, variables: { port }, ...more } as const;
  const { customerIntegrationId: id } = await at.api.integrations.create(input as Input);
  const userId = `user-${++users}`;
  const who = { customerIntegrationId: id, userId };
  return {
    id,
    userId,
    user: () => at.api.integrations.getUser(who),
    link: async () => (await at.api.integrations.authUrl(who)).authorizeUrl,
    start: async (tool: string) =>
      (await at.api.runs.create(aRun({ userId, selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.${tool}`) })))
        .runId,
  };
}
const portOfStub = () => new URL(at.stub.origin).port;

test('a token is stored and tried with the values, after the page has named the wrong ones', async () => {
  const { link, user } = await register({ auth: { type: 'API_TOKEN' } });
  const browser = new Browser();
  const page = await browser.open(await link());
  expect(page.html).toContain('<label for="variable.port">Port</label>');
  expect(page.html).toContain('At the end of the address. Example: 8080');
  const before = at.stub.hits.length;
  const refused = await browser.submit(page, {
    decision: 'allow',
    'variable.port': '80@evil.example.com',
    apiToken: 't-1',
  });
  expect(refused.status).toBe(400);
  expect(refused.html).toContain(
    '<p id="variable.port-fault" class="fault">Port must be a port number. Example: 8080</p>',
  );
  expect(refused.html).toContain('value="80@evil.example.com"');
  expect(at.stub.hits).toHaveLength(before);
  expect(await user()).not.toHaveProperty('variables');
  const done = await browser.submit(refused, {
    decision: 'allow',
    'variable.port': portOfStub(),
    apiToken: 'token-of-ann',
  });
  expect(done.url.search).toBe('?status=success&trial=accepted');
  expect(await user()).toMatchObject({ active: true, variables: { port: portOfStub() } });
  expect(at.stub.hits.at(-1)?.headers.authorization).toBe('Bearer token-of-ann');
});

test('a stored token stays unless the values would send it elsewhere', async () => {
  const variables = { port, team: { title: 'Team', from: 'user', default: 'all' } } as const;
  const { link, user } = await register({ auth: { type: 'API_TOKEN' }, variables, headers: { 'X-Team': '{team}' } });
  const browser = new Browser();
  const submit = async (fields: Record<string, string>) =>
    browser.submit(await browser.open(await link()), { decision: 'allow', ...fields });
  await submit({ 'variable.port': portOfStub(), apiToken: 'token-of-ann' });
  expect((await submit({ 'variable.port': portOfStub(), 'variable.team': 'sales' })).status).toBe(200);
  expect(await user()).toMatchObject({ active: true, variables: { port: portOfStub(), team: 'sales' } });
  const elsewhere = await submit({ 'variable.port': '1', 'variable.team': 'sales' });
  expect([elsewhere.status, elsewhere.html.includes('Enter the token')]).toEqual([400, true]);
  expect(await user()).toMatchObject({ active: true, variables: { port: portOfStub() } });
});

test('a run waits for values alone, and its page stores them, also secret ones', async () => {
  const key = { title: 'Key', from: 'user', secret: true } as const;
  const { link, user, start } = await register({
    auth: { type: 'NONE' },
    variables: { port, key },
    headers: { 'X-Key': '{key}' },
  });
  const runId = await start('whoAmI');
  await reach(at, runId, 'AUTH_REQUIRED');
  const [waiting] = (
    (await at.api.runs.get({ runId })) as { waitingOn: { resolveWith: { method: string; path: string } }[] }
  ).waitingOn;
  const { method, path } = waiting!.resolveWith;
  const { authorizeUrl } = JSON.parse((await request(at.stack, path, { method })).text);
  const browser = new Browser();
  const page = await browser.open(authorizeUrl);
  expect(page.html).not.toContain('apiToken');
  await browser.submit(page, { decision: 'allow', 'variable.port': portOfStub(), 'variable.key': 's3cr3t-of-ann' });
  await reach(at, runId, 'SUCCESS');
  expect(at.stub.hits.at(-1)?.headers['x-key']).toBe('s3cr3t-of-ann');
  expect((await user()).variables).toEqual({ port: portOfStub() });
  const again = await browser.open(await link());
  expect([again.html.includes('s3cr3t'), again.html.includes('keep the present value')]).toEqual([false, true]);
  await browser.submit(again, { decision: 'allow', 'variable.port': portOfStub(), 'variable.key': '' });
  const next = await start('whoAmI');
  await reach(at, next, 'SUCCESS');
  expect(at.stub.hits.at(-1)?.headers['x-key']).toBe('s3cr3t-of-ann');
});

test('a consent at an authorization server stores the values that the user entered before', async () => {
  const { authorization, calendar } = at.world;
  const { clientId, clientSecret } = authorization;
  const { port: portOfCalendar } = new URL(calendar.url);
  const served = (await (await fetch(calendar.documentUrl)).json()) as { servers?: { url: string }[] };
  const path = new URL(served.servers?.[0]?.url ?? '/', calendar.url).pathname.replace(/\/$/, '');
  const { link, user, start } = await register({
    document: served,
    baseUrl: `${BASE_URL}${path}`,
    auth: { type: 'OAUTH2', clientId, clientSecret },
  });
  const runId = await start('listEvents');
  await reach(at, runId, 'AUTH_REQUIRED');
  const browser = new Browser();
  const page = await browser.open(await link());
  const refused = await browser.submit(page, { decision: 'allow', 'variable.port': '' });
  expect([refused.status, refused.html.includes('Port must not be empty')]).toEqual([400, true]);
  const login = await browser.submit(refused, { decision: 'allow', 'variable.port': portOfCalendar });
  const end = await browser.submit(login, { username: 'ada', password: 'analytical-engine', decision: 'allow' });
  expect(end.url.search).toBe('?status=success');
  await reach(at, runId, 'SUCCESS');
  expect(await user()).toMatchObject({ active: true, variables: { port: portOfCalendar } });
  await at.api.integrations.putCredentials({
    customerIntegrationId: (await idOf(runId))!,
    userId: `user-${users}`,
    variables: { port: '1' },
  });
  expect(await user()).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'origin_changed' });
});

const idOf = async (runId: string) =>
  ((await at.api.runs.get({ runId })) as { selectedCustomerIntegrationIds: string[] })
    .selectedCustomerIntegrationIds[0];
