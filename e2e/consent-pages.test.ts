// The pages on which users consent, and valid and invalid callbacks of an authorization server.
import type pg from 'pg';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { type CalendarStack, consent } from './fixtures/calendar.ts';
import { as, type ConsentStack, reaches as reach, startConsentStack } from './fixtures/consents.ts';
import { APP } from './fixtures/default-service.ts';
import { request } from './fixtures/request.ts';
import type { Stack } from './fixtures/stack.ts';
import type { Api } from './fixtures/transports.ts';

let at: ConsentStack;
let stack: Stack;
let world: CalendarStack;
let api: Api;
let calendar: string;
let user = '';
let users = 0;
let ada: ReturnType<typeof as>;
let pool: pg.Pool;

const next = () => {
  user = `user-${++users}`;
  ada = as(user, at);
};
const reaches = (runId: string, status: string) => reach(at, runId, status);

beforeAll(async () => {
  at = await startConsentStack();
  ({ stack, world, api, calendar, pool } = at);
  return () => at.close();
});
beforeEach(next);

describe('the page', () => {
  test('changes nothing when it is opened, and accepts no form of another site', async () => {
    const link = await ada.linkFor();
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

  test('is opened by the request that the run names', async () => {
    const runId = await ada.ask();
    await reaches(runId, 'AUTH_REQUIRED');
    const [waiting] = (await api.pending.list({ userId: user })).pending;
    const { method, path } = waiting!.resolveWith;
    const { status, text } = await request(stack, path, { method });
    expect([status, JSON.parse(text).authorizeUrl]).toEqual([200, expect.stringContaining('/v1/connect?token=')]);
    await api.runs.cancel({ runId });
  });

  test('of a modified link is not found', async () => {
    const link = await ada.linkFor();
    for (const changed of [link.slice(0, -2), link.replace('token=', 'token=x'), `${link.split('?')[0]}?token=`]) {
      const { status, headers } = await new Browser().open(changed);
      expect([status, headers.get('x-problem-code')]).toEqual([404, 'consent_not_found']);
    }
  });

  test('redirects only to addresses of the product', async () => {
    for (const redirectUri of ['https://evil.example.com/', `${APP}.evil.example.com/`, 'http://app.example.com/']) {
      const { status, problem } = await request(stack, `/v1/integrations/${calendar}/users/${user}/auth-url`, {
        body: { redirectUri },
      });
      expect([status, problem.errors?.[0]?.pointer]).toEqual([400, '/redirectUri']);
    }
    const redirectUri = `${APP}/connected?of=calendar`;
    const browser = new Browser();
    const end = await consent(browser, await ada.linkFor({ redirectUri }), { until: APP });
    expect(end.url.href).toBe(`${redirectUri}&status=success`);
    expect(browser.cookieNames.filter((name) => name.startsWith('errand-consent'))).toEqual([]);
    const denied = await consent(new Browser(), await ada.linkFor({ redirectUri }), { decision: 'deny', until: APP });
    expect(denied.url.searchParams.get('status')).toBe('error');
  });
});

describe('an answer of an authorization server', () => {
  const callback = `/v1/oauth/callback`;
  /** Goes as far as the callback, and does not call it. */
  const arrive = async (browser: Browser) =>
    (await consent(browser, await ada.linkFor(), { until: `${stack.url}${callback}` })).url;
  const refused = async (browser: Browser, url: URL | string) => {
    const { status, headers } = await browser.open(url);
    return [status, headers.get('x-problem-code')];
  };

  test('is accepted once, and only from the browser that was redirected', async () => {
    const browser = new Browser();
    const url = await arrive(browser);
    expect(await refused(new Browser(), url)).toEqual([400, 'oauth_state_invalid']);
    const otherBrowser = new Browser();
    await arrive(otherBrowser);
    expect(await refused(otherBrowser, url)).toEqual([400, 'oauth_state_invalid']);
    // Not even with a cookie of that name.
    otherBrowser.forge(browser.cookieNames.find((name) => name.startsWith('errand-consent')) ?? '');
    expect(await refused(otherBrowser, url)).toEqual([400, 'oauth_state_invalid']);
    expect((await ada.connection()).active).toBe(false);

    expect((await browser.open(url)).url.search).toBe('?status=success');
    expect((await ada.connection()).active).toBe(true);
    expect(await refused(browser, url)).toEqual([400, 'oauth_state_invalid']);
    // No address in the browser's history contains the code.
    expect(new URL(browser.history.at(-2) ?? '').pathname).toBe('/v1/connect/done');
  });

  test('without a state, with an invented one, or too late has no effect', async () => {
    const browser = new Browser();
    const url = await arrive(browser);
    const pageUrl = new URL(url);
    pageUrl.searchParams.set('state', 'made-up');
    expect(await refused(browser, pageUrl)).toEqual([400, 'oauth_state_invalid']);
    pageUrl.searchParams.delete('state');
    expect(await refused(browser, pageUrl)).toEqual([400, 'oauth_state_invalid']);

    await pool.query(`UPDATE oauth_pending SET expires_at = now() - interval '1 second' WHERE user_id = $1`, [user]);
    expect(await refused(browser, url)).toEqual([400, 'oauth_state_invalid']);
    expect((await ada.connection()).active).toBe(false);
  });

  test.each([
    ['another issuer', 'https://evil.example.com'],
    ['no issuer', undefined],
  ])('with %s has no effect', async (_, iss) => {
    const browser = new Browser();
    const url = await arrive(browser);
    if (iss) url.searchParams.set('iss', iss);
    else url.searchParams.delete('iss');
    const calls = world.authorization.tokenCalls().authorization_code;
    expect(await refused(browser, url)).toEqual([400, 'oauth_issuer_mismatch']);
    expect(world.authorization.tokenCalls().authorization_code).toBe(calls);
    expect((await ada.connection()).active).toBe(false);
  });
});
