import { generateKeyPairSync, verify } from 'node:crypto';
import { Secret } from '@errand/contracts';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { faultOfKeyFile, googleAccess } from './google.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
let stub: StubService;
let egress: Egress;
let reply: { status: number; body: string; headers?: Record<string, string> } | undefined;
let claims: Record<string, unknown> = {};

/** Checks an assertion as Google's endpoint does. */
function faultOf(form: URLSearchParams): string | undefined {
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') return 'unsupported_grant_type';
  const [header = '', payload = '', signature = ''] = (form.get('assertion') ?? '').split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  if (read(header).alg !== 'RS256' || read(header).kid !== 'key-1') return 'invalid_request';
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    publicKey,
    Buffer.from(signature, 'base64url'),
  );
  claims = read(payload);
  const now = Date.now() / 1_000;
  const timely = Number(claims.iat) <= now + 5 && Number(claims.exp) > now && Number(claims.exp) <= now + 3_605;
  return signed && timely && claims.aud === `${stub.origin}/token` ? undefined : 'invalid_grant';
}

beforeAll(async () => {
  stub = await startStubService((_request, response, body) => {
    const fault = faultOf(new URLSearchParams(body));
    const answer = reply ?? {
      status: fault ? 400 : 200,
      body: JSON.stringify(
        fault ? { error: fault } : { access_token: 'ya29.token', expires_in: 3_599, token_type: 'Bearer' },
      ),
    };
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(answer.body);
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
});
afterEach(() => {
  reply = undefined;
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

const keyFile = (more: object = {}) =>
  JSON.stringify({
    type: 'service_account',
    client_email: 'errand@project.iam.gserviceaccount.com',
    private_key: privateKey,
    private_key_id: 'key-1',
    token_uri: `${stub.origin}/token`,
    ...more,
  });
const scopes = ['https://www.googleapis.com/auth/calendar', 'email'];
const access = (more: object = {}, key = keyFile()) =>
  googleAccess({ key: new Secret(key), scopes, ...more }, { egress });

it('gives a token for an assertion that its key has signed, for itself or for a user', async () => {
  const accountAccess = await access();
  if (accountAccess.kind !== 'access') throw new Error(accountAccess.kind);
  expect(accountAccess.value.reveal()).toBe('ya29.token');
  expect(Math.round((accountAccess.expiresAt.getTime() - Date.now()) / 10_000)).toBe(360);
  expect(claims).toMatchObject({ iss: 'errand@project.iam.gserviceaccount.com', scope: scopes.join(' ') });
  expect(claims).not.toHaveProperty('sub');
  expect([...new URLSearchParams(stub.hits.at(-1)?.body).keys()].sort()).toEqual(['assertion', 'grant_type']);

  expect((await access({ subject: 'ada@example.com' })).kind).toBe('access');
  expect(claims.sub).toBe('ada@example.com');
});

it('is refused when another key has signed', async () => {
  const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  expect(await access({}, keyFile({ private_key: otherKey }))).toEqual({ kind: 'refused', reason: 'invalid_grant' });
});

it.each([
  [
    { status: 401, body: '{"error":"unauthorized_client"}' },
    { kind: 'refused', reason: 'unauthorized_client' },
  ],
  [
    { status: 500, body: '' },
    { kind: 'later', retryAfterMs: 5_000 },
  ],
  [
    { status: 429, body: '', headers: { 'retry-after': '9' } },
    { kind: 'later', retryAfterMs: 9_000 },
  ],
  [
    { status: 200, body: '{}' },
    { kind: 'refused', reason: 'refused' },
  ],
])('that is answered %j comes to %j', async (answer, outcome) => {
  reply = answer;
  expect(await access()).toEqual(outcome);
});

it('sends nothing for a key file that cannot be used, or that points inside', async () => {
  const before = stub.hits.length;
  for (const key of ['', 'null', '{}', keyFile({ private_key: 'PRIVATE KEY' }), keyFile({ token_uri: 'x' })]) {
    expect(await access({}, key)).toEqual({ kind: 'refused', reason: 'key_file_invalid' });
  }
  const inside = await access({}, keyFile({ token_uri: 'https://169.254.169.254/token' }));
  expect(inside).toEqual({ kind: 'refused', reason: 'url_not_allowed' });
  expect(stub.hits).toHaveLength(before);
});

it('tells what is wrong with a key file without showing it', async () => {
  expect(await faultOfKeyFile(keyFile())).toBeUndefined();
  expect(await faultOfKeyFile('{"private_key":"s3cr3t"}')).toMatch(/^It is not the JSON key file/);
  expect(await faultOfKeyFile(keyFile({ private_key: '-----BEGIN PRIVATE KEY-----s3cr3t' }))).toMatch(
    /^Its private_key/,
  );
});
