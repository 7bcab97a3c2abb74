// People sign in with a link of the operator, and a session needs both of its secrets, at /console/trpc alone.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { loginLink, newPlatformKey, operatorCommand } from '../fixtures/operator.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { dump } from '../fixtures/tables.ts';
import { sql } from './members.ts';
import { aPerson, type Person, personWith, send, signIn } from './person.ts';

let stack: Stack;
let ada: Person;
let workspaceId: string;

beforeAll(async () => {
  stack = await startStack();
  const printed = await operatorCommand(stack, 'login-link');
  ada = await aPerson(stack.url, /\/console\/#([\w-]{43})\n/.exec(printed)![1]!);
  workspaceId = (await ada.call('session.get')).body.workspaces[0].workspaceId;
  return stack.close;
});
const here = () => ({ 'x-errand-workspace': workspaceId });

test('the first link is for an administrator who may do everything in the first workspace', async () => {
  const { status, body } = await ada.call('session.get', {}, { headers: here() });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    caller: { type: 'person', label: 'Administrator' },
    person: { isOperator: true },
    workspace: { workspaceId, name: 'default', role: 'admin' },
    scopes: expect.arrayContaining(['runs:write', 'admin']),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  expect(Math.abs(Date.parse(body.now) - Date.now())).toBeLessThan(60_000);
});

test('a person creates a run, reads it, and lists sessions', async () => {
  const created = await ada.call('runs.create', aRun(), { mutation: true, headers: here() });
  expect(created.status).toBe(200);
  const read = await ada.call('runs.get', { runId: created.body.runId }, { headers: here() });
  expect(read.body).toMatchObject({ runId: created.body.runId, intent: aRun().intent });
  const { body } = await ada.call('session.list');
  expect(body.sessions).toEqual([expect.objectContaining({ current: true, ip: '127.0.0.1' })]);
});

test('without a workspace there is an error that names the header; of another workspace, one that says nothing', async () => {
  expect((await ada.call('runs.list')).body).toMatchObject({
    code: 'validation_failed',
    detail: expect.stringContaining('x-errand-workspace'),
  });
  const foreign = crypto.randomUUID();
  await sql(stack, `INSERT INTO workspace (workspace_id, name) VALUES ($1, 'foreign')`, [foreign]);
  const answers = [];
  for (const id of [foreign, crypto.randomUUID(), 'default', ''])
    answers.push(await ada.call('runs.list', {}, { headers: { 'x-errand-workspace': id } }));
  const [first] = answers;
  for (const { status, body } of answers) {
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect({ ...body, instance: '' }).toEqual({ ...first!.body, instance: '' });
  }
});

test('a link works once, also when it is sent a hundred times at once', async () => {
  const link = await loginLink(stack);
  const answers = await Promise.all(Array.from({ length: 100 }, () => signIn(stack.url, link)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  const refused = answers.filter(({ status }) => status !== 200);
  for (const { status, body } of refused) {
    expect([status, body.code]).toEqual([401, 'link_not_valid']);
    expect(body.detail).toContain('was used already');
  }
});

test('an expired link says so; a wrong one says only that there is none', async () => {
  const link = await loginLink(stack);
  await sql(stack, 'UPDATE console_link SET expires_at = now() WHERE used_at IS NULL');
  expect((await signIn(stack.url, link)).body).toMatchObject({
    code: 'link_not_valid',
    detail: expect.stringContaining('has expired'),
    remedy: expect.stringContaining('login-link.js'),
  });
  for (const wrong of ['x', 'A'.repeat(43), ''])
    expect((await signIn(stack.url, wrong)).body).toMatchObject({
      code: 'link_not_valid',
      detail: 'There is no such link.',
    });
  for (const body of [{}, { link: 7 }, [], 'text'])
    expect((await send(`${stack.url}/console/sign-in`, { body, headers: {} })).body.code).toBe('validation_failed');
});

test('a fresh database has no person, no request makes one, and an address that guesses is limited', async () => {
  const fresh = await startStack({ seed: false });
  for (const link of ['', 'A'.repeat(43)]) expect((await signIn(fresh.url, link)).status).toBe(401);
  expect(await sql(fresh, 'SELECT FROM person')).toEqual([]);
  const guess = () => signIn(fresh.url, randomBytes(32).toString('base64url'));
  for (let n = 0; n < 18; n++) expect((await guess()).status).toBe(401);
  expect((await guess()).body.code).toBe('rate_limited');
  expect((await signIn(fresh.url, await loginLink(fresh))).body.code).toBe('rate_limited');
  const session = () => randomBytes(32).toString('base64url');
  const answerOf = (cookie: string) => personWith(fresh.url, cookie, session()).call('session.get');
  const { port } = new URL(fresh.url);
  for (let n = 0; n < 20; n++) expect((await answerOf(`errand_${port}=${session()}`)).status).toBe(401);
  expect((await answerOf(`errand_${port}=${session()}`)).body.code).toBe('rate_limited');
  await fresh.close();
});

test('each half of a session alone is refused, and so are halves of two sessions', async () => {
  const other = await aPerson(stack.url, await loginLink(stack));
  const status = async (headers: Record<string, string | undefined>) =>
    (await ada.call('session.get', {}, { headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ cookie: undefined })).toBe(401);
  expect(await status({ 'x-errand-console': undefined })).toBe(401);
  expect(await status({ 'x-errand-console': other.token })).toBe(401);
  expect(await status({ cookie: other.cookie })).toBe(401);
  expect((await personWith(stack.url, other.cookie, other.token).call('session.get')).status).toBe(200);
});

test('keys are refused at the console, and cookies are ignored elsewhere', async () => {
  const both = { cookie: ada.cookie, 'x-errand-console': ada.token };
  const withKey = await ada.call('session.get', {}, { headers: { 'x-api-key': stack.apiKey } });
  expect([withKey.status, withKey.body.detail]).toEqual([401, 'API keys are not accepted here.']);
  for (const path of ['/v1/session', '/v1/runs', '/trpc/session.get?input=%7B%7D', '/trpc/runs.list?input=%7B%7D']) {
    expect((await send(`${stack.url}${path}`, { headers: both })).status, path).toBe(401);
    const answer = await send(`${stack.url}${path}`, { headers: { ...both, 'x-api-key': stack.apiKey } });
    expect(answer.status, path).toBe(200);
    if (path.includes('session')) expect(answer.body.caller.type).toBe('api_key');
  }
});

test.each([
  ['another site', { origin: 'https://evil.example' }],
  ['no origin that can be named', { origin: 'null' }],
  ['another port of this machine', { origin: 'http://127.0.0.1:9' }],
  ['the same site', { 'sec-fetch-site': 'same-site' }],
  ['another site, by the browser', { 'sec-fetch-site': 'cross-site' }],
])('a request of %s is refused', async (_, headers) => {
  const refused = await ada.call('runs.create', aRun(), { mutation: true, headers: { ...here(), ...headers } });
  expect([refused.status, refused.body.code]).toEqual([403, 'origin_not_allowed']);
  expect((await signIn(stack.url, 'A'.repeat(43), headers)).status).toBe(403);
});

test('a form and a GET create nothing, also with the cookie and the token', async () => {
  const count = async () => (await sql<{ n: string }>(stack, 'SELECT count(*) AS n FROM run'))[0]!.n;
  const before = await count();
  const session = { cookie: ada.cookie, 'x-errand-console': ada.token, ...here() };
  const url = `${stack.url}/console/trpc/runs.create`;
  const body = JSON.stringify(aRun());
  const form = new FormData();
  form.set('intent', aRun().intent);
  for (const headers of [session, { cookie: ada.cookie }] as Record<string, string>[]) {
    const forms: RequestInit[] = [
      { method: 'POST', body, headers: { ...headers, 'content-type': 'text/plain' } },
      { method: 'POST', body: form, headers },
      { method: 'POST', body: new URLSearchParams({ intent: aRun().intent }), headers },
    ];
    for (const init of forms) expect((await fetch(url, init)).status).toBeGreaterThanOrEqual(400);
    const get = await fetch(`${url}?input=${encodeURIComponent(body)}`, { headers });
    expect(get.status).toBeGreaterThanOrEqual(400);
  }
  expect(await count()).toBe(before);
});

test('a request to another name of the machine is refused, also with the session', async () => {
  const { port } = new URL(stack.url);
  const statusAt = async (host: string, path: string) => {
    const headers = { host, cookie: ada.cookie, 'x-errand-console': ada.token };
    const sent = get(`${stack.url}${path}`, { headers });
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  const path = '/console/trpc/session.get?input=%7B%7D';
  expect(await statusAt(`127.0.0.1:${port}`, path)).toBe(200);
  for (const host of [
    `rebound.example:${port}`,
    'rebound.example',
    '127.0.0.1',
    '127.0.0.1:9',
    `127.0.0.1.evil.example:${port}`,
  ])
    expect([host, await statusAt(host, path)]).toEqual([host, 403]);
});

test('the pages of the console are in no frame and redirect nowhere else', async () => {
  const page = (path: string) => fetch(`${stack.url}${path}`, { redirect: 'manual' });
  expect((await page('/console/')).headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect((await page('/console')).headers.get('location')).toBe('/console/');
  const targets = [
    '//evil.example',
    '/%5Cevil.example',
    '/https:%2F%2Fevil.example',
    '?return=//evil.example',
    '/..//evil.example',
  ];
  for (const target of targets) {
    const location = (await page(`/console${target}`)).headers.get('location');
    expect([null, '/console/'], target).toContain(location);
  }
});

test('the session that sends a link ends when it signs in again', async () => {
  const before = await aPerson(stack.url, await loginLink(stack));
  const headers = { cookie: before.cookie, 'x-errand-console': before.token };
  const again = await signIn(stack.url, await loginLink(stack), headers);
  expect(again.status).toBe(200);
  expect(again.body.token).not.toBe(before.token);
  expect((await before.call('session.get')).status).toBe(401);
});

test('a session that was ended is refused at the next request', async () => {
  const grace = await aPerson(stack.url, await loginLink(stack));
  const { body } = await grace.call('session.get');
  expect((await ada.call('session.end', { sessionId: body.person.sessionId }, { mutation: true })).status).toBe(200);
  expect((await grace.call('session.get')).status).toBe(401);
});

test('links, sessions and platform keys are in no log, in no table and in no address', async () => {
  const link = await loginLink(stack);
  // A scanner opens the address, and a person pastes the token into one.
  for (const method of ['HEAD', 'HEAD', 'HEAD', 'GET'])
    for (const path of [`/console/?link=${link}`, `/console/${link}`, `/console/sign-in?link=${link}`])
      await fetch(`${stack.url}${path}`, { method });
  const person = await aPerson(stack.url, link);
  const { body } = await person.call('session.get', {}, { headers: here() });
  const invited = await person.call(
    'members.invite',
    { name: 'Eve', role: 'viewer' },
    { mutation: true, headers: here() },
  );
  const platformKey = await newPlatformKey(stack);
  await send(`${stack.url}/v1/workspaces`, { headers: { 'x-api-key': platformKey } });
  const invitation = new URL(invited.body.link);
  expect([invitation.pathname, invitation.search]).toEqual(['/console/', '']);
  const secrets = [link, person.token, person.cookie.split('=')[1]!, invitation.hash.slice(1), platformKey];
  const tables = JSON.stringify(await dump(stack.databaseUrl));
  expect(tables).toContain(body.person.sessionId);
  expect(stack.log()).toContain('/console/sign-in');
  for (const secret of secrets.flatMap((text) => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text, 'base64url').toString('hex'),
  ])) {
    expect(stack.log()).not.toContain(secret);
    expect(tables).not.toContain(secret);
  }
});
