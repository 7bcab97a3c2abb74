// Discovery of the authorization server of a service, and client registration.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { challengeOf } from './challenge.ts';
import { isTemporaryError } from './http.ts';
import { authorizationOf } from './protected-service.ts';
import { registerClient } from './register.ts';

let service: StubService;
let server: StubService;
let egress: Egress;
/** The answers of each server, by path; undefined: 404. */
type Answers = Record<string, unknown>;
let ofService: Answers = {};
let ofServer: Answers = {};

const answering = (answers: () => Answers) => (request: IncomingMessage, response: ServerResponse) => {
  const answer = answers()[request.url ?? ''];
  if (typeof answer === 'function') return answer(response);
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? {}));
};

beforeAll(async () => {
  service = await startStubService(answering(() => ofService));
  server = await startStubService(answering(() => ofServer));
  egress = createEgress({ allowOrigins: [service.origin, server.origin] });
});
afterAll(() => Promise.all([egress, service, server].map((resource) => resource.close())));

const RESOURCE = '/.well-known/oauth-protected-resource';
const SERVER = '/.well-known/oauth-authorization-server';
const metadataOf = (issuer = server.origin, more: object = {}) => ({
  issuer,
  authorization_endpoint: `${server.origin}/authorize`,
  token_endpoint: `${server.origin}/token`,
  code_challenge_methods_supported: ['S256'],
  ...more,
});
const resourceOf = (more: object = {}) => ({
  resource: `${service.origin}/mcp`,
  authorization_servers: [server.origin],
  ...more,
});
beforeEach(() => {
  ofService = {};
  ofServer = { [SERVER]: metadataOf() };
  service.hits.length = 0;
  server.hits.length = 0;
});

type Hints = Parameters<typeof authorizationOf>[1];
const find = (hints: Hints = {}) => authorizationOf(new URL(`${service.origin}/mcp`), hints, { egress });
const refused = (code: string, detail = '') =>
  expect.objectContaining({ code, detail: expect.stringContaining(detail) });
const send = (status: number, headers: Record<string, string>, body: string) => (response: ServerResponse) =>
  void response.writeHead(status, headers).end(body);

