// A credential that the caller of a run passes through replaces the user's credential for its integration, in this run alone. The user's
// own credential does not change.
import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type CalendarStack, consent, startCalendarStack } from './fixtures/calendar.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, type StubOperation, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

type Auth = Parameters<Api['integrations']['create']>[0]['auth'];
type PassThrough = NonNullable<Parameters<Api['runs']['create']>[0]['passThrough']>[number];

let stack: Stack;
let world: CalendarStack;
let shop: Stub;
let elsewhere: Stub;
let clouds: Stub;
let api: Api;
let userId = '';
let users = 0;
/** The shop's answer to any request. */
let status = 200;

const google = {
  type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH' as const,
  scopes: ['calendar'],
  serviceAccountKey: () =>
    JSON.stringify({
      type: 'service_account',
      client_email: 'errand@example.com',
      private_key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }),
      private_key_id: 'key-1',
      token_uri: `${clouds.origin}/google`,
    }),
};

beforeAll(async () => {
  const answer: StubOperation['answer'] = (response, { operation }) => json(response, { done: operation }, status);
  const operations = { list: { answer }, buy: { method: 'POST', answer } } as const;
  world = await startCalendarStack();
  elsewhere = await startStub(operations);
  clouds = await startStub({ google: { method: 'POST', answer } });
  shop = await startStub(operations);
  const allow = [world.authorization.url, shop.origin, elsewhere.origin, clouds.origin];
  stack = await startStack({ seed: false, allow });
  api = overRest(stack);
  return () => Promise.all([stack.close(), world.close(), shop.close(), elsewhere.close(), clouds.close()]);
});
beforeEach(() => {
  userId = `user-${++users}`;
  status = 200;
  for (const stub of [shop, elsewhere, clouds]) stub.hits.length = 0;
});

const oauth = (): Auth => {
  const { url: issuer, clientId, clientSecret } = world.authorization;
  return { type: 'OAUTH2', issuer, clientId, clientSecret };
};
const aws: Auth = {
  type: 'AWS_ASSUME_ROLE',
  roleArn: 'arn:aws:iam::123456789012:role/errand',
  region: 'eu-central-1',
  service: 'execute-api',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'a-secret-access-key',
};
const register = async (auth: Auth, document = shop.document) =>
  (await api.integrations.create({ name: 'Shop', kind: 'openapi', document, auth })).customerIntegrationId;
const user = (customerIntegrationId: string) => api.integrations.getUser({ customerIntegrationId, userId });
const calling = (
  id: string,
  operation: string,
  passed: Omit<PassThrough, 'customerIntegrationId'> = bearer,
  more = {},
) =>
  aRun({
    userId,
    selectedCustomerIntegrationIds: [id],
    plan: aPlan(`${id}.${operation}`),
    passThrough: [{ customerIntegrationId: id, ...passed }],
    ...more,
  });
const bearer = { headers: { Authorization: 'Bearer of-the-caller' } };
const reaches = (runId: string, status: string) =>
  expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000, interval: 50 }).toBe(status);
const entries = async (action: 'credential.used' | 'credential.rejected', id: string) =>
  (await api.audit.list({ action, pageSize: 1000 })).entries.filter(({ target }) => target === id);
const authorizations = () => shop.hits.map(({ headers }) => headers.authorization);

const ownApi = () => overTrpc(stack);

test.for<[string, () => Auth, Omit<PassThrough, 'customerIntegrationId'>, string, string]>([
  ['API_TOKEN', () => ({ type: 'API_TOKEN' }), bearer, 'authorization', 'Bearer of-the-caller'],
  [
    'API_TOKEN in a header',
    () => ({ type: 'API_TOKEN', in: 'header', name: 'X-Api-Key', prefix: '' }),
    { headers: { 'x-api-key': 'key-of-the-caller' } },
    'x-api-key',
    'key-of-the-caller',
  ],
  [
    'API_TOKEN in the query',
    () => ({ type: 'API_TOKEN', in: 'query', name: 'key', prefix: '' }),
    { query: { key: 'key-of-the-caller' } },
    'url',
    '/list?key=key-of-the-caller',
  ],
  ['OAUTH2', oauth, bearer, 'authorization', 'Bearer of-the-caller'],
  [
    'GOOGLE_SERVICE_ACCOUNT_OAUTH',
    () => ({ ...google, serviceAccountKey: google.serviceAccountKey() }),
    bearer,
    'authorization',
    'Bearer of-the-caller',
  ],
])(
  'it replaces the credential of %s: it is sent unchanged, and no one is asked',
  async ([_n, auth, passed, at, sent]) => {
    const id = await register(auth());
    const { run, events } = await carryOut(ownApi(), calling(id, 'list', passed));
    expect(run.status).toBe('SUCCESS');
    expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
    expect(shop.hits.map(({ url, headers }) => ({ url, ...headers })[at as 'url'])).toEqual([sent]);
    expect([elsewhere.hits, clouds.hits]).toEqual([[], []]);
    expect(JSON.stringify([run, events])).not.toContain('of-the-caller');
  },
);

