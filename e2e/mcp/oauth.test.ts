// MCP servers with user consent, registered by address.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { eventsOf } from '../fixtures/builders.ts';
import { consent } from '../fixtures/calendar.ts';
import { slowTest } from '../fixtures/combine.ts';
import { startServer } from '../fixtures/server.ts';
import { overTrpc } from '../fixtures/transports.ts';
import { type NotesStack, startNotesStack } from './notes-stack.ts';

let at: NotesStack;
beforeAll(async () => {
  at = await startNotesStack();
});
afterAll(() => at.close());
beforeEach(() => at.notes.behave());

const writes = (_: string, tool: string | undefined) => (tool === 'add_note' ? ['notes.write'] : []);

test('an address and an issuer are enough: a user consents, the tools are read with that consent, and a run calls one', async () => {
  const api = overTrpc(at.stack);
  const id = await at.register(api);
  expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({
    authType: 'OAUTH2',
    toolCount: 0,
  });
  const user = at.newUser();
  await at.connect(id, user);
  await at.toolsRead(id);
  expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({
    toolsUserId: user,
    needsReview: false,
    warnings: [],
  });
  const runId = await at.call(id, user);
  await at.reaches(runId, 'SUCCESS');
  expect((await api.runs.get({ runId })).result).toEqual({ id: 'note-1' });
  expect(at.notes.calls).toEqual([{ tool: 'add_note', user: 'ada', scopes: ['notes.read'] }]);
  // A user who disconnects no longer counts as the one whose consent was used to read the tools.
  await api.users.erase({ userId: user });
  expect(await api.integrations.get({ customerIntegrationId: id })).not.toHaveProperty('toolsUserId');
});

test('an invalid registration is refused with a remedy', async () => {
  const create = (more: object) =>
    overTrpc(at.stack).integrations.create({ name: 'Notes', kind: 'mcp', url: at.notes.stub.url, ...more });
  const refused = (code: string, detail: string) =>
    expect.objectContaining({ problem: expect.objectContaining({ code, detail: expect.stringContaining(detail) }) });
  const before = at.notes.authorization.registered().length;
  for (const metadata of [
    { resource: 'https://notes.example.com/mcp' },
    { resource: `${at.notes.stub.origin}/other` },
  ]) {
    at.notes.behave({ metadata });
    await expect(create({})).rejects.toEqual(refused('oauth_failed', 'for another service'));
  }
  at.notes.behave({ metadata: { authorization_servers: ['http://169.254.169.254'] } });
  await expect(create({})).rejects.toEqual(refused('url_not_allowed', 'may not be called'));
  at.notes.behave();
  await expect(create({ auth: { type: 'OAUTH2', issuer: 'http://10.0.0.1' } })).rejects.toEqual(
    refused('url_not_allowed', 'may not be called'),
  );
  await expect(create({ auth: { type: 'OAUTH2', clientId: '' } })).rejects.toEqual(refused('validation_failed', ''));
  await expect(create({ auth: { type: 'OAUTH2', scope: 'x' } })).rejects.toEqual(refused('validation_failed', ''));
  await expect(create({ auth: { type: 'NONE' } })).rejects.toEqual(refused('mcp_failed', 'wants a credential'));
  expect(at.notes.authorization.registered()).toHaveLength(before);
});

test('one client serves all integrations and users of a workspace, and its secret is never stored in clear', async () => {
  const before = at.notes.authorization.registered().length;
  const first = await at.register();
  const second = await at.register();
  await Promise.all([first, first, second].map((id) => at.connect(id, at.newUser())));
  await Promise.all([at.toolsRead(first), at.toolsRead(second)]);
  expect(at.notes.authorization.registered().length - before).toBeLessThanOrEqual(1);
  // Opening the link leaves the integration unchanged.
  const { entries } = await at.api.audit.list({ pageSize: 50 });
  expect(entries.filter(({ details }) => 'clientId' in details)).toEqual([]);
  const { rows } = await at.pool.query('SELECT * FROM oauth_client');
  expect(rows).toMatchObject([{ issuer: at.notes.authorization.url, authentication: 'client_secret_basic' }]);
  expect(rows[0].sealed_secret).toBeInstanceOf(Buffer);
});

