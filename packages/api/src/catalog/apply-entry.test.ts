import { CatalogEntry, CreateIntegrationInput } from '@errand/contracts';
import { describe, expect, it } from 'vitest';
import { applyEntry, withoutEntry } from './apply-entry.ts';

const entry = CatalogEntry.parse({
  id: 'desk',
  version: '2026-11-29',
  name: 'Desk',
  category: 'support',
  description: 'Tickets.',
  sources: [
    { kind: 'openapi', url: 'https://desk.example.com/a.json', pick: { operations: ['tickets/list', 'GET /me'] } },
    { kind: 'openapi', url: 'https://desk.example.com/b.json', pick: { operations: ['users.search'] } },
    { kind: 'mcp', url: 'https://mcp.desk.example.com/mcp', registration: 'dynamic' },
  ],
  variables: {
    site: { pattern: '^[a-z]+$', from: 'user' },
    account: { example: 'a1' },
    region: { enum: ['', 'eu.'], default: '' },
  },
  baseUrl: 'https://{site}.desk.example.com',
  headers: { 'Desk-Version': '2', Accept: 'application/json' },
  arguments: { '*': { token: null }, 'tickets/list': { region: '{region}' } },
  auth: [
    {
      type: 'OAUTH2',
      title: 'Bot',
      scopes: { read: ['r'], write: ['w'], admin: ['a'] },
      authorizationUrl: 'https://{site}.desk.example.com/authorize',
      tokenUrl: 'https://{site}.desk.example.com/token',
      pkce: 'off',
    },
    { type: 'OAUTH2', title: 'User', tokenUrl: 'https://desk.example.com/token' },
    {
      type: 'CLIENT_CREDENTIALS',
      title: 'Account',
      tokenUrl: 'https://desk.example.com/token',
      tokenRequest: { parameters: { account: '{account}' } },
    },
    { type: 'BASIC', userTitle: 'E-mail', passwordTitle: 'Token', baseUrl: 'https://api.desk.example.com' },
    { type: 'API_TOKEN', in: 'header', name: 'X-Token', prefix: '', pattern: '^t' },
  ],
  tools: { names: { 'GET /me': 'whoami' }, effects: { 'users.search': 'read' }, instructions: 'Search first.' },
  rules: { test: { operation: 'GET /me' }, pages: { '*': { next: 'next' }, 'tickets/list': { next: 'after' } } },
  source: {},
  checked: '2026-11-29',
});

const input = (fields: object) => CreateIntegrationInput.parse({ catalog: 'desk', ...fields });
const apply = (fields: object) => applyEntry(entry, input(fields));

it('an entry fills each field, with operations by the names of tools', () => {
  expect(apply({ auth: { clientId: 'c' } })).toMatchObject({
    name: 'Desk',
    kind: 'openapi',
    documents: [
      { url: 'https://desk.example.com/a.json', pick: { operations: ['tickets/list', 'GET /me'] } },
      { url: 'https://desk.example.com/b.json', pick: { operations: ['users.search'] } },
    ],
    baseUrl: 'https://{site}.desk.example.com',
    headers: { 'Desk-Version': '2', Accept: 'application/json' },
    arguments: { '*': { token: null }, tickets_list: { region: '{region}' } },
    defaultEffects: { users_search: 'read' },
    rules: { test: { operation: 'whoami' }, pages: { '*': { next: 'next' }, tickets_list: { next: 'after' } } },
    instructions: 'Search first.',
    enable: 'all',
    variables: { site: { from: 'user' }, region: { default: '' } },
  });
});

