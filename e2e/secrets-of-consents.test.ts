// Credentials from authorization servers, clouds and callers reach only the service that they are for. No answer, event, log or table
// contains them in clear.
import { generateKeyPairSync } from 'node:crypto';
import { openDatabase } from '@errand/db';
import { loginsOf } from '@errand/db/testing';
import { beforeAll, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aRun } from './fixtures/builders.ts';
import { type CalendarStack, consent, startCalendarStack } from './fixtures/calendar.ts';
import { formsOf, operations, startEcho, visibleOf } from './fixtures/echo.ts';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const masterKeys = `k1:${Buffer.alloc(32, 9).toString('base64')}`;
const CLIENT = 'canary-client-secret-5d20e1';
const AWS_SECRET = 'canary/aws+secret/access/key/77ab';
const AWS_SESSION_SECRET = 'canarySessionSecret0x31c9';
const AWS_SESSION_TOKEN = 'canarySessionToken0x8fe2';
const GOOGLE_TOKEN = 'canary-google-token-90cc';
const HANDED_ON = 'canary-handed-on-header-2b';
const HANDED_ON_QUERY = 'canary handed on & query';
/** Credentials that replace the user's: after a scheme, in both halves of Basic, and in the query. */
const OF_RUN = 'canary-of-the-run-60d1f7ab';
const [OF_RUN_NAME, OF_RUN_PASSWORD] = ['canary-name-of-the-run', 'canary:password/of+the-run'];
const OF_RUN_BASIC = Buffer.from(`${OF_RUN_NAME}:${OF_RUN_PASSWORD}`).toString('base64');
const OF_RUN_QUERY = 'canary-query-of-the-run-5b';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const googleKeyParts = privateKey.split('\n').slice(1, 4);

let world: CalendarStack;
let elsewhere: Stub;
let echo: Stub;
let clouds: Stub;
let gone: Stub;
let stack: Stack;
let api: Api;