slowTest('a consent starts in one process, returns to another, and the run continues in a third', async () => {
  const id = await at.ready();
  const user = at.newUser();
  const env = { ...at.env, ERRAND_ROLE: 'http' };
  const { databaseUrl } = at.stack;
  const [first, second] = await Promise.all([0, 1].map(() => startServer({ databaseUrl, env })));
  try {
    const runId = await at.call(id, user);
    await at.reaches(runId, 'AUTH_REQUIRED');
    const link = new URL(await at.linkOf(runId));
    const browser = new Browser();
    const sentBack = `${first!.url}/v1/oauth/callback`;
    const stopped = await consent(browser, first!.url + link.pathname + link.search, { until: sentBack });
    expect(stopped.url.href.startsWith(sentBack)).toBe(true);
    const end = await browser.open(second!.url + stopped.url.pathname + stopped.url.search);
    expect([end.url.origin, end.url.search]).toEqual([second!.url, '?status=success']);
    await at.reaches(runId, 'SUCCESS');
    expect(at.notes.calls).toMatchObject([{ tool: 'add_note', user: 'ada' }]);
  } finally {
    await Promise.all([first!.stop(), second!.stop()]);
  }
});

slowTest('thirty runs with an expired token refresh it once', async () => {
  const id = await at.ready();
  const user = at.newUser();
  await at.connect(id, user);
  const { authorization } = at.notes;
  const [used, refreshed] = [authorization.reuses(), authorization.tokenCalls().refresh_token];
  authorization.expireAccessTokens();
  const runs = await Promise.all(Array.from({ length: 30 }, () => at.call(id, user)));
  for (const runId of runs) await at.reaches(runId, 'SUCCESS');
  expect([authorization.reuses() - used, authorization.tokenCalls().refresh_token - refreshed]).toEqual([0, 1]);
  expect(at.notes.calls).toHaveLength(30);
});

test('a consent that is withdrawn during a run is requested again, and the run continues', async () => {
  const id = await at.ready();
  const user = at.newUser();
  await at.connect(id, user);
  at.notes.authorization.withdraw();
  const runId = await at.call(id, user);
  await at.reaches(runId, 'AUTH_REQUIRED');
  await consent(new Browser(), await at.linkOf(runId));
  await at.reaches(runId, 'SUCCESS');
  expect(at.notes.calls).toHaveLength(1);
});

slowTest('a client that its server no longer knows is replaced, and users connect again', async () => {
  const id = await at.ready();
  const user = at.newUser();
  await at.connect(id, user);
  const { authorization } = at.notes;
  authorization.forgetRegistered();
  authorization.expireAccessTokens();
  const runId = await at.call(id, user);
  await at.reaches(runId, 'AUTH_REQUIRED');
  await consent(new Browser(), await at.linkOf(runId));
  await at.reaches(runId, 'SUCCESS');
  expect(authorization.registered()).toHaveLength(1);
});

slowTest(
  'an authorization server that does not answer is asked again when a user connects, and named before they go there',
  async () => {
    at.notes.behave({ down: true });
    const integration = await at.api.integrations.create({ name: 'Notes', kind: 'mcp', url: at.notes.stub.url });
    expect(integration).toMatchObject({
      warnings: [expect.any(String), expect.stringContaining('Errand asks again when a user connects.')],
    });
    const browser = new Browser();
    const link = await at.linkFor(integration.customerIntegrationId, at.newUser());
    const page = await browser.open(link);
    const later = await browser.submit(page, { decision: 'allow' });
    expect([later.status, later.html]).toEqual([503, expect.stringContaining('does not answer now. Try again later.')]);
    at.notes.behave();
    // It is of another site, and was unknown before.
    const unconfirmed = await browser.submit(page, { decision: 'allow' });
    expect([unconfirmed.status, unconfirmed.html]).toEqual([400, expect.stringContaining('has not confirmed')]);
    const { customerIntegrationId } = integration;
    const confirmIssuer = at.notes.authorization.url;
    expect(await at.api.integrations.get({ customerIntegrationId })).toMatchObject({ pendingIssuer: confirmIssuer });
    await at.api.integrations.patch({ customerIntegrationId, confirmIssuer });
    const named = await browser.open(link);
    expect(named.html).toContain(new URL(confirmIssuer).host);
    const login = await browser.submit(named, { decision: 'allow' });
    expect(login.url.origin).toBe(at.notes.authorization.url);
  },
);

