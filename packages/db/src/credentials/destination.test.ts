import type { Json, Variable } from '@errand/contracts';
import { expect, test } from 'vitest';
import {
  grantDestination,
  isOfSameServer,
  secretDestination,
  type Target,
  tokenDestination,
  variablesDestination,
} from './destination.ts';

const oauthServer: Json = { issuer: 'https://id.example.com', tokenUrl: 'https://id.example.com/token' };
const target = (more: { [F in keyof Target]?: Target[F] } = {}): Target => ({
  customerIntegrationId: 'crm_1',
  baseUrl: 'https://crm.example.com',
  auth: { type: 'OAUTH2', clientId: 'c' },
  oauthServer,
  ...more,
});
const withAuth = (more: { [field: string]: Json }, others: { [F in keyof Target]?: Target[F] } = {}) =>
  target({ auth: { type: 'OAUTH2', clientId: 'c', ...more }, ...others });
const refreshAt = (refreshUrl: string) => ({ tokenRequest: { refreshUrl } });
const exchangeAt = (url: string, refresh?: string) => ({
  exchange: { url, ...(refresh && { refresh: { url: refresh } }) },
});

test.each([
  ['the refresh URL', refreshAt('https://id.example.com/a'), refreshAt('https://evil.example.com/a')],
  ['the exchange', exchangeAt('https://id.example.com/a'), exchangeAt('https://evil.example.com/a')],
  [
    'the renewal of an exchanged token',
    exchangeAt('https://id.example.com/a', 'https://id.example.com/b'),
    exchangeAt('https://id.example.com/a', 'https://evil.example.com/b'),
  ],
  ['a refresh URL that is added', {}, refreshAt('https://evil.example.com/a')],
])('a consent and a client secret are bound to %s', (_case, before, after) => {
  expect(grantDestination(withAuth(after))).not.toBe(grantDestination(withAuth(before)));
  expect(secretDestination(withAuth(after))).not.toBe(secretDestination(withAuth(before)));
  // The tokens of an erased user are still revoked at the same server.
  expect(isOfSameServer(grantDestination(withAuth(before)), withAuth(after))).toBe(true);
});

test('a consent is bound to the values of variables in these URLs', () => {
  const at = (value: string) => {
    const variables = { region: { value } };
    return grantDestination(withAuth(refreshAt('https://{region}.example.com/refresh'), { variables }));
  };
  expect(at('eu')).toBe(at('eu'));
  expect(at('eu')).not.toBe(at('us'));
});

test('a consent is bound to the URLs of look-ups', () => {
  const at = (host: string) => {
    const request = { method: 'GET', url: `https://${host}/me` } as const;
    return target({ variables: { site: { from: 'lookup', request } } });
  };
  expect(grantDestination(at('id.example.com'))).not.toBe(grantDestination(at('evil.example.com')));
  expect(isOfSameServer(grantDestination(at('id.example.com')), at('evil.example.com'))).toBe(true);
});

test('without these URLs a consent and a client secret stay valid', () => {
  expect(grantDestination(target())).toBe(
    '["https://crm.example.com","https://id.example.com","https://id.example.com/token",null,"c"]',
  );
  expect(secretDestination(target())).toBe('["https://id.example.com","https://id.example.com/token",null,"c"]');
});

const shop = (rules: Partial<Variable>, more: { [F in keyof Target]?: Target[F] } = {}) =>
  target({
    baseUrl: '{shop}/api',
    auth: { type: 'API_TOKEN' },
    variables: { shop: { from: 'user', ...rules } },
    ...more,
  });

test('secrets of the owner are bound to the rules by which users choose the site; tokens of users are not', () => {
  const ours = shop({ pattern: '^https://[a-z]+\\.example\\.com$' });
  for (const theirs of [shop({ pattern: '^https://[a-z]+\\.evil\\.com$' }), shop({ enum: ['https://evil.com'] })]) {
    expect(variablesDestination(theirs)).not.toBe(variablesDestination(ours));
    expect(secretDestination(theirs)).not.toBe(secretDestination(ours));
    const of = { userVariables: { shop: 'https://a.example.com' } };
    expect(tokenDestination({ ...theirs, ...of })).toBe(tokenDestination({ ...ours, ...of }));
  }
  expect(variablesDestination(shop({ pattern: 'x' }, { baseUrl: 'https://a.example.com' }))).toBe(
    'https://a.example.com',
  );
});

test('a client secret is bound to the rules by which users choose the authorization server', () => {
  const at = (pattern: string) =>
    secretDestination(
      target({ oauthServer: { tokenUrl: '{shop}/token' }, variables: { shop: { from: 'user', pattern } } }),
    );
  expect(at('^https://[a-z]+\\.example\\.com$')).not.toBe(at('^https://[a-z]+\\.evil\\.com$'));
});

test('slashes within the address of a user cost time that grows with their number', () => {
  const baseUrl = `https://{shop}.example.com/${'/'.repeat(100_000)}a`;
  const before = process.cpuUsage();
  const destination = tokenDestination({ baseUrl: `${baseUrl}//`, variables: { shop: { from: 'user' } as Variable } });
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
  expect(destination).toBe(baseUrl);
});