test.each([401, 403])('a refusal with %i ends the step and marks nothing', async (code) => {
  const id = await register({ type: 'API_TOKEN' });
  const consents = await register(oauth());
  await api.integrations.putCredentials({ customerIntegrationId: id, userId, apiToken: 'token-of-the-user' });
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: consents, userId });
  await consent(new Browser(), authorizeUrl);
  const before = [await user(id), await user(consents), world.authorization.tokenCalls()];
  status = code;
  for (const integrationId of [id, consents]) {
    for (const operation of ['list', 'buy']) {
      const { run, events } = await carryOut(ownApi(), calling(integrationId, operation));
      expect(run).toMatchObject({ status: 'FAILED', error: { code: 'credential_rejected' } });
      expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
    }
    expect(await entries('credential.rejected', integrationId)).toEqual([]);
  }
  expect(authorizations()).toEqual(Array(4).fill('Bearer of-the-caller'));
  expect([await user(id), await user(consents), world.authorization.tokenCalls()]).toEqual(before);

  status = 200;
  const { run } = await carryOut(ownApi(), calling(id, 'list', undefined, { passThrough: [] }));
  expect([run.status, authorizations().at(-1)]).toEqual(['SUCCESS', 'Bearer token-of-the-user']);
});

test('the audit log records its use, not its value', async () => {
  const id = await register({ type: 'API_TOKEN' });
  const { run } = await carryOut(ownApi(), calling(id, 'list'));
  await expect
    .poll(() => entries('credential.used', id), { timeout: 15_000, interval: 200 })
    .toMatchObject([{ details: { of: 'run', userId, runId: run.runId, calls: 1 } }]);
  expect(JSON.stringify(await api.audit.list({ pageSize: 1000 }))).not.toContain('of-the-caller');
});

test('a repeat needs it again', async () => {
  const { crm } = stack;
  const integration = await api.integrations.create({
    name: 'CRM',
    kind: 'openapi',
    url: crm.documentUrl,
    auth: { type: 'API_TOKEN' },
  });
  const id = integration.customerIntegrationId;
  const repeated = (passThrough: PassThrough[]) =>
    aRun({ userId, selectedCustomerIntegrationIds: [id], repeatKey: userId, passThrough });
  const passed = [{ customerIntegrationId: id, headers: { Authorization: `Bearer ${crm.token}` } }];
  const { run } = await carryOut(ownApi(), repeated(passed));
  const sent = crm.requests.length;
  expect([run.status, sent > 0]).toEqual(['SUCCESS', true]);
  const { runId } = await ownApi().runs.create(repeated([]));
  await reaches(runId, 'AUTH_REQUIRED');
  expect(crm.requests).toHaveLength(sent);
  await api.runs.cancel({ runId });
  const again = await carryOut(ownApi(), repeated(passed));
  expect([again.run.status, again.run.repeatRunId]).toEqual(['SUCCESS', run.runId]);
});