test('an answer counts once, and only for the user and browser that were redirected', async () => {
  const id = await at.register();
  const sentBack = `${at.stack.url}/v1/oauth/callback`;
  const begin = async (browser: Browser) =>
    (await consent(browser, await at.linkFor(id, at.newUser()), { until: sentBack })).url;
  const [ada, eve] = [new Browser(), new Browser()];
  const [ofAda, ofEve, another] = await Promise.all([begin(ada), begin(eve), begin(eve)]);
  const codeOf = async (browser: Browser, url: URL) => (await browser.open(url)).headers.get('x-problem-code');
  expect(await codeOf(eve, ofAda)).toBe('oauth_state_invalid');
  const mixed = new URL(ofAda);
  mixed.searchParams.set('code', another.searchParams.get('code') ?? '');
  expect(await codeOf(ada, mixed)).toBe('oauth_failed');
  expect(await codeOf(ada, ofAda)).toBe('oauth_state_invalid');
  expect((await eve.open(ofEve)).url.search).toBe('?status=success');
  expect(await codeOf(eve, ofEve)).toBe('oauth_state_invalid');
  expect((await fetch(`${at.stack.url}/oauth/client.json`)).status).toBe(404);
});

describe('a server that requires more scopes', () => {
  test('gets them with one new consent to all, and the run continues', async () => {
    const id = await at.ready();
    const user = at.newUser();
    await at.connect(id, user);
    at.notes.behave({ wants: writes });
    const runId = await at.call(id, user);
    await at.reaches(runId, 'AUTH_REQUIRED');
    expect(JSON.stringify(await at.pending(runId))).toContain('the user must grant notes.write');
    const link = await at.linkOf(runId);
    expect((await new Browser().open(link)).html).toMatch(/notes\.read[\s\S]*notes\.write/);
    await consent(new Browser(), link);
    await at.reaches(runId, 'SUCCESS');
    expect(at.notes.calls).toEqual([{ tool: 'add_note', user: 'ada', scopes: ['notes.read', 'notes.write'] }]);
    expect(at.notes.refusals).toEqual({ unauthorized: 0, forbidden: 1 });
    const authEvents = (await eventsOf(at.api, runId)).filter(({ type }) => type === 'authentication');
    expect(authEvents).toMatchObject([{ auth: { status: 'required' } }, { auth: { status: 'success' } }]);
    // The next run asks no one.
    await at.reaches(await at.call(id, user), 'SUCCESS');
    expect(at.notes.refusals.forbidden).toBe(1);
  });

  test('that the user has granted causes one request, and the run reports the reason', async () => {
    const id = await at.ready();
    const user = at.newUser();
    await at.connect(id, user);
    at.notes.behave({ refuses: { tool: 'add_note', scope: 'notes.read' } });
    const runId = await at.call(id, user);
    await at.reaches(runId, 'FAILED');
    expect((await at.api.runs.get({ runId })).error).toMatchObject({
      code: 'scope_missing',
      message: expect.stringContaining('the account of the user lacks the permission'),
    });
    expect(at.notes.refusals.forbidden).toBe(1);
  });

  test('causes one consent, however often it requires them', async () => {
    const id = await at.ready();
    const user = at.newUser();
    await at.connect(id, user);
    at.notes.behave({ refuses: { tool: 'add_note', scope: 'notes.write' } });
    const runId = await at.call(id, user);
    await at.reaches(runId, 'AUTH_REQUIRED');
    await consent(new Browser(), await at.linkOf(runId));
    await at.reaches(runId, 'FAILED');
    expect((await at.api.runs.get({ runId })).error).toMatchObject({ code: 'scope_missing' });
    expect(at.notes.refusals.forbidden).toBe(2);
  });

  test('to list its tools reports that, and lists them after the next consent', async () => {
    at.notes.behave({ wants: (rpc) => (rpc === 'tools/list' ? ['notes.write'] : []) });
    const id = await at.register();
    const user = at.newUser();
    await at.connect(id, user);
    await expect
      .poll(async () => (await at.api.integrations.get({ customerIntegrationId: id })).warnings, { timeout: 10_000 })
      .toEqual([expect.stringContaining('the user must grant notes.write')]);
    await at.connect(id, user);
    await at.toolsRead(id);
  });
});

test('neither passed-through credentials nor API keys reach the authorization server', async () => {
  const id = await at.ready();
  const user = at.newUser();
  await at.connect(id, user);
  at.notes.behave();
  at.notes.authorization.expireAccessTokens();
  const passThrough = [{ customerIntegrationId: id, headers: { 'x-tenant-key': 'secret-of-the-caller' } }];
  await at.reaches(await at.call(id, user, { passThrough }), 'SUCCESS');
  const call = at.notes.stub.hits.find(({ rpc }) => rpc === 'tools/call');
  expect(call?.headers['x-tenant-key']).toBe('secret-of-the-caller');
  const sent = at.notes.atAuthorization.join('\n');
  expect(sent).toContain('/token');
  for (const secret of ['x-tenant-key', 'secret-of-the-caller', at.stack.apiKey, 'x-api-key', 'Bearer'])
    expect(sent).not.toContain(secret);
});
