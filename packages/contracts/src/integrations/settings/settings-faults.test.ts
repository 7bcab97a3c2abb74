import { describe, expect, test } from 'vitest';
import type { Definitions } from '../variables/variable-values.ts';
import { faultsOfSettings, faultsOfUserValues, type IntegrationSettings, isFixedSite } from './settings-faults.ts';

const faults = (settings: Partial<IntegrationSettings>) =>
  faultsOfSettings({
    kind: 'openapi',
    auth: { type: 'NONE' },
    variables: {},
    requests: {},
    secrets: {},
    hasOwnerSecret: false,
    ...settings,
  });
const pointers = (settings: Partial<IntegrationSettings>) => faults(settings).map(({ pointer }) => pointer);
const token = { auth: { type: 'API_TOKEN' }, hasOwnerSecret: true };
const ofUser = { from: 'user' } as const;

test('every variable in use must be declared, wherever it is', () => {
  const requests = {
    headers: { 'X-A': '{a}' },
    query: { b: '{b}' },
    arguments: { '*': { 'c/d': { deep: ['{c}'] } } },
  };
  const auth = {
    type: 'OAUTH2',
    tokenUrl: 'https://{d}.example.com/token',
    tokenRequest: { refreshUrl: 'https://{e}.example.com' },
  };
  expect(pointers({ baseUrl: 'https://{f}.example.com', auth, requests }).sort()).toEqual([
    '/arguments/*/c~1d',
    '/auth/tokenRequest/refreshUrl',
    '/auth/tokenUrl',
    '/baseUrl',
    '/headers/X-A',
    '/query/b',
  ]);
});

test('a base URL has no query, but the address of an MCP server may', () => {
  const baseUrl = 'https://api.example.com/mcp?team=1';
  expect([pointers({ baseUrl }), pointers({ baseUrl, kind: 'mcp' })]).toEqual([['/baseUrl'], []]);
});

test('a variable of the owner without a value names what to send', () => {
  expect(faults({ variables: { region: { title: 'Region', example: 'eu' } } })).toEqual([
    {
      pointer: '/variables/region',
      message: 'The variable region has no value. Region.',
      remedy: 'Send its value, such as variables: {"region": "eu"}; or from user, if it differs by user.',
    },
  ]);
  expect(faults({ variables: { region: { default: 'eu' }, shop: ofUser } })).toEqual([]);
});

describe('a secret of the owner', () => {
  test.each([
    ['https://{shop}.example.com', { shop: ofUser }, true],
    ['https://{shop}-api.eu.example.com:8443/x', { shop: ofUser }, true],
    ['https://{shop}.{region}.example.com', { shop: ofUser, region: { value: 'eu' } }, true],
    ['https://api.{region}intercom.io', { region: { ...ofUser, enum: ['', 'eu.'] } }, true],
    ['https://{shop}', { shop: ofUser }, false],
    ['https://{shop}.com', { shop: ofUser }, false],
    ['https://api.{shop}intercom.io', { shop: ofUser }, false],
    ['https://{shop}.5.6.7', { shop: ofUser }, false],
    ['http://127.0.0.1:{port}', { port: ofUser }, false],
    ['https://api.example.com/{shop}', { shop: ofUser }, true],
    ['{o}/x', { o: { ...ofUser, pattern: '^https://[a-z0-9-]+\\.my\\.example\\.com$' } }, true],
    ['{o}/x', { o: { ...ofUser, pattern: '^https://.*$' } }, false],
    ['{o}/x', { o: { ...ofUser, pattern: '^https://evil\\.com|.*\\.example\\.com$' } }, false],
    ['{o}/x', { o: { from: 'tokenAnswer', pattern: '.*' } }, false],
  ] as [string, Definitions, boolean][])('may go to %s with %j: %s', (baseUrl, variables, isAllowed) => {
    expect(isFixedSite(baseUrl, variables)).toBe(isAllowed);
    expect(pointers({ ...token, baseUrl, variables })).toEqual(isAllowed ? [] : ['/baseUrl']);
    // A token of the user may go where the user says.
    expect(pointers({ auth: { type: 'API_TOKEN' }, baseUrl, variables })).toEqual([]);
  });

  test('of a client stays at a fixed authorization server', () => {
    const auth = { type: 'OAUTH2', tokenUrl: 'https://{shop}/token' };
    expect(pointers({ auth, hasOwnerSecret: true, variables: { shop: ofUser } })).toEqual(['/auth/tokenUrl']);
  });

  test('in a variable counts as well', () => {
    const variables = { shop: ofUser, key: { secret: true } };
    const requests = { headers: { 'X-Key': '{key}' } };
    expect(pointers({ baseUrl: 'https://{shop}', variables, requests, secrets: { key: 's3cr3t' } })).toEqual([
      '/baseUrl',
    ]);
  });
});

test.each([
  ['host', { headers: { Host: 'x' } }],
  ['a header of the connection', { headers: { 'Proxy-Authorization': 'x' } }],
  ['the credential', { headers: { authorization: 'x' } }],
  ['the body', { headers: { 'Content-Type': 'x' } }],
  ['the method', { query: { _method: 'DELETE' } }],
])('a fixed value cannot replace %s', (_, requests) => {
  expect(pointers({ auth: { type: 'API_TOKEN', name: 'Authorization' }, requests })).toHaveLength(1);
});

test('an origin needs a pattern, and a secret is in no host and has no default', () => {
  expect(pointers({ baseUrl: '{o}/x', variables: { o: ofUser } })).toEqual(['/variables/o']);
  expect(
    pointers({ baseUrl: 'https://{k}.example.com', variables: { k: { secret: true } }, secrets: { k: 'a' } }),
  ).toEqual(['/variables/k']);
  expect(pointers({ variables: { k: { ...ofUser, secret: true, default: 'a' } } })).toEqual(['/variables/k/default']);
});

test('an MCP server takes neither fixed arguments nor an address that differs by user', () => {
  const requests = { arguments: { '*': { a: 1 } } };
  expect(pointers({ kind: 'mcp', baseUrl: 'https://{u}.example.com', variables: { u: ofUser }, requests })).toEqual([
    '/arguments',
    '/url',
  ]);
});

test('users give values of their own variables alone', () => {
  const settings = { baseUrl: 'https://{shop}.example.com', auth: { type: 'NONE' }, requests: {} };
  const variables = { shop: ofUser, region: { value: 'eu' } };
  expect(
    Object.keys(faultsOfUserValues({ ...settings, variables }, { shop: 'a.b', region: 'us', other: 'x' })),
  ).toEqual(['shop', 'region', 'other']);
  expect(faultsOfUserValues({ ...settings, variables }, { shop: 'acme' })).toEqual({});
});
