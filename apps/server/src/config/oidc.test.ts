import { expect, test } from 'vitest';
import { toConfig } from './config.ts';
import type { Env } from './settings.ts';

const OIDC: Env = { ERRAND_OIDC_ISSUER: 'https://id.example.com/', ERRAND_OIDC_CLIENT_ID: 'errand' };
const WORKSPACE = '0192F0C1-7a50-7d33-8e21-6b2f4c9a1e04';

test('without settings nobody signs in with an issuer; with an issuer and a client, the rest has defaults', () => {
  expect(toConfig({}).oidc).toBeUndefined();
  expect(toConfig(OIDC).oidc).toEqual({
    issuer: 'https://id.example.com/',
    clientId: 'errand',
    clientSecret: undefined,
    groupsClaim: 'groups',
    groups: [],
    domains: [],
  });
});

test('groups give roles in workspaces, and domains are lower case', () => {
  const { oidc } = toConfig({
    ...OIDC,
    ERRAND_OIDC_CLIENT_SECRET: 'hidden',
    ERRAND_OIDC_GROUPS_CLAIM: 'roles',
    ERRAND_OIDC_DOMAINS: 'Example.com, sub.example.org',
    ERRAND_OIDC_GROUPS: `{"staff": {"workspace": "default", "role": "decider"}, "ops": {"workspace": "${WORKSPACE}", "role": "admin"}}`,
  });
  expect(oidc).toMatchObject({
    groupsClaim: 'roles',
    domains: ['example.com', 'sub.example.org'],
    groups: [
      { group: 'staff', workspace: 'default', role: 'decider' },
      { group: 'ops', workspace: WORKSPACE.toLowerCase(), role: 'admin' },
    ],
  });
  expect(oidc?.clientSecret?.reveal()).toBe('hidden');
  expect(JSON.stringify(oidc)).not.toContain('hidden');
});

test('an issuer over plain http must be an origin that may be called', () => {
  const env = { ...OIDC, ERRAND_OIDC_ISSUER: 'http://127.0.0.1:9/realms/a' };
  expect(() => toConfig(env)).toThrow(/^ERRAND_OIDC_ISSUER .*http:\/\/127\.0\.0\.1:9 .*ERRAND_EGRESS_ALLOW/);
  expect(toConfig({ ...env, ERRAND_EGRESS_ALLOW: 'http://127.0.0.1:9' }).oidc?.issuer).toBe(env.ERRAND_OIDC_ISSUER);
});

test.each<[string, Env]>([
  ['ERRAND_OIDC_ISSUER', { ERRAND_OIDC_CLIENT_ID: 'errand' }],
  ['ERRAND_OIDC_ISSUER', { ERRAND_OIDC_GROUPS: '{}' }],
  ['ERRAND_OIDC_ISSUER', { ...OIDC, ERRAND_OIDC_ISSUER: 'id.example.com' }],
  ['ERRAND_OIDC_ISSUER', { ...OIDC, ERRAND_OIDC_ISSUER: 'https://user@id.example.com' }],
  ['ERRAND_OIDC_ISSUER', { ...OIDC, ERRAND_OIDC_ISSUER: 'https://id.example.com/?a=b' }],
  ['ERRAND_OIDC_CLIENT_ID', { ERRAND_OIDC_ISSUER: 'https://id.example.com' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: 'staff' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: '[]' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: '{"a": {"workspace": "default", "role": "owner"}}' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: '{"a": {"workspace": "Acme", "role": "viewer"}}' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: '{"a": {"workspace": "default"}}' }],
  ['ERRAND_OIDC_GROUPS', { ...OIDC, ERRAND_OIDC_GROUPS: '{"": {"workspace": "default", "role": "viewer"}}' }],
  ['ERRAND_OIDC_GROUPS_CLAIM', { ...OIDC, ERRAND_OIDC_GROUPS_CLAIM: 'g'.repeat(201) }],
  ['ERRAND_OIDC_DOMAINS', { ...OIDC, ERRAND_OIDC_DOMAINS: '@example.com' }],
  ['ERRAND_OIDC_DOMAINS', { ...OIDC, ERRAND_OIDC_DOMAINS: 'example.com *.example.org' }],
])('an unusable %s is told by its name', (name, env) => {
  expect(() => toConfig(env)).toThrow(new RegExp(`^${name} `));
});
