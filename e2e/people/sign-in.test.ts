// People sign in with a link of the operator, and a session needs both of its secrets, at /console/trpc alone.
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { loginLink, operatorCommand } from '../fixtures/operator.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
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
  const { body: sessions } = await ada.call('session.list');
  expect(sessions).toEqual([expect.objectContaining({ current: true, ip: '127.0.0.1' })]);
});

test('without a workspace there is an error that names the header; of another workspace, one that says nothing', async () => {
  expect((await ada.call('runs.list')).body).toMatchObject({
    code: 'validation_failed',
    detail: expect.stringContaining('x-errand-workspace'),
  });
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const foreign = crypto.randomUUID();
  await client.query(`INSERT INTO workspace (workspace_id, name) VALUES ($1, 'foreign')`, [foreign]);
  await client.end();
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
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  await client.query(`UPDATE console_link SET expires_at = now() WHERE used_at IS NULL`);
  await client.end();
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

test('a fresh database has no person, and no request makes one', async () => {
  const fresh = await startStack({ seed: false });
  for (const link of ['', 'A'.repeat(43)]) expect((await signIn(fresh.url, link)).status).toBe(401);
  const client = new pg.Client({ connectionString: fresh.databaseUrl });
  await client.connect();
  expect((await client.query('SELECT FROM person')).rowCount).toBe(0);
  await client.end();
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

test('the session that sends a link ends when it signs in again', async () => {
  const before = await aPerson(stack.url, await loginLink(stack));
  const headers = { cookie: before.cookie, 'x-errand-console': before.token };
  const again = await signIn(stack.url, await loginLink(stack), headers);
  expect(again.status).toBe(200);
  expect(again.body.token).not.toBe(before.token);
  expect((await before.call('session.get')).status).toBe(401);
});

test('a session that was ended is refused at the next request, and its streams end', async () => {
  const grace = await aPerson(stack.url, await loginLink(stack));
  const stream = await fetch(`${stack.url}/console/trpc/runs.watch?input=%7B%7D`, {
    headers: { cookie: grace.cookie, 'x-errand-console': grace.token, accept: 'text/event-stream', ...here() },
  });
  expect(stream.status).toBe(200);
  const began = performance.now();
  const { body } = await grace.call('session.get');
  expect((await ada.call('session.end', { sessionId: body.person.sessionId }, { mutation: true })).status).toBe(200);
  expect((await grace.call('session.get')).status).toBe(401);
  const text = await stream.text();
  expect(performance.now() - began).toBeLessThan(10_000);
  expect(text).toContain('"unauthenticated"');
});

test('links and sessions are in no log and in no table', async () => {
  const link = await loginLink(stack);
  const person = await aPerson(stack.url, link);
  const { sessionId } = (await person.call('session.get', {}, { headers: here() })).body.person;
  const secrets = [link, person.token, person.cookie.split('=')[1]!];
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const { rows: tables } = await client.query(
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  let dump = '';
  for (const { name } of tables) dump += JSON.stringify((await client.query(`SELECT t::text FROM ${name} t`)).rows);
  await client.end();
  expect(dump).toContain(sessionId);
  for (const secret of secrets.flatMap((text) => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text, 'base64url').toString('hex'),
  ])) {
    expect(stack.log()).not.toContain(secret);
    expect(dump).not.toContain(secret);
  }
});
