import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { createEgress } from '../../egress/egress.ts';
import { startStubService } from '../../testing/stub-service.ts';
import { createIdentityProvider } from './identity-provider.ts';

const REDIRECT_URI = 'https://errand.example/console/sign-in/oidc/callback';
type IssuerOptions = { alg?: string; listed?: string[]; metadata?: object; pad?: string };

/** An issuer that signs with a key of this algorithm, and a provider that trusts it. */
async function anIssuer({ alg = 'RS256', listed, metadata = {}, pad = '' }: IssuerOptions = {}) {
  const newKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid } };
  };
  let key = await newKey('k1');
  let claims: Record<string, unknown> = {};
  const stub = await startStubService(async ({ url }, response) => {
    const json = (value: object) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value) + pad);
    const { origin } = stub;
    if (url === '/keys') return void json({ keys: [key.jwk] });
    if (url === '/token') {
      const signed = new SignJWT(claims).setProtectedHeader({ alg, kid: key.jwk.kid }).setIssuer(origin);
      const idToken = await signed.setAudience('errand').setIssuedAt().setExpirationTime('1m').sign(key.privateKey);
      return void json({ access_token: 'a', token_type: 'bearer', id_token: idToken });
    }
    if (url !== '/.well-known/openid-configuration') return void response.writeHead(404).end();
    const endpoints = { authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token` };
    const lists = { id_token_signing_alg_values_supported: listed };
    json({ issuer: origin, jwks_uri: `${origin}/keys`, ...endpoints, ...lists, ...metadata });
  });
  const egress = createEgress({ allowOrigins: [stub.origin] });
  onTestFinished(async () => {
    await egress.close();
    await stub.close();
  });
  const client = { clientId: 'errand' };
  const provider = createIdentityProvider({ issuer: stub.origin, client, groupsClaim: 'roles' }, egress);
  return {
    stub,
    provider,
    rotate: async () => {
      key = await newKey('k2');
    },
    async signIn(ofUser: Record<string, unknown> = {}) {
      const { state, pending } = await provider.start(REDIRECT_URI);
      claims = { sub: 'ada', nonce: pending.nonce?.reveal(), ...ofUser };
      return provider.finish(new URLSearchParams({ code: 'c', state: state.reveal() }), pending);
    },
  };
}

test.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'RS512'])(
  'a token signed by %s is accepted if the issuer lists it',
  async (alg) => {
    const { signIn } = await anIssuer({ alg, listed: ['none', 'HS256', alg] });
    expect(await signIn()).toMatchObject({
      subject: 'ada',
      name: 'ada',
      email: null,
      emailVerified: false,
      groups: [],
    });
  },
);

test('without a list only RS256 is accepted', async () => {
  expect(await (await anIssuer()).signIn()).toMatchObject({ subject: 'ada' });
  const { signIn } = await anIssuer({ alg: 'ES256' });
  await expect(signIn()).rejects.toMatchObject({
    code: 'sign_in_refused',
    detail: expect.stringContaining('algorithm'),
  });
});

test('a key that the issuer has changed is found', async () => {
  const issuer = await anIssuer();
  await issuer.signIn();
  await issuer.rotate();
  expect(await issuer.signIn()).toMatchObject({ subject: 'ada' });
});

test('concurrent sign-ins read the metadata and the keys once', async () => {
  const { signIn, stub } = await anIssuer();
  await signIn();
  await Promise.all(Array.from({ length: 5 }, () => signIn().catch(() => {})));
  const reads = (path: string) => stub.hits.filter(({ url }) => url === path).length;
  expect(reads('/keys')).toBe(1);
  // Once for the endpoints, and once for the keys.
  expect(reads('/.well-known/openid-configuration')).toBe(2);
});

test.each<[object, object]>([
  [
    { name: '  Ada\u0000\u202e L. ', email: 'a@example.com', email_verified: true },
    { name: 'Ada L.', emailVerified: true },
  ],
  [{ name: '', preferred_username: 'ada' }, { name: 'ada' }],
  [
    { name: 7, email: 'a@example.com', email_verified: 'true' },
    { name: 'a@example.com', emailVerified: false },
  ],
  [{ name: 'x'.repeat(500) }, { name: 'x'.repeat(100) }],
  [{ email: `${'x'.repeat(400)}@example.com`, email_verified: true }, { email: null }],
  [{ email: 'no address', email_verified: true }, { email: null }],
  [{ email: 'a@example.com\u0000', email_verified: true }, { email: null }],
  [{ roles: 'staff' }, { groups: ['staff'] }],
  [{ roles: ['staff', 7, null, { a: 1 }] }, { groups: ['staff'] }],
  [{ roles: { staff: true }, groups: ['admins'] }, { groups: [] }],
])('of the claims %j it reads %j', async (claims, identity) => {
  expect(await (await anIssuer()).signIn({ ...claims })).toMatchObject(identity);
});

test.each<[unknown]>([[''], [{}], [7], ['a\u0000'], ['a\ud800'], ['a\u202e'], ['s'.repeat(256)]])(
  'the subject %j is refused',
  async (sub) => {
    await expect((await anIssuer()).signIn({ sub })).rejects.toMatchObject({ code: 'sign_in_refused' });
  },
);

test.each<[string, IssuerOptions]>([
  ['names another issuer', { metadata: { issuer: 'https://evil.example' } }],
  ['has no token endpoint', { metadata: { token_endpoint: undefined } }],
  ['leads the browser to a script', { metadata: { authorization_endpoint: 'javascript:alert(1)' } }],
  ['leads into the network', { metadata: { token_endpoint: 'http://127.0.0.1:9/token' } }],
  ['does not offer PKCE with S256', { metadata: { code_challenge_methods_supported: ['plain'] } }],
  ['is too large', { pad: ' '.repeat(300_000) }],
])('metadata that %s are refused', async (_, options) => {
  const { provider, stub } = await anIssuer(options);
  await expect(provider.start(REDIRECT_URI)).rejects.toMatchObject({ code: 'sign_in_refused', cause: undefined });
  expect(stub.hits.every(({ url }) => url.startsWith('/.well-known/'))).toBe(true);
});
