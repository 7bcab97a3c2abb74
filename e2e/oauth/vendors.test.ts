// Consents at authorization servers that deviate from the standard, and calls with their tokens.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from '../fixtures/browser.ts';
import { aPlan, aRun, carryOut } from '../fixtures/builders.ts';
import { type Hit, json, type Stub } from '../fixtures/stub.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from '../fixtures/workspace.ts';

/** What the authorization server under test does. */
type Vendor = {
  /** The parameters of the callback. */
  page: (query: URLSearchParams) => Record<string, string>;
  /** The answers of the token endpoint and of other addresses. */
  token: (sent: URLSearchParams, hit: Hit) => unknown;
  refresh?: (sent: URLSearchParams) => unknown;
  exchange?: (sent: URLSearchParams) => unknown;
  sites?: unknown;
};

let workspace: Workspace;
let api: Api;
let stub: Stub;
let vendor: Vendor;
let users = 0;

const parametersOf = (hit: Hit): URLSearchParams =>
  hit.headers['content-type']?.startsWith('application/json')
    ? new URLSearchParams(JSON.parse(hit.body))
    : new URLSearchParams(hit.method === 'GET' ? hit.url.split('?')[1] : hit.body);
const issued = (members: object = {}) => ({ access_token: 'token-1', token_type: 'bearer', ...members });
const standardPage = (query: URLSearchParams) => ({ code: 'code-1', state: query.get('state')! });
const hitsOf = (operation: string) => stub.hits.filter((hit) => hit.operation === operation);

beforeAll(async () => {
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  stub = await startCallableStub({
    authorize: {
      answer: (response, hit) => {
        const query = parametersOf(hit);
        const target = new URL(query.get('redirect_uri')!);
        for (const [name, value] of Object.entries(vendor.page(query))) target.searchParams.set(name, value);
        response.writeHead(303, { location: target.href }).end();
      },
    },
    token: { method: 'POST', answer: (response, hit) => json(response, vendor.token(parametersOf(hit), hit)) },
    refresh: { method: 'POST', answer: (response, hit) => json(response, vendor.refresh?.(parametersOf(hit))) },
    exchange: { answer: (response, hit) => json(response, vendor.exchange?.(parametersOf(hit))) },
    sites: { answer: (response) => json(response, vendor.sites) },
    whoAmI: { answer: (response, { headers }) => json(response, { name: 'Ada' }, isKnown(headers) ? 200 : 401) },
    other: { answer: (response) => json(response, { name: 'Ada' }) },
  });
  return async () => {
    await stub.close();
    await workspace.close();
  };
});
const isKnown = (headers: Hit['headers']): boolean =>
  /token-[1-9]|YWRhOn/.test([headers.authorization, headers['x-access-token']].join(' '));
beforeEach(() => {
  stub.hits.length = 0;
  vendor = { page: standardPage, token: () => issued() };
});

type Input = Parameters<Api['integrations']['create']>[0];

async function register(auth: object, more: Partial<Input> = {}): Promise<string> {
  const urls = { authorizationUrl: `${stub.origin}/authorize`, tokenUrl: `${stub.origin}/token` };
  const client = { type: 'OAUTH2', clientId: 'client-1', clientSecret: 'secret-1', ...urls };
  const input = { name: 'Vendor', kind: 'openapi', document: stub.document, auth: { ...client, ...auth }, ...more };
  return (await api.integrations.create(input as Input)).customerIntegrationId;
}

/** Consents as a new user. @returns the last page, and the user */
async function consent(customerIntegrationId: string) {
  const userId = `user-${++users}`;
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId });
  const browser = new Browser();
  const end = await browser.submit(await browser.open(authorizeUrl), { decision: 'allow' });
  return { userId, end, user: () => api.integrations.getUser({ customerIntegrationId, userId }) };
}

async function connected(customerIntegrationId: string) {
  const consented = await consent(customerIntegrationId);
  expect([consented.end.url.search, consented.end.html.match(/role="alert">([^<]*)/)?.[1]]).toEqual([
    '?status=success',
    undefined,
  ]);
  return consented;
}

async function call(customerIntegrationId: string, userId: string, operation = 'whoAmI') {
  const plan = aPlan(`${customerIntegrationId}.${operation}`);
  const selectedCustomerIntegrationIds = [customerIntegrationId];
  return (await carryOut(api, aRun({ userId, selectedCustomerIntegrationIds, plan }))).run;
}

