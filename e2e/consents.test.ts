// Consents of users at a real authorization server, from the run that asks for one to the call that is made with it.
import type { RunEvent } from '@errand/contracts';
import pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun } from './fixtures/builders.ts';
import { type CalendarPlace, consent, registerCalendar, startCalendarPlace } from './fixtures/calendar.ts';
import { type Place, startPlace } from './fixtures/place.ts';
import { request } from './fixtures/request.ts';
import { startServer } from './fixtures/server.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

const masterKeys = `k1:${Buffer.alloc(32, 9).toString('base64')}`;
const app = 'https://app.example.com';

let place: Place;
let world: CalendarPlace;
let stub: Stub;
let api: Api;
let pool: pg.Pool;
let calendar: string;
let user = '';
let users = 0;

beforeAll(async () => {
  world = await startCalendarPlace();
  stub = await startStub({ whoAmI: { answer: (response) => json(response, { name: 'Ada' }) } });
  const allow = [world.authorization.url, world.calendar.url, stub.origin];
  place = await startPlace({
    allow,
    seed: false,
    // Few hands, so that two processes share the runs.
    env: { ERRAND_MASTER_KEYS: masterKeys, ERRAND_REDIRECT_ORIGINS: app, ERRAND_WORKER_CONCURRENCY: '5' },
  });
  api = overRest(place);
  pool = new pg.Pool({ connectionString: place.databaseUrl });
  calendar = await registerCalendar(api, world);
  return async () => {
    await pool.end();
    await place.close();
    await Promise.all([world.close(), stub.close()]);
  };
});
beforeEach(() => {
  user = `user-${++users}`;
});

const plan = (id = calendar) => aPlan(`${id}.listEvents`);
const ask = async (more: Partial<Parameters<Api['runs']['create']>[0]> = {}) =>
  (await api.runs.create(aRun({ userId: user, selectedCustomerIntegrationIds: [calendar], plan: plan(), ...more })))
    .runId;
const statusOf = async (runId: string) => (await api.runs.get({ runId })).status;
const reaches = (runId: string, status: string) =>
  expect.poll(() => statusOf(runId), { timeout: 20_000, interval: 50 }).toBe(status);
const authentications = async (runId: string) =>
  (await api.runs.events({ runId, after: 0 })).events.flatMap((event: RunEvent) =>
    event.type === 'authentication' ? [event.auth] : [],
  );
const linkOf = async (runId: string, id = calendar) => {
  const found = (await authentications(runId)).findLast(
    (auth) => auth.status === 'required' && auth.customerIntegrationId === id,
  );
  return found?.status === 'required' ? found.url : '';
};
const linkFor = async (more: { redirectUri?: string } = {}) =>
  (await api.integrations.authUrl({ customerIntegrationId: calendar, userId: user, ...more })).authorizeUrl;
const connection = () => api.integrations.getUser({ customerIntegrationId: calendar, userId: user });
const connected = async () =>
  expect((await consent(new Browser(), await linkFor())).url.search).toBe('?status=success');

