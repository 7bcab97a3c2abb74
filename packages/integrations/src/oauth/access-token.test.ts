import { createHmac } from 'node:crypto';
import { type CryptoKey, exportSPKI, importJWK } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubIssuer, startStubIssuer } from '../testing/stub-issuer.ts';
import { createTokenChecker } from './access-token.ts';

const AUDIENCE = 'https://errand.example/mcp';
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

let issuer: StubIssuer;
let egress: Egress;
beforeAll(async () => {
  issuer = await startStubIssuer();
  egress = createEgress({ allowOrigins: [issuer.origin] });
});
afterAll(() => Promise.all([issuer.close(), egress.close()]));

const trusted = () => [{ issuer: issuer.origin, algorithms: ['ES256', 'RS256'] }];
const check = (token: string, { at = createTokenChecker(trusted(), { egress }) } = {}) => at.check(token, AUDIENCE);
const aToken = (claims: object = {}, signing: object = {}) => issuer.token({ aud: AUDIENCE, ...claims }, signing);

it('takes a token of a trusted issuer for this audience, and tells its claims', async () => {
  const token = await aToken({ org: 'acme', aud: ['https://other.example', AUDIENCE] });
  expect(await check(token)).toMatchObject({
    kind: 'valid',
    issuer: issuer.origin,
    claims: { sub: 'ana', org: 'acme' },
  });
  expect(await check(await aToken({}, { typ: 'JWT' }))).toMatchObject({ kind: 'valid' });
  expect(await check(await aToken({ exp: now() - 30 }))).toMatchObject({ kind: 'valid' });
  expect(await check(await aToken({ nbf: now() + 30 }))).toMatchObject({ kind: 'valid' });
});

it.each<[string, object, object?]>([
  ['of another audience', { aud: 'https://errand.example' }],
  ['without an audience', { aud: undefined }],
  ['that is not valid yet', { nbf: now() + 300 }],
  ['without an end', { exp: undefined }],
  ['without a subject', { sub: undefined }],
  ['of another issuer', { iss: 'https://other.example' }],
  ['whose issuer has a slash more', { iss: 'SLASH' }],
  ['that is no access token', {}, { typ: 'logout+jwt' }],
  ['whose key is not published', {}, { kid: 'none' }],
])('refuses a token %s', async (_, claims, signing) => {
  const named = 'iss' in claims && claims.iss === 'SLASH' ? { ...claims, iss: `${issuer.origin}/` } : claims;
  expect(await check(await aToken(named, signing))).toEqual({ kind: 'wrong' });
});

it('tells that a good token has expired, and of a bad one nothing', async () => {
  expect(await check(await aToken({ exp: now() - 120 }))).toEqual({ kind: 'expired' });
  const forged = (await aToken({ exp: now() - 120 })).replace(/.{6}$/, 'AAAAAA');
  expect(await check(forged)).toEqual({ kind: 'wrong' });
});

it('refuses tokens that nobody signed, or somebody with the public key', async () => {
  const claims = { iss: issuer.origin, aud: AUDIENCE, sub: 'ana', exp: now() + 600 };
  for (const alg of ['none', 'None', 'NONE'])
    expect(await check(`${encoded({ alg })}.${encoded(claims)}.`)).toEqual({ kind: 'wrong' });
  const pem = await exportSPKI((await importJWK(issuer.publicKey(), 'ES256', { extractable: true })) as CryptoKey);
  for (const secret of [pem, JSON.stringify(issuer.publicKey())]) {
    const signed = `${encoded({ alg: 'HS256', kid: issuer.publicKey().kid })}.${encoded(claims)}`;
    const mac = createHmac('sha256', secret).update(signed).digest('base64url');
    expect(await check(`${signed}.${mac}`)).toEqual({ kind: 'wrong' });
  }
  const selfSigned = encoded({ alg: 'ES256', jwk: issuer.publicKey(), jku: 'http://169.254.169.254/keys' });
  expect(await check(`${selfSigned}.${encoded(claims)}.${'A'.repeat(86)}`)).toEqual({ kind: 'wrong' });
});

it('what is no token is refused without a look at the issuer', async () => {
  const before = issuer.reads();
  const at = createTokenChecker(trusted(), { egress });
  for (const token of ['a.b.c', '..', `${'a'.repeat(20_000)}.b.c`, `${encoded({ alg: 'ES256' })}.${encoded([])}.x`])
    expect(await check(token, { at })).toEqual({ kind: 'wrong' });
  expect(issuer.reads()).toBe(before);
});

it('reads the keys once for many, again for a key that is new, and not for each that is made up', async () => {
  const at = createTokenChecker(trusted(), { egress });
  const before = issuer.reads();
  const token = await aToken();
  await Promise.all(Array.from({ length: 50 }, () => check(token, { at })));
  expect(issuer.reads() - before).toBe(1);
  await issuer.rotate();
  expect(await check(await aToken(), { at })).toMatchObject({ kind: 'valid' });
  expect(await check(token, { at })).toEqual({ kind: 'wrong' });
  for (let i = 0; i < 50; i++) await check(await aToken({}, { kid: `made-up-${i}` }), { at });
  expect(issuer.reads() - before).toBeLessThanOrEqual(5);
});

it('a flood of made-up keys reads the keys once in an interval, and delays a new key by one', async () => {
  const slow = createTokenChecker(trusted(), { egress });
  const reads = issuer.reads();
  await check(await aToken(), { at: slow });
  for (let i = 0; i < 50; i++) await check(await aToken({}, { kid: `made-up-${i}` }), { at: slow });
  expect(issuer.reads() - reads).toBe(2);

  const at = createTokenChecker(trusted(), { egress }, { unknownKeyIntervalMs: 200 });
  await check(await aToken(), { at });
  for (let i = 0; i < 50; i++) await check(await aToken({}, { kid: `made-up-${i}` }), { at });
  const changed = new Promise<void>((resolve) => at.onNewKeys(resolve));
  await issuer.rotate();
  const token = await aToken();
  await check(token, { at });
  // The keys are read without another token.
  await changed;
  expect(await check(token, { at })).toMatchObject({ kind: 'valid' });
});

it('keys that cannot be read are no refusal, and known ones serve on', async () => {
  const at = createTokenChecker(trusted(), { egress });
  await check(await aToken(), { at });
  const later = expect.objectContaining({ code: 'unavailable', options: { headers: { 'retry-after': '5' } } });
  for (const answer of [
    { status: 503, body: '{}' },
    { status: 200, body: `{"keys":[],"more":"${'x'.repeat(10 * 2 ** 20)}"}` },
    { status: 200, body: '<html>' },
    { status: 200, body: JSON.stringify({ keys: Array.from({ length: 101 }, () => issuer.publicKey()) }) },
    { status: 200, body: '{"keys":"none"}' },
  ]) {
    issuer.answerKeys(answer);
    const fresh = createTokenChecker(trusted(), { egress });
    const before = issuer.reads();
    await expect(check(await aToken(), { at: fresh })).rejects.toEqual(later);
    await expect(check(await aToken(), { at: fresh })).rejects.toEqual(later);
    expect(issuer.reads() - before).toBe(1);
    expect(await check(await aToken(), { at })).toMatchObject({ kind: 'valid' });
  }
  issuer.answerKeys(undefined);
});

it('keys at an address that may not be called are not read', async () => {
  const closed = createEgress();
  const at = createTokenChecker(trusted(), { egress: closed });
  const before = issuer.hits.length;
  await expect(check(await aToken(), { at })).rejects.toMatchObject({ code: 'unavailable' });
  expect(issuer.hits.length).toBe(before);
  await closed.close();
});