describe('a consent at a server', () => {
  test('without PKCE, with scopes by commas and its own token type', async () => {
    vendor.token = (sent) =>
      sent.has('code_verifier') ? { ok: false, error: 'bad' } : issued({ ok: true, token_type: 'bot', scope: 'a,b' });
    const id = await register({ pkce: 'off', scopeSeparator: ',', scopes: ['a', 'b'] });
    const { userId, user } = await connected(id);
    expect(parametersOf(hitsOf('authorize')[0]!).get('scope')).toBe('a,b');
    expect(await user()).toMatchObject({ active: true, scope: 'a b' });
    expect((await call(id, userId)).status).toBe('SUCCESS');
  });

  test('that refuses with status 200 ends in its word', async () => {
    vendor.token = () => ({ ok: false, error: 'invalid_code' });
    const { end, user } = await consent(await register({}));
    expect([end.status, end.headers.get('x-problem-code')]).toEqual([400, 'oauth_failed']);
    expect(end.html).toContain('invalid_code');
    expect(await user()).toMatchObject({ active: false });
  });

  test('whose token has its own header, which no other origin gets', async () => {
    vendor.token = (sent) => (sent.get('expiring') === '1' ? issued({ token_type: undefined }) : {});
    const id = await register({
      placement: { in: 'header', name: 'X-Access-Token' },
      tokenRequest: { parameters: { expiring: '1' } },
    });
    const { userId } = await connected(id);
    expect((await call(id, userId)).status).toBe('SUCCESS');
    const [hit] = hitsOf('whoAmI');
    expect([hit?.headers['x-access-token'], hit?.headers.authorization]).toEqual(['token-1', undefined]);
  });

  test('at a host with a value of the owner', async () => {
    const { port } = new URL(stub.origin);
    const host = { value: '127.0.0.1', pattern: '127\\.0\\.0\\.1' };
    const urls = { authorizationUrl: `http://{host}:${port}/authorize`, tokenUrl: `http://{host}:${port}/token` };
    const id = await register(urls, { variables: { host } });
    const { userId } = await connected(id);
    expect((await call(id, userId)).status).toBe('SUCCESS');
  });

  test('that takes only JSON', async () => {
    vendor.token = (sent, hit) => (hit.headers['x-version'] === '7' && sent.get('code') === 'code-1' ? issued() : {});
    const id = await register({ tokenRequest: { body: 'json', headers: { 'X-Version': '7' } } });
    const { userId } = await connected(id);
    expect(hitsOf('token')[0]?.headers['content-type']).toBe('application/json');
    expect((await call(id, userId)).status).toBe('SUCCESS');
  });

  test('that names the address of the service, also in a refresh', async () => {
    const { port } = new URL(stub.origin);
    const instance = {
      from: 'tokenAnswer',
      path: 'instance_url',
      pattern: '^http://(?:127\\.0\\.0\\.1|localhost):\\d+$',
    };
    vendor.token = () => issued({ expires_in: 1, refresh_token: 'refresh-1', instance_url: stub.origin });
    vendor.refresh = () => issued({ access_token: 'token-2', expires_in: 3600, instance_url: stub.origin });
    const id = await register(
      { tokenRequest: { refreshUrl: `${stub.origin}/refresh` } },
      { baseUrl: '{instance}', variables: { instance: instance as never } },
    );
    const { userId, user } = await connected(id);
    expect((await user()).variables).toEqual({ instance: `http://127.0.0.1:${port}` });
    expect((await call(id, userId)).status).toBe('SUCCESS');
    expect(hitsOf('whoAmI')[0]?.headers.authorization).toBe('Bearer token-2');
    expect(hitsOf('refresh')).toHaveLength(1);
  });

  test('that names a hostile address stores nothing', async () => {
    const instance = { from: 'tokenAnswer', path: 'instance_url', pattern: '^https://[a-z0-9-]+\\.example\\.com$' };
    vendor.token = () => issued({ instance_url: 'https://evil.example.org' });
    const id = await register({}, { baseUrl: '{instance}', variables: { instance: instance as never } });
    const { end, user } = await consent(id);
    expect([end.status, end.headers.get('x-problem-code')]).toEqual([400, 'oauth_failed']);
    expect(await user()).toMatchObject({ active: false });
  });

  test('that names a region and the code otherwise in the callback', async () => {
    const region = { from: 'callback', path: 'location', enum: ['token'] };
    vendor.page = (query) => ({ grant_code: 'code-1', session: query.get('session')!, location: 'token' });
    vendor.token = (sent) => (sent.get('grant_code') === 'code-1' ? issued() : {});
    const id = await register(
      { tokenUrl: `${stub.origin}/{region}`, rename: { code: 'grant_code', state: 'session' } },
      { variables: { region: region as never } },
    );
    const { userId, user } = await connected(id);
    expect((await user()).variables).toEqual({ region: 'token' });
    expect((await call(id, userId)).status).toBe('SUCCESS');
  });

  test('whose site a look-up finds', async () => {
    vendor.sites = [{ id: 'other', name: 'First' }];
    const site = { from: 'lookup', path: '0.id', request: { url: `${stub.origin}/sites` } };
    const id = await register(
      {},
      { baseUrl: `${stub.origin}`, variables: { site: site as never }, query: { s: '{site}' } },
    );
    const { userId, user } = await connected(id);
    expect((await user()).variables).toEqual({ site: 'other' });
    expect(hitsOf('sites')[0]?.headers.authorization).toBe('Bearer token-1');
    expect((await call(id, userId)).status).toBe('SUCCESS');
    expect(hitsOf('whoAmI')[0]?.url).toContain('s=other');
  });

  test('whose token is exchanged for one that lives longer, and again before it expires', async () => {
    let exchanges = 0;
    vendor.token = () => issued({ expires_in: 3600 });
    vendor.exchange = () =>
      issued({ access_token: `token-${++exchanges + 1}`, expires_in: exchanges === 1 ? 20 : 5_184_000 });
    const parameters = { grant_type: 'exchange', secret: '{clientSecret}', given: '{accessToken}' };
    const id = await register({ exchange: { url: `${stub.origin}/exchange`, parameters } });
    const { userId } = await connected(id);
    const sent = parametersOf(hitsOf('exchange')[0]!);
    expect(Object.fromEntries(sent)).toEqual({ grant_type: 'exchange', secret: 'secret-1', given: 'token-1' });
    expect((await call(id, userId)).status).toBe('SUCCESS');
    expect((await call(id, userId)).status).toBe('SUCCESS');
    expect(hitsOf('whoAmI').map((hit) => hit.headers.authorization)).toEqual(['Bearer token-3', 'Bearer token-3']);
    expect(parametersOf(hitsOf('exchange')[1]!).get('given')).toBe('token-2');
    expect(hitsOf('exchange')).toHaveLength(2);
  });
});

