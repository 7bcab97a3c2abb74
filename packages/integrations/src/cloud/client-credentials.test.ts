import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { clientAccess } from './client-credentials.ts';

let stub: StubService;
let egress: Egress;
let reply: { status?: number; body: string; headers?: Record<string, string> };

beforeAll(async () => {
  stub = await startStubService((_request, response) => {
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(reply.body);
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});
beforeEach(() => {
  reply = { body: '{"access_token":"token-1","token_type":"Bearer","expires_in":60}' };
});

const access = (more: object = {}) => {
  const client = {
    clientId: 'id',
    clientSecret: new Secret('a+b'),
    clientAuthentication: 'client_secret_post',
  } as const;
  return clientAccess({ server: { tokenUrl: `${stub.origin}/token` }, client, ...more }, { egress });
};

it('requests a token with scopes, and reads its lifetime', async () => {
  const result = await access({ scopes: ['a', 'b'], knobs: { scopeSeparator: ',' }, audience: 'api' });
  expect(result).toMatchObject({ kind: 'access' });
  if (result.kind !== 'access') throw new Error(result.kind);
  expect(result.value.reveal()).toBe('token-1');
  expect(Math.abs(result.expiresAt.getTime() - Date.now() - 60_000)).toBeLessThan(30_000);
  expect(Object.fromEntries(new URLSearchParams(stub.hits.at(-1)?.body))).toEqual({
    grant_type: 'client_credentials',
    client_id: 'id',
    client_secret: 'a+b',
    scope: 'a,b',
    audience: 'api',
  });
});

it('uses another grant type, JSON and the secret as user', async () => {
  const client = { clientId: 'id', clientSecret: new Secret('key'), clientAuthentication: 'secret_as_user' };
  await access({ client, grantType: 'account_credentials', knobs: { tokenRequest: { body: 'json' } } });
  const hit = stub.hits.at(-1)!;
  expect(JSON.parse(hit.body)).toEqual({ grant_type: 'account_credentials' });
  expect(hit.headers.authorization).toBe(`Basic ${Buffer.from('key:').toString('base64')}`);
});

it.each([
  [
    { status: 401, body: '{"error":"invalid_client"}' },
    { kind: 'refused', reason: 'invalid_client' },
  ],
  [
    { body: '{"ok":false,"error":"ratelimited"}', headers: { 'retry-after': '7' } },
    { kind: 'later', retryAfterMs: 7000 },
  ],
  [
    { status: 503, body: '' },
    { kind: 'later', retryAfterMs: 5000 },
  ],
  [{ body: '<html>' }, { kind: 'refused', reason: 'unreadable' }],
  [{ body: '{"access_token":"a","token_type":"dpop"}' }, { kind: 'refused', reason: 'unsupported_token' }],
])('that meets %j comes to %j', async (answer, outcome) => {
  reply = answer;
  expect(await access()).toEqual(outcome);
});

it('sends nothing to a URL without the value of a variable', async () => {
  const hits = stub.hits.length;
  const result = await access({ server: { tokenUrl: 'https://{tenant}.example.com/token' } });
  expect(result).toEqual({ kind: 'refused', reason: 'url_not_allowed' });
  expect(stub.hits).toHaveLength(hits);
});
