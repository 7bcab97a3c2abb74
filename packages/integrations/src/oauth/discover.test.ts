import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubAuthorizationServer, startStubAuthorizationServer } from '../testing/stub-authorization-server.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { startAuthorization } from './authorize.ts';
import { discoverAuthorization } from './discover.ts';
import { refreshTokens, revokeTokens } from './grant.ts';
import { redeemCode } from './redeem.ts';

const started: StubAuthorizationServer[] = [];
let inner: StubService;
const closing: Egress[] = [];

async function serverAt(options: { wellKnown?: string; path?: string } = {}) {
  const stub = await startStubAuthorizationServer(options);
  // A name with a private address, as an attacker could register.
  const resolver = async () => [{ address: '127.0.0.1', family: 4 }];
  const egress = createEgress({ allowOrigins: [stub.origin], resolver });
  started.push(stub);
  closing.push(egress);
  return { stub, egress };
}

beforeAll(async () => {
  inner = await startStubService((_request, response) => response.end('{"access_token":"stolen"}'));
});
afterAll(async () => {
  await Promise.all([...closing, ...started, inner].map((server) => server.close()));
});

describe('discovery', () => {
  it.each([
    ['/.well-known/oauth-authorization-server', ''],
    ['/.well-known/openid-configuration', ''],
    ['/.well-known/oauth-authorization-server/tenant/a', '/tenant/a'],
    ['/.well-known/openid-configuration/tenant/a', '/tenant/a'],
    ['/tenant/a/.well-known/openid-configuration', '/tenant/a'],
  ])('finds metadata at %s of the issuer with path "%s"', async (wellKnown, path) => {
    const { stub, egress } = await serverAt({ wellKnown, path });
    expect(await discoverAuthorization({ issuer: stub.origin + path }, { egress })).toEqual({
      issuer: stub.origin + path,
      authorizationUrl: `${stub.origin}/authorize`,
      tokenUrl: `${stub.origin}/token`,
      revocationUrl: `${stub.origin}/revoke`,
      sendsIssuer: true,
    });
  });

  it('passes by a page that answers everything with 200', async () => {
    const { stub, egress } = await serverAt({ wellKnown: '/.well-known/openid-configuration' });
    const page = await startStubService((request, response) => {
      const isMetadata = request.url === '/.well-known/openid-configuration';
      const metadata = { ...stub.metadata, issuer: page.origin };
      response.writeHead(200, { 'content-type': isMetadata ? 'application/json' : 'text/html' });
      response.end(isMetadata ? JSON.stringify(metadata) : '<html>');
    });
    const both = createEgress({ allowOrigins: [page.origin, stub.origin] });
    closing.push(both);
    expect(await discoverAuthorization({ issuer: page.origin }, { egress: both })).toMatchObject({
      issuer: page.origin,
    });
    await expect(discoverAuthorization({ issuer: page.origin }, { egress })).rejects.toMatchObject({
      code: 'url_not_allowed',
    });
    await page.close();
  });

  it('reads what an OpenAPI document points to', async () => {
    const { stub, egress } = await serverAt({ wellKnown: '/a/.well-known/openid-configuration', path: '/a' });
    const openIdConnectUrl = `${stub.origin}/a/.well-known/openid-configuration`;
    expect(await discoverAuthorization({ openIdConnectUrl }, { egress })).toMatchObject({ issuer: `${stub.origin}/a` });
    stub.metadata.issuer = stub.origin;
    await expect(discoverAuthorization({ openIdConnectUrl }, { egress })).rejects.toMatchObject({
      code: 'oauth_issuer_mismatch',
    });
  });

  it('refuses metadata of another issuer, of a server without S256, without endpoints, and with a long address', async () => {
    const { stub, egress } = await serverAt();
    const refused = (change: object) => {
      Object.assign(stub.metadata, change);
      return discoverAuthorization({ issuer: stub.origin }, { egress }).then(
        () => 'taken',
        ({ code }) => code,
      );
    };
    expect(await refused({ issuer: 'https://other.example.com' })).toBe('oauth_issuer_mismatch');
    expect(await refused({ issuer: stub.origin, code_challenge_methods_supported: ['plain'] })).toBe('oauth_failed');
    expect(await refused({ code_challenge_methods_supported: undefined, token_endpoint: undefined })).toBe(
      'oauth_failed',
    );
    expect(await refused({ token_endpoint: `${stub.origin}/token` })).toBe('taken');
    expect(await refused({ jwks_uri: `${stub.origin}/${'a'.repeat(2_000)}` })).toBe('oauth_failed');
  });

  it('takes two URLs as they are, and learns more when the metadata of their origin names the same two', async () => {
    const { stub, egress } = await serverAt();
    const endpoints = { authorizationUrl: `${stub.origin}/authorize`, tokenUrl: `${stub.origin}/token` };
    expect(await discoverAuthorization(endpoints, { egress })).toMatchObject({
      ...endpoints,
      issuer: stub.origin,
      sendsIssuer: true,
    });
    const otherEndpoints = { ...endpoints, tokenUrl: `${stub.origin}/other` };
    expect(await discoverAuthorization(otherEndpoints, { egress })).toEqual(otherEndpoints);
    await expect(discoverAuthorization({ tokenUrl: endpoints.tokenUrl }, { egress })).rejects.toMatchObject({
      code: 'oauth_failed',
    });
  });
});

