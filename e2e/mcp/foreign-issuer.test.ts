// An MCP server that names an authorization server of another site: the owner confirms it before any request goes there.
import type { McpBehaviour } from '@errand/integrations/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { overTrpc } from '../fixtures/transports.ts';
import { type NotesStack, startNotesStack } from './notes-stack.ts';

let at: NotesStack;
beforeAll(async () => {
  at = await startNotesStack();
});
afterAll(() => at.close());
beforeEach(() => at.notes.behave());

test('an authorization server of another site waits for the owner: no client, no link, no token before', async () => {
  const { registered } = at.notes.authorization;
  const before = registered().length;
  const issuer = at.notes.authorization.url;
  const [service, signsIn] = [at.notes.stub.url, issuer].map((url) => new URL(url).host);
  const named = expect.stringMatching(
    `${service} names ${issuer}.*sign in at ${signsIn}.*${service} would get.*confirmIssuer`,
  );
  const integration = await at.api.integrations.create({ name: 'Notes', kind: 'mcp', url: at.notes.stub.url });
  const { customerIntegrationId } = integration;
  expect(integration).toMatchObject({
    pendingIssuer: issuer,
    needsReview: true,
    warnings: [expect.any(String), named],
  });
  const user = at.newUser();
  const problem = expect.objectContaining({
    code: 'oauth_failed',
    remedy: expect.stringContaining(`{"confirmIssuer":"${issuer}"}`),
  });
  await expect(at.linkFor(customerIntegrationId, user)).rejects.toEqual(expect.objectContaining({ problem }));
  await expect(
    at.api.integrations.patch({ customerIntegrationId, confirmIssuer: at.notes.another.url }),
  ).rejects.toMatchObject({ problem: { code: 'validation_failed' } });
  // A refresh does not change it; another address of the owner's client must be confirmed by name.
  expect(await at.api.integrations.refresh({ customerIntegrationId })).toMatchObject({ pendingIssuer: issuer });
  await expect(
    at.api.integrations.patch({
      customerIntegrationId,
      auth: { type: 'OAUTH2', clientId: 'errand', clientSecret: 's' },
    }),
  ).rejects.toMatchObject({ problem: { code: 'oauth_failed', errors: [{ pointer: '/auth/issuer' }] } });
  expect([registered().length, at.notes.atAuthorization.filter((text) => text.includes('/register'))]).toEqual([
    before,
    [],
  ]);
  const confirmed = await at.api.integrations.patch({ customerIntegrationId, confirmIssuer: issuer });
  expect([confirmed.pendingIssuer, confirmed.needsReview]).toEqual([undefined, false]);
  const page = await new Browser().open(await at.linkFor(customerIntegrationId, user));
  expect(page.html.replace(/<[^>]+>/g, '')).toContain(
    `You sign in at ${signsIn}. The access that you grant there goes to ${service}.`,
  );
  // Another change by the owner needs no second confirmation.
  const again = await at.api.integrations.patch({
    customerIntegrationId,
    auth: { type: 'OAUTH2', scopes: ['notes.read'] },
  });
  expect([again.pendingIssuer, again.needsReview]).toEqual([undefined, false]);
});

test('an issuer that the owner names needs no confirmation', async () => {
  const auth = { type: 'OAUTH2', issuer: at.notes.authorization.url } as const;
  const integration = await at.api.integrations.create({ name: 'Notes', kind: 'mcp', url: at.notes.stub.url, auth });
  expect([integration.pendingIssuer, integration.needsReview]).toEqual([undefined, false]);
  await at.connect(integration.customerIntegrationId, at.newUser());
});

test('an issuer at the server itself whose users sign in elsewhere waits, too', async () => {
  const { origin } = at.notes.stub;
  const victim = at.notes.authorization.url;
  const before: McpBehaviour['before'] = ({ url }, response) => {
    if (url !== '/.well-known/oauth-authorization-server') return false;
    const metadata = {
      issuer: origin,
      authorization_endpoint: `${victim}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      code_challenge_methods_supported: ['S256'],
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
    return true;
  };
  at.notes.behave({ metadata: { authorization_servers: [origin] }, more: { before } });
  const integration = await at.api.integrations.create({ name: 'Notes', kind: 'mcp', url: at.notes.stub.url });
  const named = expect.stringContaining(`sign in at ${new URL(victim).host}`);
  expect(integration).toMatchObject({ pendingIssuer: origin, warnings: [expect.any(String), named] });
  await expect(at.linkFor(integration.customerIntegrationId, at.newUser())).rejects.toMatchObject({
    problem: { code: 'oauth_failed' },
  });
  expect(at.notes.stub.hits.filter(({ path }) => path === '/register')).toEqual([]);
});

test('waits for the owner; until then users are sent to the one of before', async () => {
  const { integrations } = overTrpc(at.stack);
  const id = await at.ready();
  const user = at.newUser();
  await at.connect(id, user);
  const refused = (code: string) => expect.objectContaining({ problem: expect.objectContaining({ code }) });
  const { url: another } = at.notes.another;
  const ref = { customerIntegrationId: id };
  await expect(integrations.patch({ ...ref, confirmIssuer: another })).rejects.toEqual(refused('validation_failed'));
  at.notes.behave({ metadata: { authorization_servers: [another] } });
  expect(await integrations.refresh(ref)).toMatchObject({ pendingIssuer: another, needsReview: true, toolCount: 2 });
  const leadsTo = async (who: string) => {
    const browser = new Browser();
    const page = await browser.open(await at.linkFor(id, who));
    return (await browser.submit(page, { decision: 'allow' })).url.origin;
  };
  expect(await leadsTo(at.newUser())).toBe(at.notes.authorization.url);
  await at.reaches(await at.call(id, user), 'SUCCESS');
  // Metadata that change back need no confirmation.
  at.notes.behave();
  expect(await integrations.refresh(ref)).not.toHaveProperty('pendingIssuer');
  at.notes.behave({ metadata: { authorization_servers: [another] } });
  await integrations.refresh(ref);
  await expect(integrations.patch({ ...ref, confirmIssuer: `${another}/` })).rejects.toEqual(
    refused('validation_failed'),
  );
  const both = { ...ref, confirmIssuer: another, auth: { type: 'NONE' as const } };
  await expect(integrations.patch(both)).rejects.toEqual(refused('validation_failed'));
  const confirmed = await integrations.patch({ ...ref, confirmIssuer: another });
  expect([confirmed.pendingIssuer, confirmed.needsReview]).toEqual([undefined, false]);
  expect(await leadsTo(at.newUser())).toBe(another);
  await at.reaches(await at.call(id, user), 'AUTH_REQUIRED');
  const { rows } = await at.pool.query('SELECT issuer, client_id FROM oauth_client ORDER BY issuer');
  expect(new Set(rows.map(({ issuer }) => issuer))).toEqual(new Set([another, at.notes.authorization.url]));
  expect(new Set(rows.map(({ client_id }) => client_id)).size).toBe(rows.length);
});