describe('a run that needs a consent', () => {
  test('waits for it, and goes on by itself once it is given', async () => {
    const runId = await ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const end = await consent(browser, await linkOf(runId));
    expect([end.status, end.url.pathname, end.url.search]).toEqual([200, '/v1/connect/done', '?status=success']);
    await reaches(runId, 'SUCCESS');

    expect((await authentications(runId)).map(({ status }) => status)).toEqual(['required', 'success']);
    expect(await connection()).toMatchObject({
      active: true,
      needsReconnect: false,
      scope: 'calendar.read calendar.write',
    });
    expect(world.calendar.calls.at(-1)).toMatchObject({ operation: 'listEvents', user: 'ada', status: 200 });
    // The next run needs nobody.
    const again = await ask();
    await reaches(again, 'SUCCESS');
    expect(await authentications(again)).toEqual([]);
  });

  test('is asked for all that is missing at once, and goes on when all is there', async () => {
    const auth = { type: 'API_TOKEN' } as const;
    const made = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
    const { customerIntegrationId } = made;
    const both = [
      { id: 'events', tool: `${calendar}.listEvents` },
      { id: 'me', tool: `${customerIntegrationId}.whoAmI` },
    ];
    const runId = await ask({
      selectedCustomerIntegrationIds: [calendar, customerIntegrationId],
      plan: { goal: 'Both', steps: both },
    });
    await reaches(runId, 'AUTH_REQUIRED');
    expect((await authentications(runId)).map((auth) => auth.customerIntegrationId).sort()).toEqual(
      [calendar, customerIntegrationId].sort(),
    );
    await overTrpc(place).integrations.putCredentials({
      customerIntegrationId,
      userId: user,
      apiToken: 'token-of-ada',
    });
    await expect.poll(() => stub.hits.at(-1)?.headers.authorization).toBe('Bearer token-of-ada');
    expect(await statusOf(runId)).not.toBe('SUCCESS');
    await consent(new Browser(), await linkOf(runId));
    await reaches(runId, 'SUCCESS');
  });

  test('goes on without what was denied', async () => {
    const open = await api.integrations.create({ name: 'Open', kind: 'openapi', document: stub.document });
    const steps = [
      { id: 'events', tool: `${calendar}.listEvents` },
      { id: 'me', tool: `${open.customerIntegrationId}.whoAmI` },
    ];
    const selectedCustomerIntegrationIds = [calendar, open.customerIntegrationId];
    const runId = await ask({ selectedCustomerIntegrationIds, plan: { goal: 'Both', steps } });
    await reaches(runId, 'AUTH_REQUIRED');
    const end = await consent(new Browser(), await linkOf(runId), { decision: 'deny' });
    expect([end.status, end.headers.get('x-problem-code')]).toEqual([400, 'oauth_denied']);
    await expect.poll(async () => (await api.runs.get({ runId })).endedAt, { timeout: 20_000 }).toBeDefined();
    expect((await authentications(runId)).map(({ status }) => status)).toEqual(['required', 'denied']);
    const run = await api.runs.get({ runId, includeEvents: true });
    expect(['PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED']).toContain(run.status);
    expect(JSON.stringify(run.events)).toContain('consent_denied');
    expect((await connection().catch(() => undefined))?.active ?? false).toBe(false);
  });

  test('can be refused on our own page, too', async () => {
    const runId = await ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const end = await browser.submit(await browser.open(await linkOf(runId)), { decision: 'deny' });
    expect(end.url.search).toBe('?status=error');
    await expect.poll(async () => (await authentications(runId)).at(-1)?.status).toBe('denied');
    // The question is answered, so the link asks nothing any more.
    expect((await browser.open(await linkOf(runId))).headers.get('x-problem-code')).toBe('consent_gone');
  });

  test('asks for a token by the same page', async () => {
    const auth = { type: 'API_TOKEN' } as const;
    const { customerIntegrationId: id } = await api.integrations.create({
      name: 'Tokens <b>',
      kind: 'openapi',
      document: stub.document,
      auth,
    });
    const runId = await ask({ selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.whoAmI`) });
    await reaches(runId, 'AUTH_REQUIRED');
    const browser = new Browser();
    const form = await browser.open(await linkOf(runId, id));
    expect(form.html).toContain('Tokens &lt;b&gt;');
    const empty = await browser.submit(form, { decision: 'allow', apiToken: ' ' });
    expect([empty.status, empty.html]).toEqual([400, expect.stringContaining('Enter the token')]);
    const end = await browser.submit(form, { decision: 'allow', apiToken: 'entered-token-1234' });
    expect(end.url.search).toBe('?status=success');
    await reaches(runId, 'SUCCESS');
    expect(stub.hits.at(-1)?.headers.authorization).toBe('Bearer entered-token-1234');
    expect(await api.integrations.getUser({ customerIntegrationId: id, userId: user })).toMatchObject({
      token: { last4: '1234' },
    });
  });
});

describe('the page', () => {
  test('shows and changes nothing when it is looked at, and takes no form of another site', async () => {
    const link = await linkFor();
    for (const method of ['GET', 'HEAD', 'GET']) expect((await fetch(link, { method })).status).toBe(200);
    expect((await pool.query('SELECT 1 FROM oauth_pending WHERE user_id = $1', [user])).rows).toEqual([]);
    const page = await fetch(link);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/);
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toBe('no-store');

    const browser = new Browser();
    const form = await browser.open(link);
    const forged = await new Browser().submit(form, { decision: 'allow' });
    expect([forged.status, forged.headers.get('x-problem-code')]).toEqual([403, 'csrf_failed']);
    const foreign = await fetch(new URL('/v1/connect', link), {
      method: 'POST',
      headers: { origin: 'https://evil.example.com', 'content-type': 'application/x-www-form-urlencoded' },
      body: '',
    });
    expect(foreign.status).toBe(403);
  });

  test('is asked for by the request that the run names', async () => {
    const runId = await ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const [waiting] = (await api.pending.list({ userId: user })).pending;
    const { method, path } = waiting!.request;
    const { status, text } = await request(place, path, { method });
    expect([status, JSON.parse(text).authorizeUrl]).toEqual([200, expect.stringContaining('/v1/connect?token=')]);
    await api.runs.cancel({ runId });
  });

  test('of a changed link is not there', async () => {
    const link = await linkFor();
    for (const changed of [link.slice(0, -2), link.replace('token=', 'token=x'), `${link.split('?')[0]}?token=`]) {
      const { status, headers } = await new Browser().open(changed);
      expect([status, headers.get('x-problem-code')]).toEqual([404, 'consent_not_found']);
    }
  });

  test('leads back to addresses of the product alone', async () => {
    for (const redirectUri of ['https://evil.example.com/', `${app}.evil.example.com/`, 'http://app.example.com/']) {
      const { status, problem } = await request(place, `/v1/integrations/${calendar}/users/${user}/auth-url`, {
        body: { redirectUri },
      });
      expect([status, problem.errors?.[0]?.pointer]).toEqual([400, '/redirectUri']);
    }
    const redirectUri = `${app}/connected?of=calendar`;
    const browser = new Browser();
    const end = await consent(browser, await linkFor({ redirectUri }), { until: app });
    expect(end.url.href).toBe(`${redirectUri}&status=success`);
    expect(browser.cookieNames.filter((name) => name.startsWith('errand-consent'))).toEqual([]);
    const denied = await consent(new Browser(), await linkFor({ redirectUri }), { decision: 'deny', until: app });
    expect(denied.url.searchParams.get('status')).toBe('error');
  });
});

describe('an answer of an authorization server', () => {
  const callback = `/v1/oauth/callback`;
  /** Goes as far as the callback, and does not call it. */
  const arrive = async (browser: Browser) =>
    (await consent(browser, await linkFor(), { until: `${place.url}${callback}` })).url;
  const refused = async (browser: Browser, url: URL | string) => {
    const { status, headers } = await browser.open(url);
    return [status, headers.get('x-problem-code')];
  };

  test('is taken once, and only from the browser that was sent', async () => {
    const browser = new Browser();
    const url = await arrive(browser);
    expect(await refused(new Browser(), url)).toEqual([400, 'oauth_state_invalid']);
    const other = new Browser();
    await arrive(other);
    expect(await refused(other, url)).toEqual([400, 'oauth_state_invalid']);
    // Not even one that was given a cookie of that name.
    other.forge(browser.cookieNames.find((name) => name.startsWith('errand-consent')) ?? '');
    expect(await refused(other, url)).toEqual([400, 'oauth_state_invalid']);
    expect((await connection()).active).toBe(false);

    expect((await browser.open(url)).url.search).toBe('?status=success');
    expect((await connection()).active).toBe(true);
    expect(await refused(browser, url)).toEqual([400, 'oauth_state_invalid']);
    // No address that stays in the history holds the code.
    expect(new URL(browser.history.at(-2) ?? '').pathname).toBe('/v1/connect/done');
  });

  test('without a state, with a made-up one, or too late gives nothing', async () => {
    const browser = new Browser();
    const url = await arrive(browser);
    const made = new URL(url);
    made.searchParams.set('state', 'made-up');
    expect(await refused(browser, made)).toEqual([400, 'oauth_state_invalid']);
    made.searchParams.delete('state');
    expect(await refused(browser, made)).toEqual([400, 'oauth_state_invalid']);

    await pool.query(`UPDATE oauth_pending SET expires_at = now() - interval '1 second' WHERE user_id = $1`, [user]);
    expect(await refused(browser, url)).toEqual([400, 'oauth_state_invalid']);
    expect((await connection()).active).toBe(false);
  });

  test.each([
    ['another issuer', 'https://evil.example.com'],
    ['no issuer', undefined],
  ])('with %s gives nothing', async (_, iss) => {
    const browser = new Browser();
    const url = await arrive(browser);
    if (iss) url.searchParams.set('iss', iss);
    else url.searchParams.delete('iss');
    const calls = world.authorization.tokenCalls().authorization_code;
    expect(await refused(browser, url)).toEqual([400, 'oauth_issuer_mismatch']);
    expect(world.authorization.tokenCalls().authorization_code).toBe(calls);
    expect((await connection()).active).toBe(false);
  });
});

describe('a consent', () => {
  test('that was withdrawn is asked for again, and the run goes on', async () => {
    await connected();
    world.authorization.withdraw();
    const runId = await ask();
    await reaches(runId, 'AUTH_REQUIRED');
    expect(await connection()).toMatchObject({
      active: false,
      needsReconnect: true,
      reconnectReason: 'invalid_grant',
    });
    await consent(new Browser(), await linkOf(runId));
    await reaches(runId, 'SUCCESS');
    expect(await connection()).toMatchObject({ active: true, needsReconnect: false });
  });

  test('whose refresh got no answer is not refreshed twice', async () => {
    await connected();
    const reuses = world.authorization.reuses();
    world.authorization.expireAccessTokens();
    world.authorization.loseNextAnswer();
    const runId = await ask();
    await reaches(runId, 'AUTH_REQUIRED');
    expect(await connection()).toMatchObject({ needsReconnect: true, reconnectReason: 'lost' });
    expect(world.authorization.reuses()).toBe(reuses);
  });

  test('that is revoked, or whose user is erased, is given back at the authorization server', async () => {
    for (const end of [
      () => api.integrations.deleteCredentials({ customerIntegrationId: calendar, userId: user }),
      () => api.users.erase({ userId: user }),
    ]) {
      user = `user-${++users}`;
      await connected();
      const before = world.calendar.calls.length;
      await reaches(await ask(), 'SUCCESS');
      const token = await tokenOf(user);
      expect(world.authorization.check(token)).toMatchObject({ user: 'ada' });
      await end();
      expect(world.authorization.check(token)).toBeUndefined();
      const runId = await ask();
      await reaches(runId, 'AUTH_REQUIRED');
      expect(world.calendar.calls.length).toBe(before + 1);
    }
  });

  test('is refreshed once however many runs of however many processes need it', async () => {
    await connected();
    const second = await startServer({
      databaseUrl: place.databaseUrl,
      env: {
        ERRAND_MASTER_KEYS: masterKeys,
        ERRAND_WORKER_CONCURRENCY: '5',
        ERRAND_EGRESS_ALLOW: [world.authorization.url, world.calendar.url].join(),
      },
    });
    try {
      const { reuses, tokenCalls, expireAccessTokens } = world.authorization;
      const [used, refreshed] = [reuses(), tokenCalls().refresh_token];
      expireAccessTokens();
      const runs = await Promise.all(Array.from({ length: 30 }, () => ask()));
      for (const runId of runs) await reaches(runId, 'SUCCESS');
      expect([reuses() - used, tokenCalls().refresh_token - refreshed]).toEqual([0, 1]);
    } finally {
      await second.stop();
    }
  });
});

/** The access token that is kept for a user, opened as the service does. */
async function tokenOf(userId: string): Promise<string> {
  const { openDatabase } = await import('@errand/db');
  const db = openDatabase({ url: place.databaseUrl, masterKeys: [masterKeys] });
  try {
    const { rows } = await pool.query('SELECT workspace_id FROM integration_user WHERE user_id = $1', [userId]);
    const grant = await db.forWorkspace(rows[0].workspace_id).grants.read(calendar, userId);
    return grant?.accessToken.reveal() ?? '';
  } finally {
    await db.close();
  }
}
