// Runs that need their user's consent at a real authorization server, and the later life of a consent.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan } from './fixtures/builders.ts';
import { type CalendarStack, consent } from './fixtures/calendar.ts';
import { as, type ConsentStack, MASTER_KEYS, reaches as reach, startConsentStack } from './fixtures/consents.ts';
import { startServer } from './fixtures/server.ts';
import type { Stack } from './fixtures/stack.ts';
import type { Stub } from './fixtures/stub.ts';
import { type Api, overTrpc } from './fixtures/transports.ts';

let at: ConsentStack;
let stack: Stack;
let world: CalendarStack;
let api: Api;
let calendar: string;
let user = '';
let users = 0;
let ada: ReturnType<typeof as>;
let stub: Stub;

const next = () => {
  user = `user-${++users}`;
  ada = as(user, at);
};
const reaches = (runId: string, status: string) => reach(at, runId, status);

beforeAll(async () => {
  at = await startConsentStack(() => refusals-- > 0);
  ({ stack, world, api, calendar, stub } = at);
  return () => at.close();
});
/** Number of refusals before the service answers. */
let refusals = 0;
beforeEach(() => {
  refusals = 0;
  next();
});

describe('a run that needs a consent', () => {
  test('waits for it, and continues on its own once the user consents', async () => {
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const end = await consent(browser, await ada.linkOf(runId));
    expect([end.status, end.url.pathname, end.url.search]).toEqual([200, '/v1/connect/done', '?status=success']);
    await reaches(runId, 'SUCCESS');

    expect((await ada.authentications(runId)).map(({ status }) => status)).toEqual(['required', 'success']);
    expect(await ada.connection()).toMatchObject({
      active: true,
      needsReconnect: false,
      scope: 'calendar.read calendar.write',
    });
    expect(world.calendar.calls.at(-1)).toMatchObject({ operation: 'listEvents', user: 'ada', status: 200 });
    // The next run needs no one.
    const again = await ada.ask();
    await reaches(again, 'SUCCESS');
    expect(await ada.authentications(again)).toEqual([]);
  });

  test('requests all missing consents at once, and continues when all are given', async () => {
    const auth = { type: 'API_TOKEN' } as const;
    const integration = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
    const { customerIntegrationId } = integration;
    const both = [
      { id: 'events', tool: `${calendar}.listEvents` },
      { id: 'me', tool: `${customerIntegrationId}.whoAmI` },
    ];
    const runId = await ada.ask({
      selectedCustomerIntegrationIds: [calendar, customerIntegrationId],
      plan: { goal: 'Both', steps: both },
    });
    await reaches(runId, 'AUTH_REQUIRED');
    expect((await ada.authentications(runId)).map((auth) => auth.customerIntegrationId).sort()).toEqual(
      [calendar, customerIntegrationId].sort(),
    );
    await overTrpc(stack).integrations.putCredentials({
      customerIntegrationId,
      userId: user,
      apiToken: 'token-of-ada',
    });
    await expect.poll(() => stub.hits.at(-1)?.headers.authorization).toBe('Bearer token-of-ada');
    expect((await api.runs.get({ runId })).status).not.toBe('SUCCESS');
    await consent(new Browser(), await ada.linkOf(runId));
    await reaches(runId, 'SUCCESS');
  });

  test('continues without a denied consent', async () => {
    const open = await api.integrations.create({ name: 'Open', document: stub.document, auth: { type: 'NONE' } });
    const steps = [
      { id: 'events', tool: `${calendar}.listEvents` },
      { id: 'me', tool: `${open.customerIntegrationId}.whoAmI` },
    ];
    const selectedCustomerIntegrationIds = [calendar, open.customerIntegrationId];
    const runId = await ada.ask({ selectedCustomerIntegrationIds, plan: { goal: 'Both', steps } });
    await reaches(runId, 'AUTH_REQUIRED');
    const end = await consent(new Browser(), await ada.linkOf(runId), { decision: 'deny' });
    expect([end.status, end.headers.get('x-problem-code')]).toEqual([400, 'oauth_denied']);
    await expect.poll(async () => (await api.runs.get({ runId })).endedAt, { timeout: 60_000 }).toBeDefined();
    expect((await ada.authentications(runId)).map(({ status }) => status)).toEqual(['required', 'denied']);
    const run = await api.runs.get({ runId, includeEvents: true });
    expect(['PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED']).toContain(run.status);
    expect(JSON.stringify(run.events)).toContain('consent_denied');
    expect((await ada.connection().catch(() => undefined))?.active ?? false).toBe(false);
  });

  test('can also be refused on our own page', async () => {
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const end = await browser.submit(await browser.open(await ada.linkOf(runId)), { decision: 'deny' });
    expect(end.url.search).toBe('?status=error');
    await expect.poll(async () => (await ada.authentications(runId)).at(-1)?.status).toBe('denied');
    // The request is decided, so the link no longer asks.
    expect((await browser.open(await ada.linkOf(runId))).headers.get('x-problem-code')).toBe('consent_gone');
  });

  test('requests a token with the same page', async () => {
    const auth = { type: 'API_TOKEN' } as const;
    const { customerIntegrationId: id } = await api.integrations.create({
      name: 'Tokens <b>',
      kind: 'openapi',
      document: stub.document,
      auth,
    });
    const runId = await ada.ask({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.whoAmI`) });
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const form = await browser.open(await ada.linkOf(runId, id));
    expect(form.html).toContain('Tokens &lt;b&gt;');
    const empty = await browser.submit(form, { decision: 'allow', apiToken: ' ' });
    expect([empty.status, empty.html]).toEqual([400, expect.stringContaining('Enter the token')]);
    const end = await browser.submit(form, { decision: 'allow', apiToken: 'entered-token-1234' });
    expect(end.url.search).toBe('?status=success&trial=accepted');
    await reaches(runId, 'SUCCESS');
    expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer entered-token-1234');
    expect(await api.integrations.getUser({ customerIntegrationId: id, userId: user })).toMatchObject({
      token: { last4: '1234' },
    });
  });
});

describe('a consent', () => {
  test('is requested again after it was withdrawn, and the run continues', async () => {
    await ada.connected();
    world.authorization.withdraw();
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    expect(await ada.connection()).toMatchObject({
      active: false,
      needsReconnect: true,
      reconnectReason: 'invalid_grant',
    });
    await consent(new Browser(), await ada.linkOf(runId));
    await reaches(runId, 'SUCCESS');
    expect(await ada.connection()).toMatchObject({ active: true, needsReconnect: false });
  });

  test('whose refresh got no answer is not refreshed twice', async () => {
    await ada.connected();
    const reuses = world.authorization.reuses();
    world.authorization.expireAccessTokens();
    world.authorization.loseNextAnswer();
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    expect(await ada.connection()).toMatchObject({ needsReconnect: true, reconnectReason: 'lost' });
    expect(world.authorization.reuses()).toBe(reuses);
  });

  test('is requested again if the service refuses its token even after a refresh', async () => {
    const { url: issuer, clientId, clientSecret } = world.authorization;
    const auth = { type: 'OAUTH2' as const, issuer, clientId, clientSecret, scopes: ['calendar.read'] };
    const integration = await api.integrations.create({
      name: 'Strict',
      kind: 'openapi',
      document: stub.document,
      auth,
    });
    const { customerIntegrationId: id } = integration;
    const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId: user });
    await consent(new Browser(), authorizeUrl);
    const sent: (string | undefined)[] = [];
    stub.hits.length = 0;
    refusals = 2;
    const refreshed = world.authorization.tokenCalls().refresh_token;
    const runId = await ada.ask({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.whoAmI`) });
    await reaches(runId, 'AUTH_REQUIRED');
    sent.push(...stub.hits.map(({ headers }) => headers.authorization));
    expect([new Set(sent).size, sent.length]).toEqual([2, 2]);
    expect(world.authorization.tokenCalls().refresh_token - refreshed).toBe(1);
    const getUser = () => api.integrations.getUser({ customerIntegrationId: id, userId: user });
    expect(await getUser()).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'rejected' });
    await consent(new Browser(), await ada.linkOf(runId, id));
    await reaches(runId, 'SUCCESS');
    expect(await getUser()).toMatchObject({ active: true, needsReconnect: false });
  });

  test('is for the origin of its integration at that time: nothing is sent or refreshed at another origin', async () => {
    await ada.connected();
    const mine = world.calendar.calls.length;
    const document = JSON.parse(await (await fetch(world.calendar.documentUrl)).text());
    const moveTo = async (url: string) => {
      const moved = JSON.stringify({ ...document, servers: [{ url }] });
      const { pendingBaseUrl } = await api.integrations.refresh({ customerIntegrationId: calendar, document: moved });
      await api.integrations.patch({ customerIntegrationId: calendar, confirmBaseUrl: pendingBaseUrl! });
    };
    const link = await ada.linkFor();
    const browser = new Browser();
    const callback = (await consent(browser, link, { until: `${stack.url}/v1/oauth/callback` })).url;
    stub.hits.length = 0;
    const before = world.authorization.tokenCalls();
    await moveTo(stub.origin);
    expect(await ada.connection()).toMatchObject({ active: false, reconnectReason: 'origin_changed' });
    world.authorization.expireAccessTokens();
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    // A consent that started before the origin changed is for the origin that the user saw.
    const late = await browser.open(callback);
    expect([late.status, late.headers.get('x-problem-code')]).toEqual([400, 'oauth_state_invalid']);
    expect([stub.hits, world.authorization.tokenCalls()]).toEqual([[], before]);

    await moveTo(document.servers[0].url);
    expect(await ada.connection()).toMatchObject({ active: true, needsReconnect: false });
    await reaches(await ada.ask(), 'SUCCESS');
    // The waiting run needs nothing more from the user, so it continues.
    await reaches(runId, 'SUCCESS');
    expect(world.calendar.calls.length).toBeGreaterThan(mine);
  });

  test('and the client secret are not sent to an authorization server that is named later', async () => {
    const { url, clientId, clientSecret } = world.authorization;
    const urls = { authorizationUrl: `${url}/authorize`, tokenUrl: `${url}/token` };
    const auth = { type: 'OAUTH2' as const, clientId, clientSecret, ...urls, scopes: ['calendar.read'] };
    for (const elsewhere of [{ tokenUrl: `${stub.origin}/token` }, { revocationUrl: `${stub.origin}/revoke` }]) {
      next();
      const integration = await api.integrations.create({
        name: 'Moving',
        kind: 'openapi',
        document: stub.document,
        auth,
      });
      const target = { customerIntegrationId: integration.customerIntegrationId };
      const { authorizeUrl } = await api.integrations.authUrl({ ...target, userId: user });
      await consent(new Browser(), authorizeUrl);
      expect(await api.integrations.getUser({ ...target, userId: user })).toMatchObject({ active: true });
      stub.hits.length = 0;
      const { clientSecret: _, ...publicAuth } = auth;
      await api.integrations.patch({ ...target, auth: { ...publicAuth, ...elsewhere } });
      world.authorization.expireAccessTokens();
      const plan = aPlan(`${integration.customerIntegrationId}.whoAmI`);
      const runId = await ada.ask({ selectedCustomerIntegrationIds: [integration.customerIntegrationId], plan });
      await reaches(runId, 'AUTH_REQUIRED');
      await api.integrations.deleteCredentials({ ...target, userId: user });
      expect(stub.hits).toEqual([]);
    }
  });

  test('that is revoked, or whose user is erased, is revoked at the authorization server', async () => {
    for (const end of [
      () => api.integrations.deleteCredentials({ customerIntegrationId: calendar, userId: user }),
      () => api.users.erase({ userId: user }),
    ]) {
      next();
      await ada.connected();
      const before = world.calendar.calls.length;
      await reaches(await ada.ask(), 'SUCCESS');
      const token = await ada.token();
      expect(world.authorization.check(token)).toMatchObject({ user: 'ada' });
      await end();
      expect(world.authorization.check(token)).toBeUndefined();
      const runId = await ada.ask();
      await reaches(runId, 'AUTH_REQUIRED');
      expect(world.calendar.calls.length).toBe(before + 1);
    }
  });

  test('is refreshed once for any number of runs and processes', async () => {
    await ada.connected();
    const second = await startServer({
      databaseUrl: stack.databaseUrl,
      env: {
        ERRAND_MASTER_KEYS: MASTER_KEYS,
        ERRAND_WORKER_CONCURRENCY: '5',
        ERRAND_EGRESS_ALLOW: [world.authorization.url, world.calendar.url].join(),
      },
    });
    try {
      const { reuses, tokenCalls, expireAccessTokens } = world.authorization;
      const [used, refreshed] = [reuses(), tokenCalls().refresh_token];
      expireAccessTokens();
      const runs = await Promise.all(Array.from({ length: 30 }, () => ada.ask()));
      for (const runId of runs) await reaches(runId, 'SUCCESS');
      expect([reuses() - used, tokenCalls().refresh_token - refreshed]).toEqual([0, 1]);
    } finally {
      await second.stop();
    }
  });
});
