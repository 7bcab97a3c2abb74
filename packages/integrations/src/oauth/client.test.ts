import { randomUUID } from 'node:crypto';
import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { refreshTokens, revokeTokens } from './grant.ts';
import type { RefreshResult } from './token/refresh-result.ts';

/** The id and secret in the header, as a server decodes them. */
const readings = {
  decodes: (text: string) => new URLSearchParams(`=${text}`).get(''),
  'does not decode': (text: string) => text,
} as const;
type Reading = keyof typeof readings;

let client = { clientId: '', clientSecret: '' };
let egress: Egress;
const servers = {} as Record<Reading, StubService>;

beforeAll(async () => {
  for (const reading of Object.keys(readings) as Reading[]) {
    servers[reading] = await startStubService((request, response) => {
      const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
      const [id, secret, ...rest] = Buffer.from(basic, 'base64').toString().split(':').map(readings[reading]);
      const isKnown = id === client.clientId && secret === client.clientSecret && rest.length === 0;
      response
        .writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' })
        .end(JSON.stringify(isKnown ? { access_token: 'at-1', token_type: 'bearer' } : { error: 'invalid_client' }));
    });
  }
  egress = createEgress({ allowOrigins: Object.values(servers).map(({ origin }) => origin) });
});
afterAll(async () => {
  await egress.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

const grantAt = (reading: Reading) => {
  const { origin } = servers[reading];
  return {
    server: { authorizationUrl: `${origin}/authorize`, tokenUrl: `${origin}/token`, revocationUrl: `${origin}/revoke` },
    client: { clientId: client.clientId, clientSecret: new Secret(client.clientSecret) },
    refreshToken: new Secret('rt-1'),
  };
};
const outcome = async (reading: Reading): Promise<RefreshResult['kind']> =>
  (await refreshTokens(grantAt(reading), { egress })).kind;

describe('an id and a secret in the header', () => {
  const plain: [string, string][] = [
    [randomUUID(), randomUUID()],
    ['errand-client_1.example', 'a-b_c.d*e'],
  ];
  it.each(plain)('reach a server that does not decode: %s, %s', async (clientId, clientSecret) => {
    client = { clientId, clientSecret };
    for (const reading of Object.keys(readings) as Reading[]) expect(await outcome(reading), reading).toBe('tokens');
    expect(await revokeTokens(grantAt('does not decode'), { egress })).toEqual({ kind: 'revoked' });
  });

  it.each([
    ...plain,
    ['errand client', 'with space'],
    ['a+b', '100%'],
    ['urn:errand:1', 'user:p%3Ass'],
    ['Müller', 'schlüssel ✓'],
    ["~!'()", '~!\'()&=;,/?@"\\'],
  ])('are read by a server that decodes as they are: %s, %s', async (clientId, clientSecret) => {
    client = { clientId, clientSecret };
    expect(await outcome('decodes')).toBe('tokens');
    expect(await revokeTokens(grantAt('decodes'), { egress })).toEqual({ kind: 'revoked' });
  });
});