describe('a client', () => {
  test('gets tokens for all users, once, and again after a refusal', async () => {
    let tokens = 0;
    vendor.token = () => issued({ access_token: tokens++ === 0 ? 'stale' : `token-${tokens}`, expires_in: 3600 });
    const auth = {
      type: 'CLIENT_CREDENTIALS',
      clientId: 'client-1',
      clientSecret: 'secret-1',
      tokenUrl: `${stub.origin}/token`,
      grantType: 'account_credentials',
      tokenRequest: { parameters: { account_id: '{account}' } },
    };
    const input = { name: 'Client', kind: 'openapi', document: stub.document, auth, variables: { account: 'acme' } };
    const { customerIntegrationId: id, authType } = await api.integrations.create(input as Input);
    expect(authType).toBe('CLIENT_CREDENTIALS');
    expect((await call(id, 'ada')).status).toBe('SUCCESS');
    expect((await call(id, 'bob')).status).toBe('SUCCESS');
    const sent = hitsOf('token').map((hit) => Object.fromEntries(parametersOf(hit)));
    expect(sent).toHaveLength(2);
    expect(sent[0]).toMatchObject({ grant_type: 'account_credentials', account_id: 'acme' });
    await expect(api.integrations.authUrl({ customerIntegrationId: id, userId: 'ada' })).rejects.toMatchObject({
      problem: { code: 'validation_failed' },
    });
  });
});

describe('user and password', () => {
  const auth = { type: 'BASIC', userTitle: 'Account SID', passwordTitle: 'Auth token' } as const;
  const basic = `Basic ${Buffer.from('ada:pässword').toString('base64')}`;

  test('are entered on the page, under the names of the service', async () => {
    const id = await register({}, { auth });
    const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId: 'ada' });
    const browser = new Browser();
    const form = await browser.open(authorizeUrl);
    expect(form.html).toContain('Account SID');
    const refused = await browser.submit(form, { decision: 'allow', user: 'a:b', password: 'x' });
    expect(refused.status).toBe(400);
    const end = await browser.submit(refused, { decision: 'allow', user: 'ada', password: 'pässword' });
    expect(end.url.searchParams.get('status')).toBe('success');
    expect((await call(id, 'ada')).status).toBe('SUCCESS');
    expect(hitsOf('whoAmI').at(-1)?.headers.authorization).toBe(basic);
  });

  test('are stored by PUT, for BASIC alone and together', async () => {
    const id = await register({}, { auth });
    const key = { customerIntegrationId: id, userId: 'eve' };
    for (const wrong of [{ apiToken: 'x' }, { user: 'ada' }, { password: 'x' }, {}])
      await expect(api.integrations.putCredentials({ ...key, ...wrong })).rejects.toMatchObject({
        problem: { code: 'validation_failed' },
      });
    const stored = await api.integrations.putCredentials({ ...key, user: 'ada', password: 'pässword' });
    expect(stored).toMatchObject({ active: true });
    expect(JSON.stringify(stored)).not.toContain('pässword');
    expect((await call(id, 'eve')).status).toBe('SUCCESS');
    const other = await register({}, { auth: { type: 'API_TOKEN' } });
    await expect(
      api.integrations.putCredentials({ customerIntegrationId: other, userId: 'eve', user: 'a', password: 'b' }),
    ).rejects.toMatchObject({ problem: { code: 'validation_failed' } });
  });

  test('of the owner serve all users', async () => {
    const id = await register({}, { auth: { ...auth, user: 'ada', password: 'pässword' } });
    expect((await call(id, 'anyone')).status).toBe('SUCCESS');
    expect(hitsOf('whoAmI').at(-1)?.headers.authorization).toBe(basic);
  });
});
