import { describe, expect, test } from 'vitest';
import { ConfigError, parseBoolean, parseHoursAsMs, parseProcesses, parseTokenIssuers } from './setting.ts';

test('hours may be fractions, and are more than none', () => {
  expect(['24', '0.5', '0.0001', undefined].map((value) => parseHoursAsMs('H', value))).toEqual([
    86_400_000,
    1_800_000,
    360,
    undefined,
  ]);
  for (const value of ['0', '-1', 'x', '1e3', '87601', '1.', ''])
    expect(() => parseHoursAsMs('H', value)).toThrow(ConfigError);
});

test('processes are a number, or half of the cores, one below four', () => {
  const processes = (value: string | undefined, cores?: number) => parseProcesses('ERRAND_PROCESSES', value, cores);
  expect([processes(undefined), processes('1'), processes('64')]).toEqual([1, 1, 64]);
  expect([1, 3, 4, 9, 500].map((cores) => processes('auto', cores))).toEqual([1, 1, 2, 4, 64]);
});

test('a flag is true or false, and false unless it is set', () => {
  expect([parseBoolean('F', 'true'), parseBoolean('F', 'false'), parseBoolean('F', undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  expect(() => parseBoolean('F', 'yes')).toThrow('F must be one of true, false, not "yes".');
});

describe('issuers of access tokens', () => {
  const read = (value: unknown, publicUrl: string | undefined = 'https://errand.example') =>
    parseTokenIssuers('T', typeof value === 'string' ? value : JSON.stringify(value), publicUrl);
  const issuer = 'https://id.example.com';

  test('have a workspace, or one by claim; and no more scopes and algorithms than are safe', () => {
    const safe = { scopes: ['runs:read', 'runs:write'], algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] };
    expect(read([{ issuer, workspace: 'default' }])).toEqual([{ issuer, workspace: 'default', ...safe }]);
    const byClaim = { issuer, claim: 'org', workspaces: { acme: '0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04' } };
    expect(read([byClaim])).toEqual([{ ...byClaim, ...safe }]);
    expect(parseTokenIssuers('T', undefined, undefined)).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['no JSON', '[{'],
    ['no list', { issuer, workspace: 'default' }],
    ['no workspace', [{ issuer }]],
    ['a claim without workspaces', [{ issuer, claim: 'org' }]],
    ['both', [{ issuer, workspace: 'default', claim: 'org', workspaces: {} }]],
    ['a workspace that is no id', [{ issuer, workspace: 'acme' }]],
    ['the scope admin', [{ issuer, workspace: 'default', scopes: ['admin'] }]],
    ['a shared secret', [{ issuer, workspace: 'default', algorithms: ['HS256'] }]],
    ['no signature', [{ issuer, workspace: 'default', algorithms: ['none'] }]],
    ['an issuer that is no URL', [{ issuer: 'id.example.com', workspace: 'default' }]],
    ['an issuer twice', [1, 2].map(() => ({ issuer, workspace: 'default' }))],
    ['what there is not', [{ issuer, workspace: 'default', audience: 'x' }]],
  ])('are refused with %s', (_, value) => {
    expect(() => read(value)).toThrow(/^T must be a JSON list/);
  });

  test('are refused without the address that tokens are for', () => {
    expect(() => parseTokenIssuers('T', JSON.stringify([{ issuer, workspace: 'default' }]), undefined)).toThrow(
      'PUBLIC_URL',
    );
  });
});
