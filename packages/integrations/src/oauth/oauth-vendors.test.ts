import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import {
  type CodeForm,
  codeForms,
  type RefreshForm,
  refreshForms,
  type TokenCall,
  type VendorForm,
} from '../testing/vendor-forms.ts';
import { startAuthorization } from './authorize.ts';
import { refreshTokens } from './grant.ts';
import { redeemCode } from './redeem.ts';
import type { OAuthClient } from './server.ts';

let stub: StubService;
let egress: Egress;
let form: VendorForm;
let passed = 0;

beforeAll(async () => {
  stub = await startStubService((request, response, body) => {
    const headers = new Headers(request.headers as Record<string, string>);
    const isJson = headers.get('content-type')?.startsWith('application/json');
    const [, basic] = /^Basic (.+)$/.exec(headers.get('authorization') ?? '') ?? [];
    const call: TokenCall = {
      form: new URLSearchParams(isJson ? '' : body),
      ...(isJson && { json: JSON.parse(body) }),
      ...(basic !== undefined && { basic: Buffer.from(basic, 'base64').toString() }),
      headers,
    };
    const answer = typeof form.answer === 'function' ? form.answer(call) : form.answer;
    response.writeHead(answer.status ?? 200, { 'content-type': answer.type ?? 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
});
afterAll(async () => {
  console.log(`${passed} of ${codeForms.length + refreshForms.length}`);
  await egress.close();
  await stub.close();
});

const serverOf = () => ({ authorizationUrl: `${stub.origin}/authorize`, tokenUrl: `${stub.origin}/token` });
const clientOf = ({ clientAuthentication = 'client_secret_post', clientSecret = 'secret-1' }: VendorForm) =>
  ({ clientId: 'client-1', clientSecret: new Secret(clientSecret), clientAuthentication }) satisfies OAuthClient;

async function redeemed(vendor: CodeForm) {
  form = vendor;
  const { knobs = {}, scopes = ['read'], parameters } = vendor;
  const parties = { server: serverOf(), client: clientOf(vendor), knobs };
  const request = { ...parties, redirectUri: 'https://errand.example.com/v1/oauth/callback', scopes, parameters };
  const { url, state, pending } = await startAuthorization(request);
  const sent = Object.fromEntries(url.searchParams);
  const callback = new URLSearchParams({ code: 'code-1', state: state.reveal(), ...vendor.callback });
  for (const [name, value] of Object.entries(vendor.callback ?? {})) if (value === '') callback.delete(name);
  const outcome = await redeemCode({ ...parties, callback, pending }, { egress }).catch((error) => error);
  return { sent, outcome };
}

describe('a code is redeemed', () => {
  it.each(codeForms.map((vendor) => [vendor.vendor, vendor] as const))('%s', async (_name, vendor) => {
    const { sent, outcome } = await redeemed(vendor);
    for (const [name, value] of Object.entries(vendor.page ?? {})) expect(sent[name]).toBe(value);
    const { gives } = vendor;
    if ('word' in gives) {
      expect(outcome).toMatchObject({ code: 'oauth_failed', detail: expect.stringContaining(`: ${gives.word}.`) });
    } else {
      const { expiresAt } = outcome;
      expect({
        token: outcome.accessToken?.reveal(),
        refresh: outcome.refreshToken?.reveal(),
        scope: outcome.scope,
        seconds: expiresAt && Math.round((expiresAt.getTime() - Date.now()) / 100_000) * 100,
      }).toEqual({ refresh: undefined, seconds: undefined, ...gives });
    }
    passed++;
  });
});

describe('a token is refreshed', () => {
  it.each(refreshForms.map((vendor) => [vendor.vendor, vendor] as const))('%s', async (_name, vendor: RefreshForm) => {
    form = vendor;
    const { refreshUrl } = vendor.knobs?.tokenRequest ?? {};
    const knobs = refreshUrl === undefined ? {} : { tokenRequest: { refreshUrl: stub.origin + refreshUrl } };
    const grant = { server: serverOf(), client: clientOf(vendor), refreshToken: new Secret('refresh-old'), knobs };
    const result = await refreshTokens(grant, { egress });
    expect({
      kind: result.kind,
      ...(result.kind === 'tokens' && { refresh: result.tokens.refreshToken?.reveal() }),
      ...(result.kind === 'reconnect' && { reason: result.reason }),
    }).toEqual(vendor.gives);
    if (result.kind === 'later') expect(result.retryAfterMs).toBe(30_000);
    expect(stub.hits.at(-1)?.url).toBe(refreshUrl ?? '/token');
    passed++;
  });
});