test.each<[string, Auth, Omit<PassThrough, 'customerIntegrationId'>, string]>([
  ['Authorization at AWS', aws, bearer, 'headers'],
  ['a session token at AWS', aws, { headers: { 'X-Amz-Security-Token': 'of-the-caller' } }, 'headers'],
  ['a signature in the query at AWS', aws, { query: { 'X-Amz-Signature': 'of-the-caller' } }, 'query'],
  ['nothing', { type: 'API_TOKEN' }, { headers: { Authorization: '' } }, 'headers'],
  [
    'two at once',
    { type: 'API_TOKEN' },
    { headers: { Authorization: 'of-the-caller', authorization: 'of-the-caller' } },
    'headers',
  ],
  [
    'a hundred and one parameters',
    { type: 'API_TOKEN' },
    { query: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, 'of-the-caller'])) },
    'query',
  ],
  ['another method', { type: 'API_TOKEN' }, { headers: { 'X-HTTP-Method-Override': 'of-the-caller' } }, 'headers'],
])('%s is refused when the run is created', async (_n, auth, passed, part) => {
  const id = await register(auth);
  const refusal = await ownApi()
    .runs.create(calling(id, 'list', passed))
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    status: 400,
    problem: { code: 'validation_failed', errors: [{ pointer: `/passThrough/0/${part}` }] },
  });
  expect(JSON.stringify(refusal)).not.toContain('of-the-caller');
});

test.each<[string, Auth, Omit<PassThrough, 'customerIntegrationId'>]>([
  ['another header', { type: 'API_TOKEN' }, { headers: { 'X-Api-Key': 'of-the-caller' } }],
  ['Authorization beside another header', { type: 'API_TOKEN', in: 'header', name: 'X-Api-Key', prefix: '' }, bearer],
  ['a parameter', { type: 'API_TOKEN' }, { query: { access_token: 'of-the-caller' } }],
])('%s is no credential: the user is asked', async (_n, auth, passed) => {
  const id = await register(auth);
  const { runId } = await api.runs.create(calling(id, 'list', passed));
  await reaches(runId, 'AUTH_REQUIRED');
  expect(shop.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

test('a credential for another integration does not help', async () => {
  const [id, otherId] = [await register({ type: 'API_TOKEN' }), await register({ type: 'API_TOKEN' })];
  const passThrough = [{ customerIntegrationId: otherId, ...bearer }];
  const { runId } = await api.runs.create(
    calling(id, 'list', bearer, { passThrough, selectedCustomerIntegrationIds: [id, otherId] }),
  );
  await reaches(runId, 'AUTH_REQUIRED');
  expect(shop.hits).toEqual([]);
  await api.runs.cancel({ runId });
});

describe('is for the integration at the creation of the run', () => {
  const approved = async (id: string, change: () => Promise<unknown>) => {
    const { runId } = await api.runs.create(calling(id, 'buy', bearer, { approvalStrategy: 'ON_WRITE' }));
    await reaches(runId, 'PAUSED');
    await change();
    const { pending } = await api.pending.list({ userId });
    await api.approvals.decide({ approvalId: pending[0]!.approvalId!, decision: 'approve' });
    const events = await eventsOf(api, runId, true);
    expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'FAILED', error: { code: 'tool_changed' } });
    expect([shop.hits, elsewhere.hits]).toEqual([[], []]);
  };

  test('after a change of origin it is not sent', async () => {
    const id = await register({ type: 'API_TOKEN' });
    await approved(id, async () => {
      await api.integrations.refresh({ customerIntegrationId: id, document: elsewhere.document });
      await api.integrations.patch({ customerIntegrationId: id, confirmBaseUrl: elsewhere.origin });
    });
  });

  test('nor once the credential goes into another header', async () => {
    const id = await register({ type: 'API_TOKEN' });
    const auth = { type: 'API_TOKEN', in: 'header', name: 'X-Api-Key', prefix: '' } as const;
    await approved(id, () => api.integrations.patch({ customerIntegrationId: id, auth }));
  });

  test('nor once an extra header would be the credential', async () => {
    const id = await register({ type: 'NONE' });
    await approved(id, () =>
      api.integrations.patch({ customerIntegrationId: id, auth: { type: 'API_TOKEN', token: 'of-all' } }),
    );
  });
});

test('it still works after the process was killed', async () => {
  const id = await register({ type: 'API_TOKEN' });
  const { runId } = await api.runs.create(calling(id, 'buy', bearer, { approvalStrategy: 'ON_WRITE' }));
  await reaches(runId, 'PAUSED');
  await stack.restart();
  const { pending } = await api.pending.list({ userId });
  await api.approvals.decide({ approvalId: pending[0]!.approvalId!, decision: 'approve' });
  await reaches(runId, 'SUCCESS');
  expect(authorizations()).toEqual(['Bearer of-the-caller']);
});