describe('the authorization server of a service', () => {
  it('is where the challenge points, then at the path, then at the root', async () => {
    const at = (url: string) => challengeOf(`Bearer resource_metadata="${service.origin}${url}"`);
    ofService = {
      '/a': resourceOf({ resource: service.origin }),
      [`${RESOURCE}/mcp`]: resourceOf(),
      [RESOURCE]: resourceOf(),
    };
    expect((await find({ challenge: at('/a') }))?.resource).toBe(service.origin);
    expect(await find({ challenge: at('/b') })).toEqual({
      issuer: server.origin,
      authorizationUrl: `${server.origin}/authorize`,
      tokenUrl: `${server.origin}/token`,
      resource: `${service.origin}/mcp`,
      scopes: [],
      resourceMetadataUrl: `${service.origin}/b`,
    });
    delete ofService[`${RESOURCE}/mcp`];
    service.hits.length = 0;
    expect((await find())?.issuer).toBe(server.origin);
    expect(service.hits.map(({ url }) => url)).toEqual([`${RESOURCE}/mcp`, RESOURCE]);
  });

  it('is at its own origin when it says nothing, or the one that is given, or there is none', async () => {
    ofService = { [SERVER]: { ...metadataOf(service.origin) } };
    expect(await find()).toMatchObject({ issuer: service.origin, resource: `${service.origin}/mcp` });
    expect(await find({ ownerHints: { issuer: server.origin } })).toMatchObject({ issuer: server.origin });
    ofService = {};
    expect(await find()).toBeUndefined();
    expect(await find({ assumesServer: true })).toMatchObject({
      tokenUrl: `${service.origin}/token`,
      registrationUrl: `${service.origin}/register`,
    });
  });

  it('is the known one where several are named, and keeps what else the server can do', async () => {
    const otherIssuer = `${server.origin}/other`;
    ofService = {
      [RESOURCE]: resourceOf({ authorization_servers: [server.origin, otherIssuer], scopes_supported: ['a', 'b c'] }),
    };
    const can = {
      registration_endpoint: `${server.origin}/register`,
      client_id_metadata_document_supported: true,
      scopes_supported: ['a', 'offline_access'],
    };
    ofServer[`${SERVER}/other`] = metadataOf(otherIssuer, can);
    expect((await find())?.issuer).toBe(server.origin);
    expect(await find({ knownIssuer: otherIssuer })).toMatchObject({
      issuer: otherIssuer,
      registrationUrl: `${server.origin}/register`,
      takesClientDocuments: true,
      offersOfflineAccess: true,
      scopes: ['a'],
    });
    expect((await find({ challenge: challengeOf('Bearer scope="x y"') }))?.scopes).toEqual(['x', 'y']);
  });

  it('with a path has its metadata asked for in the order of the standard', async () => {
    ofService = { [RESOURCE]: resourceOf({ authorization_servers: [`${server.origin}/t`] }) };
    await expect(find()).rejects.toEqual(refused('oauth_failed'));
    const oidc = '/.well-known/openid-configuration';
    expect(server.hits.map(({ url }) => url)).toEqual([`${SERVER}/t`, `${oidc}/t`, `/t${oidc}`]);
  });

  it.each([
    ['', ''],
    ['', '/'],
    ['/', ''],
    ['/', '/'],
  ])('may name a root issuer with "%s" and call itself by "%s"', async (namedSuffix, reportedSuffix) => {
    ofService = { [RESOURCE]: resourceOf({ authorization_servers: [server.origin + namedSuffix] }) };
    ofServer = { [SERVER]: metadataOf(server.origin + reportedSuffix) };
    expect((await find())?.issuer).toBe(server.origin + reportedSuffix);
  });

  it.each([
    ['another host', 'https://notes.example.com/mcp'],
    ['another path', '/other'],
    ['a longer path', '/mcp/more'],
    ['a path with the same beginning', '/mc'],
    ['no URL', 'notes'],
  ])('is not believed from metadata for %s', async (_, resource) => {
    const full = resource.startsWith('/') ? service.origin + resource : resource;
    ofService = { [`${RESOURCE}/mcp`]: resourceOf({ resource: full }), [RESOURCE]: resourceOf() };
    await expect(find()).rejects.toEqual(refused('oauth_failed', 'for another service'));
    expect(server.hits).toEqual([]);
  });

  it('must do PKCE, and be the issuer that was named', async () => {
    ofService = { [RESOURCE]: resourceOf() };
    ofServer = { [SERVER]: metadataOf(server.origin, { code_challenge_methods_supported: undefined }) };
    await expect(find()).rejects.toEqual(refused('oauth_failed', 'PKCE'));
    ofServer = { [SERVER]: metadataOf(server.origin, { code_challenge_methods_supported: ['plain'] }) };
    await expect(find()).rejects.toEqual(refused('oauth_failed', 'PKCE'));
    ofServer = { [SERVER]: metadataOf('https://elsewhere.example.com') };
    await expect(find()).rejects.toEqual(refused('oauth_issuer_mismatch'));
  });

  it.each(['http://169.254.169.254', 'https://10.0.0.1', 'https://metadata.internal'])(
    'is never asked at %s',
    async (inside) => {
      ofService = { [RESOURCE]: resourceOf({ authorization_servers: [inside] }) };
      await expect(find()).rejects.toEqual(refused('url_not_allowed'));
      const challenge = challengeOf(`Bearer resource_metadata="${inside}/x"`);
      await expect(find({ challenge })).rejects.toEqual(refused('url_not_allowed'));
      ofService = { [RESOURCE]: resourceOf() };
      for (const key of ['authorization_endpoint', 'token_endpoint', 'registration_endpoint']) {
        ofServer = { [SERVER]: metadataOf(server.origin, { [key]: `${inside}/x` }) };
        await expect(find(), key).rejects.toEqual(refused('url_not_allowed'));
      }
    },
  );

  it('is not read from metadata of 10 MB, from a redirect, or from a page', async () => {
    const large = JSON.stringify({ ...resourceOf(), filler: 'x'.repeat(10 * 2 ** 20) });
    const json = { 'content-type': 'application/json' };
    for (const bad of [
      send(200, json, large),
      send(302, { location: `${server.origin}/resource` }, ''),
      send(200, { 'content-type': 'text/html' }, '<h1>Welcome</h1>'),
      send(200, json, '[1]'),
      send(200, json, '"x"'),
    ]) {
      ofService = { [`${RESOURCE}/mcp`]: bad, [RESOURCE]: bad };
      expect(await find()).toBeUndefined();
    }
    ofService = { [RESOURCE]: resourceOf() };
    for (const bad of [
      send(200, json, JSON.stringify({ ...metadataOf(), filler: large })),
      send(302, { location: '/y' }, ''),
    ]) {
      ofServer = { [SERVER]: bad };
      const error = await find().catch((caught: unknown) => caught);
      expect([error, isTemporaryError((error as Error).cause)]).toEqual([refused('oauth_failed'), false]);
    }
    expect(server.hits.some(({ url }) => url === '/resource' || url === '/y')).toBe(false);
  });

  it('that does not answer now is told from one that is none', async () => {
    ofService = { [RESOURCE]: resourceOf() };
    ofServer = { [SERVER]: send(503, {}, '') };
    const error = await find().catch((caught: unknown) => caught);
    expect([error, isTemporaryError(error)]).toEqual([refused('oauth_failed'), true]);
    ofService = { [`${RESOURCE}/mcp`]: send(500, {}, '') };
    expect(isTemporaryError(await find().catch((caught: unknown) => caught))).toBe(true);
  });
});