beforeAll(async () => {
  world = await startCalendarStack({ clientSecret: CLIENT });
  elsewhere = await startStub({ catch: { answer: (response) => json(response, {}) } });
  echo = await startEcho(elsewhere);
  gone = await startEcho(elsewhere);
  clouds = await startStub({
    sts: {
      method: 'POST',
      answer: (response) =>
        void response
          .writeHead(200, { 'content-type': 'text/xml' })
          .end(
            `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIACANARY0000000001</AccessKeyId><SecretAccessKey>${AWS_SESSION_SECRET}</SecretAccessKey><SessionToken>${AWS_SESSION_TOKEN}</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
          ),
    },
    google: {
      method: 'POST',
      answer: (response) => json(response, { access_token: GOOGLE_TOKEN, token_type: 'Bearer', expires_in: 3600 }),
    },
  });
  const allow = [world.authorization.url, echo.origin, elsewhere.origin, clouds.origin, gone.origin];
  stack = await startStack({
    allow,
    seed: false,
    env: { LOG_LEVEL: 'trace', ERRAND_MASTER_KEYS: masterKeys, ERRAND_STS_URL: `${clouds.origin}/sts` },
  });
  api = overRest(stack);
  return async () => {
    await stack.close();
    await Promise.all([world.close(), echo.close(), elsewhere.close(), clouds.close()]);
  };
});

const register = async (name: string, auth: Parameters<Api['integrations']['create']>[0]['auth'], stub = echo) => {
  const integration = await api.integrations.create({ name, kind: 'openapi', document: stub.document, auth });
  visible.push(JSON.stringify([integration, (await api.integrations.list({})).integrations]));
  return integration.customerIntegrationId;
};
const visible: string[] = [];
const secrets = new Set<string>([
  CLIENT,
  AWS_SECRET,
  AWS_SESSION_SECRET,
  AWS_SESSION_TOKEN,
  GOOGLE_TOKEN,
  HANDED_ON,
  HANDED_ON_QUERY,
  OF_RUN,
  OF_RUN_NAME,
  OF_RUN_PASSWORD,
  OF_RUN_BASIC,
  OF_RUN_QUERY,
  ...googleKeyParts,
]);

async function noteGrant(id: string, userId: string) {
  const db = openDatabase({ ...loginsOf(stack.databaseUrl), masterKeys: [masterKeys] });
  try {
    const { rows } = await db.pool.query('SELECT workspace_id FROM integration_user WHERE user_id = $1', [userId]);
    const workspaceDb = db.forWorkspace(rows[0].workspace_id);
    const connection = await workspaceDb.integrations.connection(id);
    const grant = await workspaceDb.grants.read(connection!, userId);
    for (const secret of [grant?.accessToken, grant?.refreshToken]) if (secret) secrets.add(secret.reveal());
  } finally {
    await db.close();
  }
}

/** The codes and states in the addresses that a browser has visited. */
function noteCodes({ history }: Browser) {
  for (const address of history) {
    for (const name of ['code', 'state']) {
      const value = new URL(address).searchParams.get(name);
      if (value) secrets.add(value);
    }
  }
}

test('tokens of consents, keys of clouds and passed-through credentials reach only their services', async () => {
  const { url: issuer, clientId } = world.authorization;
  const oauth = await register('OAuth', { type: 'OAUTH2', issuer, clientId, clientSecret: CLIENT });
  const lost = await register('Gone', { type: 'OAUTH2', issuer, clientId, clientSecret: CLIENT }, gone);
  const aws = await register('AWS', {
    type: 'AWS_ASSUME_ROLE',
    roleArn: 'arn:aws:iam::123456789012:role/errand',
    region: 'eu-central-1',
    service: 'execute-api',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: AWS_SECRET,
  });
  const google = await register('Google', {
    type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH',
    scopes: ['calendar'],
    serviceAccountKey: JSON.stringify({
      type: 'service_account',
      client_email: 'errand@example.com',
      private_key: privateKey,
      private_key_id: 'key-1',
      token_uri: `${clouds.origin}/google`,
    }),
  });
  await gone.close();

  const browser = new Browser();
  for (const id of [oauth, lost]) {
    const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId: 'ann' });
    visible.push((await consent(browser, authorizeUrl)).html.padEnd(60));
    await noteGrant(id, 'ann');
  }
  visible.push(JSON.stringify(await api.integrations.getUser({ customerIntegrationId: oauth, userId: 'ann' })));
  noteCodes(browser);

  for (const id of [oauth, aws, google]) {
    const passThrough = [
      { customerIntegrationId: id, headers: { 'x-handed-on': HANDED_ON }, query: { handedOn: HANDED_ON_QUERY } },
    ];
    for (const operation of operations)
      visible.push(...(await visibleOf(stack, id, operation, { userId: 'ann', passThrough })));
    await noteGrant(oauth, 'ann');
  }
  visible.push(...(await visibleOf(stack, lost, 'succeed', { userId: 'ann' })));
  const token = await register('Token', { type: 'API_TOKEN' });
  const inQuery = await register('Query', { type: 'API_TOKEN', in: 'query', name: 'key', prefix: '' });
  type PassedParts = { headers: Record<string, string>; query?: Record<string, string> };
  const brought: [string, PassedParts][] = [
    [oauth, { headers: { Authorization: `Bearer ${OF_RUN}` } }],
    [google, { headers: { authorization: `Bearer ${OF_RUN}` } }],
    [token, { headers: { Authorization: `Basic ${OF_RUN_BASIC}` } }],
    [inQuery, { headers: { Authorization: `Bearer ${OF_RUN}` }, query: { key: OF_RUN_QUERY } }],
  ];
  for (const [customerIntegrationId, parts] of brought) {
    const passThrough = [{ customerIntegrationId, ...parts }];
    for (const operation of [...operations, 'halves'] as const)
      visible.push(...(await visibleOf(stack, customerIntegrationId, operation, { userId: 'nobody', passThrough })));
  }
  // Forbidden pass-through credentials are refused without being shown or stored.
  const input = { ...aRun({ userId: 'ann' }), selectedCustomerIntegrationIds: [oauth] };
  for (const passThrough of [
    [{ customerIntegrationId: oauth, headers: { Authorization: `Bearer ${OF_RUN}`, authorization: OF_RUN } }],
    [{ customerIntegrationId: aws, headers: { Authorization: `Bearer ${OF_RUN}` } }],
    [{ customerIntegrationId: oauth, headers: { 'x-line': `${HANDED_ON}\r\nx: y` } }],
    [{ customerIntegrationId: aws, headers: { 'x-ok': HANDED_ON } }],
  ]) {
    const { status, text, problem } = await request(stack, '/v1/runs', { body: { ...input, passThrough } });
    expect([status, problem.errors?.[0]?.pointer.startsWith('/passThrough/0/')]).toEqual([400, true]);
    visible.push(text);
  }
  const once = { body: { ...input, passThrough: [{ customerIntegrationId: oauth, headers: { 'x-ok': HANDED_ON } }] } };
  const headers = { 'idempotency-key': 'once' };
  for (const _ of [1, 2]) visible.push((await request(stack, '/v1/runs', { ...once, headers })).text);

  const sent = echo.hits.map(({ headers }) => headers);
  expect(sent.filter((headers) => headers['x-handed-on'] === HANDED_ON).length).toBeGreaterThanOrEqual(15);
  expect(echo.hits.some(({ url }) => url.includes(encodeURIComponent(HANDED_ON_QUERY)))).toBe(true);
  expect(sent.some((headers) => headers.authorization === `Bearer ${GOOGLE_TOKEN}`)).toBe(true);
  expect(sent.some((headers) => headers['x-amz-security-token'] === AWS_SESSION_TOKEN)).toBe(true);
  expect(sent.filter((headers) => headers.authorization === `Bearer ${OF_RUN}`).length).toBeGreaterThanOrEqual(18);
  expect(sent.filter((headers) => headers.authorization === `Basic ${OF_RUN_BASIC}`).length).toBeGreaterThanOrEqual(6);
  expect(echo.hits.some(({ url }) => url.endsWith(`?key=${OF_RUN_QUERY}`))).toBe(true);
  // After a refusal by the service the token was refreshed.
  expect(world.authorization.tokenCalls().refresh_token).toBeGreaterThanOrEqual(1);
  expect(world.authorization.reuses()).toBe(0);
  expect(elsewhere.connections()).toBe(0);
  expect([...secrets].filter((secret) => /^(at|rt)_/.test(secret)).length).toBeGreaterThanOrEqual(6);

  const forms = [...secrets].flatMap(formsOf);
  const formsIn = (text: string) => forms.filter((form) => text.includes(form));
  for (const text of visible) {
    expect(text.length).toBeGreaterThan(50);
    expect(formsIn(text)).toEqual([]);
  }
  // The service echoed them, and they were redacted.
  expect(visible.filter((text) => text.includes('[secret]')).length).toBeGreaterThanOrEqual(12);
  expect(stack.log()).toContain('"msg":"request"');
  expect(formsIn(stack.log())).toEqual([]);
  const tables = await dump(stack.databaseUrl);
  for (const [name, rows] of Object.entries(tables)) {
    const text = rows.join('\n');
    expect([name, formsIn(text)]).toEqual([name, []]);
    expect([name, forms.filter((form) => text.includes(Buffer.from(form).toString('hex')))]).toEqual([name, []]);
  }
});

test('passed-through credentials are encrypted while their run lives, and erased when it ends', async () => {
  const [oauth] = (await api.integrations.list({})).integrations.filter(({ name }) => name === 'OAuth');
  const id = oauth!.customerIntegrationId;
  const { runId } = await api.runs.create(
    aRun({
      userId: 'nobody-yet',
      selectedCustomerIntegrationIds: [id],
      plan: { goal: 'Wait', steps: [{ id: 'only', tool: `${id}.succeed` }] },
      passThrough: [{ customerIntegrationId: id, headers: { 'x-handed-on': HANDED_ON } }],
    }),
  );
  const db = openDatabase({ ...loginsOf(stack.databaseUrl), masterKeys: [masterKeys] });
  const storedText = async () => {
    const { rows } = await db.pool.query('SELECT sealed_pass_through AS sealed FROM run WHERE run_id = $1', [runId]);
    return rows[0].sealed as Buffer | null;
  };
  try {
    await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
    expect((await storedText())?.length).toBeGreaterThan(50);
    await api.runs.cancel({ runId });
    expect(await storedText()).toBeNull();
  } finally {
    await db.close();
  }
});
