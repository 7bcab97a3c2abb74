// The server of the example product: its refusals, its webhook and its reviews.
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { consent } from '../fixtures/calendar.ts';
import { type Helpdesk, launchHelpdesk, startHelpdesk } from '../fixtures/helpdesk.ts';
import { within } from '../fixtures/receiver.ts';
import { overRest } from '../fixtures/transports.ts';

let desk: Helpdesk;
beforeAll(async () => {
  desk = await startHelpdesk();
  return () => desk.close();
});

const api = () => overRest(desk.stack);

type Call = { cookie?: string; body?: object; headers?: Record<string, string>; method?: string };

async function call(path: string, { cookie, body, headers, method = body ? 'POST' : 'GET' }: Call = {}) {
  const response = await fetch(desk.origin + path, {
    method,
    redirect: 'manual',
    headers: { ...(cookie && { cookie }), ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  const content = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, text: content, json: isJson ? JSON.parse(content) : {} };
}

const cookieOf = ({ headers }: { headers: Headers }) => headers.getSetCookie()[0]!.split(';')[0]!;
const signIn = async (id: string) => cookieOf(await call('/session', { body: { id } }));
const token = (cookie?: string, ticket = 'T-1041') => call('/errand/token', { cookie, body: { ticket } });

describe('a token', () => {
  test('is for the user of the session, and for a ticket of the desk', async () => {
    const { status, json } = await token(await signIn('ada'));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      userId: 'ada',
      can: ['watch', 'decide', 'connect', 'ask'],
      person: { id: 'ada', name: 'Ada Lopez' },
      run: { approvalStrategy: 'ON_WRITE', metadata: { ticket: 'T-1041' } },
    });
    expect((await token(await signIn('ada'), 'T-9999')).status).toBe(400);
  });

  test('needs a session that this server signed', async () => {
    const [value, end, signature] = (await signIn('ada')).split('.');
    const cookies = [undefined, `${value!.replace('ada', 'ben')}.${end}.${signature}`, `${value}.${end}9.${signature}`];
    for (const cookie of cookies)
      expect(await token(cookie)).toMatchObject({ status: 401, json: { message: /signed out/ } });
    expect((await call('/session', { body: { id: 'mallory' } })).status).toBe(400);
  });

  test('is not minted for a page of another site', async () => {
    const cookie = await signIn('ada');
    const answer = await call('/errand/token', {
      cookie,
      body: { ticket: 'T-1041' },
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
  });
});

describe('a consent', () => {
  const linkFor = async (userId: string) => {
    const { integrations } = await api().integrations.list({});
    const { customerIntegrationId } = integrations.find(({ name }) => name === 'Calendar')!;
    const redirectUri = `${desk.origin}/connected`;
    return (await api().integrations.authUrl({ customerIntegrationId, userId, redirectUri })).authorizeUrl;
  };
  /** Completes a link in another browser, up to the page of the product. */
  const complete = async (link: string) => {
    const { url } = await consent(new Browser(), link, { until: desk.origin });
    return url.pathname + url.search;
  };
  const begin = async (session: string) => cookieOf(await call('/consents/begin', { cookie: session, method: 'POST' }));

  test('counts for its user, in the browser in which it began, and the browser returns to the desk', async () => {
    const ada = await signIn('ada');
    const verify = await complete(await linkFor('ada'));
    expect(await call(verify, { cookie: ada })).toMatchObject({ status: 403, text: /did not begin in your desk/ });
    const answer = await call(verify, { cookie: `${ada}; ${await begin(ada)}` });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${desk.origin}/connected?status=success`]);
    expect((await call('/connected?status=success')).text).toContain('Connected.');
  });

  test('of another user is refused', async () => {
    const [ada, ben] = [await signIn('ada'), await signIn('ben')];
    const verify = await complete(await linkFor('ada'));
    // The cookie of Ada's click does not serve Ben.
    expect((await call(verify, { cookie: `${ben}; ${await begin(ada)}` })).text).toContain('did not begin');
    const answer = await call(verify, { cookie: `${ben}; ${await begin(ben)}` });
    expect(answer).toMatchObject({ status: 403, text: /Another person sent you this link/ });
    expect((await call(verify, { cookie: `${ada}; ${await begin(ada)}` })).status).toBe(400);
    expect((await call(verify)).status).toBe(401);
  });
});

describe('a webhook', () => {
  type Sent = { id?: string; runId: string; userId?: string; summary?: string; secret?: string; sentAt?: Date };
  const send = ({
    id = crypto.randomUUID(),
    runId,
    userId = 'ben',
    summary,
    secret = desk.webhookSecret,
    sentAt,
  }: Sent) => {
    const timestamp = sentAt ?? new Date();
    const endedAt = summary && timestamp.toISOString();
    const run = { runId, userId, status: 'SUCCESS', intent: 'Ask', metadata: { ticket: 'T-1041' }, endedAt };
    const event = summary ? { type: 'end', summary } : { type: 'start' };
    const body = {
      type: summary ? 'run.end' : 'run.started',
      timestamp: timestamp.toISOString(),
      data: { event, run },
    };
    const signature = new Webhook(secret).sign(id, timestamp, JSON.stringify(body));
    const seconds = String(Math.floor(timestamp.getTime() / 1000));
    const headers = { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signature };
    return call('/webhooks/errand', { body, headers });
  };
  const runsOf = async (user: string) => (await call('/runs', { cookie: await signIn(user) })).json;

  test('is refused without the signature of Errand', async () => {
    const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
    expect((await send({ runId: 'forged', secret: other })).status).toBe(400);
    expect((await send({ runId: 'old', sentAt: new Date(Date.now() - 600_000) })).status).toBe(400);
    expect((await call('/webhooks/errand', { body: { type: 'run.end' } })).status).toBe(400);
    expect(await runsOf('ben')).toEqual([]);
  });

  test('counts once, in any order, and a user has the last twenty runs', async () => {
    expect(await runsOf('ben')).toEqual([]);
    const ended = { id: 'message-1', runId: 'run-00', summary: 'Done.' };
    for (const each of [ended, { ...ended, summary: 'Again.' }, { runId: 'run-00' }])
      expect((await send(each)).status).toBe(200);
    expect(await runsOf('ben')).toMatchObject([{ runId: 'run-00', ticket: 'T-1041', summary: 'Done.' }]);
    for (let n = 1; n < 25; n++) await send({ runId: `run-${String(n).padStart(2, '0')}` });
    const ids = (await runsOf('ben')).map(({ runId }: { runId: string }) => runId);
    expect(ids).toHaveLength(20);
    expect([ids[0], ids.at(-1)]).toEqual(['run-05', 'run-24']);
    expect(await runsOf('ada')).toEqual([]);
  });
});

test('a review is decided only by an approver whom the run names', async () => {
  const [ada, ben] = [await signIn('ada'), await signIn('ben')];
  const intent = 'Log a call with Contoso for tomorrow at 10:00';
  const own = await api().runs.create({
    intent,
    selectedCustomerIntegrationIds: ['*'],
    userId: 'ada',
    approvalStrategy: 'ON_WRITE',
  });
  const { json: sent } = await call('/requests', { cookie: ada, body: { ticket: 'T-1041', intent } });
  const requestOf = async (runId: string) => {
    await expect.poll(async () => (await api().runs.get({ runId })).waitingOn.length, within).toBe(1);
    return (await api().runs.get({ runId })).waitingOn[0]!.approvalId!;
  };
  const ownRequest = await requestOf(own.runId);
  const sentRequest = await requestOf(sent.runId);
  const decide = (cookie: string, approvalId: string) =>
    call(`/reviews/${approvalId}`, { cookie, body: { decision: 'approve' } });

  // Ada decides about her own run in her page, and nobody else does.
  for (const cookie of [ada, ben]) expect((await decide(cookie, ownRequest)).status).toBe(403);
  expect((await decide(ada, sentRequest)).status).toBe(403);
  expect((await call('/reviews', { cookie: ada })).json).toEqual([]);
  expect((await call('/reviews', { cookie: ben })).json).toMatchObject([{ approvalId: sentRequest, mayDecide: true }]);
  expect((await decide(ben, sentRequest)).status).toBe(200);
  await expect.poll(async () => (await api().runs.get({ runId: sent.runId })).status, within).toBe('SUCCESS');
  expect((await api().runs.get({ runId: own.runId })).status).toBe('PAUSED');
  const { entries } = await api().audit.list({ target: sentRequest, action: 'approval.decided' });
  expect(entries).toMatchObject([{ actor: { type: 'claimed', id: 'helpdesk:ben' } }]);
  const { json: usage } = await call('/usage', { cookie: ada });
  expect(usage).toEqual({ runs: 1, succeeded: 1 });
});

test('a setting that cannot be used ends the start with one sentence', async () => {
  const settings = {
    PORT: '4100',
    APP_URL: 'http://localhost:4100',
    SESSION_SECRET: 'x'.repeat(32),
    ERRAND_URL: 'http://127.0.0.1:4000',
    ERRAND_API_KEY: 'er_live_key',
    ERRAND_WEBHOOK_SECRET: 'whsec_c2VjcmV0',
  };
  const wrong = { PORT: 'http', APP_URL: 'localhost:4100/', SESSION_SECRET: 'short', ERRAND_API_KEY: 'er_user_key' };
  for (const [name, value] of Object.entries(wrong)) {
    const child = launchHelpdesk({ ...settings, [name]: value });
    const [errors, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
    expect(code).toBe(1);
    expect(errors).toMatch(new RegExp(`^${name} must be .*\\.\n$`));
  }
});