describe('a client', () => {
  const register = (
    answer: unknown,
    more: object = {},
    redirectUri = 'https://errand.example.com/v1/oauth/callback',
  ) => {
    ofServer = { '/register': answer };
    const urls = { authorizationUrl: `${server.origin}/authorize`, tokenUrl: `${server.origin}/token` };
    const registrationUrl = `${server.origin}/register`;
    return registerClient(
      { issuer: server.origin, ...urls, registrationUrl, ...more },
      { name: 'Errand', redirectUri },
      { egress },
    );
  };
  const sent = () => JSON.parse(server.hits.at(-1)?.body ?? '');

  it.each([1e300, 1e15, Number.MAX_SAFE_INTEGER])(
    'takes a secret that ends at %s for one that ends late',
    async (endsAt) => {
      const { expiresAt } = await register({ client_id: 'c1', client_secret: 's1', client_secret_expires_at: endsAt });
      expect(expiresAt?.getUTCFullYear()).toBe(9999);
    },
  );

  it('registers with the members of the standard alone, in a way that the server takes', async () => {
    const { client, expiresAt } = await register({ client_id: 'c1', client_secret: 's1' });
    // 200 for 201, and no client_secret_expires_at.
    expect([client.clientId, client.clientSecret?.reveal(), client.clientAuthentication, expiresAt]).toEqual([
      ...['c1', 's1', 'client_secret_basic', undefined],
    ]);
    expect(sent()).toEqual({
      client_name: 'Errand',
      redirect_uris: ['https://errand.example.com/v1/oauth/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
    });
    await register({ client_id: 'c2' }, { clientAuthentication: ['none'] }, 'http://127.0.0.1:4000/v1/oauth/callback');
    expect(sent()).toMatchObject({ token_endpoint_auth_method: 'none', application_type: 'native' });
  });

  it('is what the server makes of it', async () => {
    const registration = await register({
      client_id: 'c1',
      client_secret: 's1',
      client_secret_expires_at: 2_000_000_000,
      token_endpoint_auth_method: 'client_secret_post',
    });
    expect(registration).toMatchObject({
      client: { clientId: 'c1', clientAuthentication: 'client_secret_post' },
      expiresAt: new Date(2_000_000_000_000),
    });
    const open = await register({ client_id: 'c1', client_secret: null, token_endpoint_auth_method: 'none' });
    expect(open).toEqual({ client: { clientId: 'c1', clientAuthentication: 'none' } });
  });

  it('is refused without what it needs', async () => {
    await expect(register({ client_id: 'c1' })).rejects.toEqual(refused('oauth_failed', 'lacks its secret'));
    await expect(register({ client: 'c1' })).rejects.toEqual(refused('oauth_failed', 'names no client'));
    // Postgres stores no NUL, and RFC 6749 allows ASCII only.
    for (const id of ['c\u00001', 'ключ', ''])
      await expect(register({ client_id: id, client_secret: 's' })).rejects.toEqual(
        refused('oauth_failed', 'names no client'),
      );
    await expect(register({ client_id: 'x'.repeat(1001) })).rejects.toEqual(refused('oauth_failed', 'names no client'));
    const json = { 'content-type': 'application/json' };
    const fault = JSON.stringify({ error: 'invalid_redirect_uri', error_description: '<b>no</b>' });
    await expect(register(send(400, json, fault))).rejects.toEqual(
      refused('oauth_failed', 'with status 400, invalid_redirect_uri.'),
    );
    const down = await register(send(502, {}, '')).catch((caught: unknown) => caught);
    expect([down, isTemporaryError(down)]).toEqual([refused('oauth_failed'), true]);
  });
});
