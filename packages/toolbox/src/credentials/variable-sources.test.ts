import { Secret, type Variable } from '@errand/contracts';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { describe, expect, it } from 'vitest';
import { oauthOf } from './oauth-settings.ts';
import { answerValues, callbackValues, refreshedValues, withValues } from './variable-sources.ts';

const target = (variables: Record<string, Variable>, more: Partial<ServiceTarget> = {}): ServiceTarget => ({
  customerIntegrationId: 'crm_1',
  name: 'CRM',
  baseUrl: 'https://api.example.com',
  auth: { type: 'OAUTH2', clientId: 'client-1' },
  oauthServer: { authorizationUrl: 'https://a.example.com/authorize', tokenUrl: 'https://a.example.com/token' },
  variables,
  ...more,
});
const instance: Variable = {
  from: 'tokenAnswer',
  path: 'instance_url',
  pattern: '^https://[a-z0-9-]+\\.my\\.example\\.com$',
};
const atInstance = { baseUrl: '{instance}/v1' };
const answered = (answer: object) => new Secret(JSON.stringify(answer));

describe('the answer of a token endpoint', () => {
  it('names values at paths of members and indexes', () => {
    const variables = { team: { from: 'tokenAnswer', path: 'teams.1.id' } } as const;
    expect(answerValues(target(variables), answered({ teams: [{ id: 1 }, { id: 2 }] }))).toEqual({ team: '2' });
  });

  it.each([
    ['https://acme.my.example.com', undefined],
    ['https://evil.example.org', 'may not be used'],
    ['https://evil.example.org/.my.example.com', 'may not be used'],
    ['https://a.my.example.com@evil.example.org', 'may not be used'],
    ['http://acme.my.example.com', 'may not be used'],
    [undefined, 'did not name'],
    [{ an: 'object' }, 'did not name'],
  ])('with the address %j: %j', (instanceUrl, fault) => {
    const read = () => answerValues(target({ instance }, atInstance), answered({ instance_url: instanceUrl }));
    if (fault === undefined) expect(read()).toEqual({ instance: instanceUrl });
    else
      expect(read).toThrow(expect.objectContaining({ code: 'oauth_failed', detail: expect.stringContaining(fault) }));
  });

  it('to a refresh changes only values that may be used', () => {
    const at = target({ instance }, atInstance);
    expect(refreshedValues(at, answered({ instance_url: 'https://b.my.example.com' }))).toEqual({
      instance: 'https://b.my.example.com',
    });
    expect(refreshedValues(at, answered({ instance_url: 'https://evil.example.org' }))).toEqual({});
    expect(refreshedValues(at, answered({}))).toEqual({});
  });
});

it.each(['evil.org/', 'evil.org#', 'a@evil', '', 'x'.repeat(64)])('refuses the label %j of a callback', (location) => {
  const region: Variable = { from: 'callback', path: 'location' };
  const at = target({ region }, { baseUrl: 'https://{region}.example.com' });
  expect(() => callbackValues(at, new URLSearchParams({ location }))).toThrow();
});

it('expands URLs and parameters with the values of the owner and of the user', () => {
  const variables = { tenant: { value: 'acme' }, shop: { from: 'user' } } as const;
  const at = target(variables, {
    auth: {
      type: 'OAUTH2',
      clientId: 'c',
      parameters: { shop: '{shop}', claims: '{"a":{b}}' },
      tokenRequest: { parameters: { account: '{tenant}' }, refreshUrl: 'https://{shop}.example.com/refresh' },
    },
    oauthServer: {
      authorizationUrl: 'https://{shop}.example.com/{tenant}/authorize',
      tokenUrl: 'https://{shop}.example.com/token',
    },
  });
  const { server, knobs, parameters } = oauthOf(withValues(at, { shop: 'my-shop' }), null);
  expect(server).toMatchObject({
    authorizationUrl: 'https://my-shop.example.com/acme/authorize',
    tokenUrl: 'https://my-shop.example.com/token',
  });
  expect(knobs.tokenRequest).toEqual({
    parameters: { account: 'acme' },
    refreshUrl: 'https://my-shop.example.com/refresh',
  });
  expect(parameters).toEqual({ shop: 'my-shop', claims: '{"a":{b}}' });
  expect(oauthOf(at, null).server.tokenUrl).toBe('https://{shop}.example.com/token');
});