const forms = [
  'http://127.0.0.1:PORT/',
  'https://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://[::1]:PORT/',
  'https://2130706433:PORT/',
  'https://0x7f.1:PORT/',
  'https://0177.0.0.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://10.0.0.1/',
  'https://db.internal/',
  'https://user:pass@example.com/',
  'https://rebind.example.com/',
  'file:///etc/passwd',
];

describe.each(forms)('the address %s', (form) => {
  const url = () => form.replace('PORT', new URL(inner.origin).port);

  it('is reached from nowhere in the protocol', async () => {
    const { stub, egress } = await serverAt();
    const before = inner.connections();
    const refused = async (hints: object) =>
      expect(
        await discoverAuthorization(hints, { egress }).then(
          () => 'taken',
          ({ code }) => code,
        ),
      ).toBe('url_not_allowed');

    await refused({ issuer: url() });
    await refused({ openIdConnectUrl: `${url()}.well-known/openid-configuration` });
    await refused({ authorizationUrl: url(), tokenUrl: `${stub.origin}/token` });
    await refused({ authorizationUrl: `${stub.origin}/authorize`, tokenUrl: url() });
    for (const key of ['authorization_endpoint', 'token_endpoint', 'revocation_endpoint']) {
      const original = stub.metadata[key];
      stub.metadata[key] = url();
      await refused({ issuer: stub.origin });
      stub.metadata[key] = original;
    }

    // Stored when the URL was still allowed.
    const server = {
      issuer: stub.origin,
      authorizationUrl: `${stub.origin}/authorize`,
      tokenUrl: url(),
      revocationUrl: url(),
    };
    const client = { clientId: 'c', clientSecret: new Secret('s') };
    const { url: requestUrl, pending } = await startAuthorization({
      server,
      client,
      redirectUri: 'https://e.example.com/cb',
    });
    const call = redeemCode({ server, client, callback: stub.consent(requestUrl), pending }, { egress });
    await expect(call).rejects.toMatchObject({ code: 'oauth_failed' });
    const refreshToken = new Secret('r');
    expect(await refreshTokens({ server, client, refreshToken }, { egress })).toMatchObject({ kind: 'later' });
    expect(await revokeTokens({ server, client, refreshToken }, { egress })).toEqual({ kind: 'failed' });

    expect(inner.connections()).toBe(before);
    expect(stub.hits.filter((hit) => hit.url !== '/.well-known/oauth-authorization-server')).toEqual([]);
  });
});