it('the values of the owner have priority', () => {
  const applied = apply({
    name: 'Ours',
    auth: { type: 'OAUTH2', clientId: 'c', scopes: ['x'], tokenUrl: 'https://proxy.example.com/token' },
    variables: { site: 'acme' },
    headers: { 'Desk-Version': '3' },
    arguments: { tickets_list: { region: 'us' } },
    enable: ['whoami'],
    pick: { tags: ['tickets'] },
    approvalFloor: 'ON_WRITE',
  });
  expect(applied).toMatchObject({
    name: 'Ours',
    auth: { scopes: ['x'], tokenUrl: 'https://proxy.example.com/token', pkce: 'off' },
    variables: { site: { pattern: '^[a-z]+$', value: 'acme' } },
    headers: { 'Desk-Version': '3', Accept: 'application/json' },
    arguments: { '*': { token: null }, tickets_list: { region: 'us' } },
    enable: ['whoami'],
    approvalFloor: 'ON_WRITE',
  });
  expect(applied.variables?.site).not.toHaveProperty('from');
  expect(applied.documents?.every(({ pick }) => pick?.tags?.[0] === 'tickets')).toBe(true);
  expect(applied).not.toHaveProperty('pick');
});

it('an own document replaces the documents of the entry', () => {
  const applied = apply({ auth: { token: 't' }, url: 'https://own.example.com/api.json' });
  expect(applied).toMatchObject({ url: 'https://own.example.com/api.json', enable: 'reads' });
  expect(applied.documents).toBeUndefined();
});

describe('credentials without a type', () => {
  it.each([
    [
      { clientId: 'c', clientSecret: 's' },
      { type: 'OAUTH2', scopes: ['r', 'w'], pkce: 'off', clientSecret: 's' },
    ],
    [
      { way: 'User', clientId: 'c' },
      { type: 'OAUTH2', scopes: [], clientId: 'c' },
    ],
    [
      { way: 'Account', clientId: 'c', clientSecret: 's' },
      { type: 'CLIENT_CREDENTIALS', scopes: [] },
    ],
    [
      { user: 'u', password: 'p' },
      { type: 'BASIC', userTitle: 'E-mail', user: 'u', password: 'p' },
    ],
    [{ token: 't' }, { type: 'API_TOKEN', name: 'X-Token', prefix: '', token: 't' }],
    [undefined, { type: 'BASIC' }],
  ])('%j take the first way with these fields', (credentials, expected) => {
    const { auth } = apply({ auth: credentials });
    expect(auth).toMatchObject(expected);
    for (const field of ['title', 'way', 'pattern', 'baseUrl']) expect(auth).not.toHaveProperty(field);
  });

  it('of no way are refused with the ways', () => {
    expect(() => apply({ auth: { token: 't', user: 'u' } })).toThrow(
      'Desk takes clientId and clientSecret (Bot), or clientId and clientSecret (User)',
    );
  });

  it('choose the base URL and the variables of their way', () => {
    const basic = apply({ auth: { user: 'u', password: 'p' } });
    expect(basic.baseUrl).toBe('https://api.desk.example.com');
    expect(Object.keys(basic.variables ?? {})).toEqual(['region']);
    const account = apply({ auth: { way: 'Account', clientId: 'c', clientSecret: 's' } });
    expect(Object.keys(account.variables ?? {})).toEqual(['site', 'account', 'region']);
  });
});

it('the MCP server of an entry has no facts of its HTTP API', () => {
  const applied = apply({ kind: 'mcp' });
  expect(applied).toMatchObject({
    url: 'https://mcp.desk.example.com/mcp',
    auth: { type: 'OAUTH2' },
    enable: 'reads',
  });
  for (const field of ['headers', 'arguments', 'rules', 'documents', 'baseUrl'])
    expect(applied).not.toHaveProperty(field);
  expect(applied.auth).not.toHaveProperty('scopes');
});

it('a protocol without a source is refused', () => {
  const alone = { ...entry, sources: entry.sources.filter(({ kind }) => kind === 'openapi') };
  expect(() => applyEntry(alone, input({ kind: 'mcp' }))).toThrow('The catalogue has no MCP server of Desk.');
});

it.each([
  [{ name: 'A', enable: 'recommended' }, 'recommended needs catalog'],
  [{ name: 'A', auth: { token: 't' } }, 'Required without catalog.'],
  [{ enable: 'all' }, 'Required without catalog.'],
])('%j needs an entry', (fields, message) => {
  expect(() => withoutEntry(CreateIntegrationInput.parse(fields))).toThrow(message);
});
