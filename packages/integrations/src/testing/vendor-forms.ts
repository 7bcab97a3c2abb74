// The forms in which authorization servers of vendors ask for requests and answer them.
import type { OAuthKnobs } from '@errand/contracts';
import type { OAuthClient } from '../oauth/server.ts';

export type TokenCall = { form: URLSearchParams; json?: Record<string, unknown>; basic?: string; headers: Headers };
export type VendorAnswer = { status?: number; type?: string; body: unknown; headers?: Record<string, string> };

export type VendorForm = {
  vendor: string;
  /** The integration's settings for the vendor. */
  knobs?: OAuthKnobs;
  clientAuthentication?: OAuthClient['clientAuthentication'];
  clientSecret?: string;
  scopes?: string[];
  parameters?: Record<string, string>;
  /** More parameters of the callback than code and state; an empty text removes one. */
  callback?: Record<string, string>;
  /** The parameters that the authorization page must receive, and the forbidden ones. */
  page?: Record<string, string | undefined>;
  answer: VendorAnswer | ((call: TokenCall) => VendorAnswer);
};

const granted = (members: Record<string, unknown> = {}): VendorAnswer => ({
  body: { access_token: 'token-1', token_type: 'bearer', expires_in: 7200, refresh_token: 'refresh-1', ...members },
});
const denied = (error: string, status = 400): VendorAnswer => ({ status, body: { error } });

type Tokens = { token: string; refresh?: string; scope?: string; seconds?: number };
export type CodeForm = VendorForm & { gives: Tokens | { word: string } };
export type RefreshForm = VendorForm & {
  gives: { kind: 'tokens'; refresh: string } | { kind: 'reconnect'; reason: string } | { kind: 'later' };
};

const ALL: Tokens = { token: 'token-1', refresh: 'refresh-1', scope: 'read', seconds: 7200 };
const PLAIN: Tokens = { token: 'token-1', scope: 'read' };

/** Answers to a code. */
export const codeForms: readonly CodeForm[] = [
  { vendor: 'as the standard says', answer: granted(), gives: ALL },
  { vendor: 'HubSpot: a list of scopes beside', answer: granted({ scopes: ['a'], hub_id: 1 }), gives: ALL },
  {
    vendor: 'Slack for a bot: another token type, scopes by commas, no PKCE',
    knobs: { pkce: 'off', scopeSeparator: ',' },
    scopes: ['chat:write', 'channels:read'],
    page: { scope: 'chat:write,channels:read', code_challenge: undefined },
    answer: ({ form }) =>
      form.has('code_verifier')
        ? { body: { ok: false, error: 'bad_code_verifier' } }
        : { body: { ok: true, access_token: 'token-1', token_type: 'bot', scope: 'chat:write,channels:read' } },
    gives: { token: 'token-1', scope: 'chat:write channels:read' },
  },
  {
    vendor: 'Slack for a user: the token in a member',
    knobs: { pkce: 'off', tokenAnswer: { path: 'authed_user' } },
    scopes: [],
    parameters: { user_scope: 'search:read' },
    page: { user_scope: 'search:read', scope: undefined },
    answer: {
      body: { ok: true, authed_user: { access_token: 'token-1', token_type: 'user', scope: 'search:read' } },
    },
    gives: { token: 'token-1', scope: 'search:read' },
  },
  {
    vendor: 'Slack refuses with status 200',
    answer: { body: { ok: false, error: 'invalid_code' } },
    gives: { word: 'invalid_code' },
  },
  {
    vendor: 'Notion: JSON alone, with a header',
    knobs: { tokenRequest: { body: 'json', headers: { 'Notion-Version': '2022-06-28' } } },
    clientAuthentication: 'client_secret_basic',
    answer: ({ json, headers }) =>
      json?.code === 'code-1' && headers.get('notion-version') === '2022-06-28'
        ? granted({ refresh_token: null, expires_in: undefined })
        : denied('invalid_request'),
    gives: PLAIN,
  },
  { vendor: 'null as refresh token', answer: granted({ refresh_token: null, expires_in: null }), gives: PLAIN },
  {
    vendor: 'GitHub: scopes by commas, no expiry',
    scopes: ['repo', 'gist'],
    answer: granted({ scope: 'repo,gist', expires_in: undefined, refresh_token: undefined }),
    gives: { token: 'token-1', scope: 'repo gist' },
  },
  {
    vendor: 'GitHub refuses with status 200',
    answer: { body: { error: 'bad_verification_code', error_description: 'words' } },
    gives: { word: 'bad_verification_code' },
  },
  {
    vendor: 'Linear: a list of scopes',
    knobs: { scopeSeparator: ',' },
    scopes: ['read', 'write'],
    page: { scope: 'read,write' },
    answer: granted({ scope: ['read', 'write'] }),
    gives: { ...ALL, scope: 'read write' },
  },
  {
    vendor: 'Salesforce: no lifetime, so that of the settings',
    knobs: { tokenAnswer: { lifetimeSeconds: 900 } },
    answer: granted({ expires_in: undefined, instance_url: 'https://acme.my.example.com', token_type: 'Bearer' }),
    gives: { ...ALL, seconds: 900 },
  },
  {
    vendor: 'Shopify: no token type, another parameter, more in the callback',
    knobs: { tokenRequest: { parameters: { expiring: '1' } }, scopeSeparator: ',' },
    callback: { hmac: 'x', shop: 'acme.example.com', timestamp: '1' },
    answer: ({ form }) =>
      form.get('expiring') === '1' ? granted({ token_type: undefined, scope: 'a,b' }) : denied('invalid_request'),
    gives: { ...ALL, scope: 'a b' },
  },
  { vendor: 'Stripe Connect: more members', answer: granted({ livemode: false, stripe_user_id: 'x' }), gives: ALL },
  {
    vendor: 'Intercom: the token twice',
    answer: { body: { token: 'token-1', access_token: 'token-1', token_type: 'Bearer' } },
    gives: PLAIN,
  },
  { vendor: 'a lifetime as text', answer: granted({ expires_in: '7200' }), gives: ALL },
  { vendor: 'an empty refresh token', answer: granted({ refresh_token: '' }), gives: { ...PLAIN, seconds: 7200 } },
  { vendor: 'LinkedIn: an odd token type', answer: granted({ token_type: 'user' }), gives: ALL },
  { vendor: 'Sentry: status 201', answer: { status: 201, ...granted() }, gives: ALL },
  {
    vendor: 'Stack Exchange: a form as the answer',
    answer: { type: 'application/x-www-form-urlencoded', body: 'access_token=token-1&expires_in=7200' },
    gives: { ...PLAIN, seconds: 7200 },
  },
  { vendor: 'JSON as plain text', answer: { ...granted(), type: 'text/plain' }, gives: ALL },
  { vendor: 'JSON as JavaScript', answer: { ...granted(), type: 'text/javascript' }, gives: ALL },
  {
    vendor: 'TikTok: other names, JSON, the tokens in a member',
    knobs: {
      rename: { client_id: 'app_id', client_secret: 'secret', code: 'auth_code' },
      tokenRequest: { body: 'json' },
      tokenAnswer: { path: 'data' },
    },
    callback: { code: '', auth_code: 'code-1' },
    page: { app_id: 'client-1', client_id: undefined },
    answer: ({ json }) =>
      json?.app_id === 'client-1' && json.secret === 'secret-1' && json.auth_code === 'code-1'
        ? { body: { code: 0, message: 'OK', data: { access_token: 'token-1', expires_in: 7200 } } }
        : { body: { code: 40002, message: 'parameters' } },
    gives: { ...PLAIN, seconds: 7200 },
  },
  {
    vendor: 'names in camel case',
    answer: { body: { accessToken: 'token-1', expiresIn: 7200, refreshToken: 'refresh-1', tokenType: 'Bearer' } },
    gives: ALL,
  },
  {
    vendor: 'HTTP Basic that is not decoded',
    clientAuthentication: 'client_secret_basic_unencoded',
    clientSecret: 'a~b+c/d=',
    answer: ({ basic }) => (basic === 'client-1:a~b+c/d=' ? granted() : denied('invalid_client', 401)),
    gives: ALL,
  },
  {
    vendor: 'Amazon: the code has another name in the callback',
    knobs: { rename: { code: 'spapi_oauth_code' } },
    callback: { code: '', spapi_oauth_code: 'code-1' },
    answer: ({ form }) => (form.get('spapi_oauth_code') === 'code-1' ? granted() : denied('invalid_request')),
    gives: ALL,
  },
  {
    vendor: 'parameters of the owner never replace those of the protocol',
    parameters: { response_type: 'token', code_challenge_method: 'plain', scope: 'admin', user_scope: 'z' },
    page: { response_type: 'code', code_challenge_method: 'S256', scope: 'read', user_scope: 'z' },
    answer: granted(),
    gives: ALL,
  },
];

/** Answers to a refresh token. */
export const refreshForms: readonly RefreshForm[] = [
  {
    vendor: 'as the standard says',
    answer: granted({ refresh_token: 'refresh-2' }),
    gives: { kind: 'tokens', refresh: 'refresh-2' },
  },
  {
    vendor: 'Google: no new refresh token',
    answer: granted({ refresh_token: undefined }),
    gives: { kind: 'tokens', refresh: 'refresh-old' },
  },
  {
    vendor: 'GitHub refuses with status 200',
    answer: { body: { error: 'bad_refresh_token' } },
    gives: { kind: 'reconnect', reason: 'bad_refresh_token' },
  },
  {
    vendor: 'Slack has too many requests, with status 200',
    answer: { body: { ok: false, error: 'ratelimited' }, headers: { 'retry-after': '30' } },
    gives: { kind: 'later' },
  },
  {
    vendor: 'Slack for a bot',
    knobs: { tokenRequest: { refreshUrl: '/refresh' } },
    answer: { body: { ok: true, access_token: 'token-2', token_type: 'bot', refresh_token: 'refresh-2' } },
    gives: { kind: 'tokens', refresh: 'refresh-2' },
  },
  { vendor: 'status 201', answer: { status: 201, ...granted() }, gives: { kind: 'tokens', refresh: 'refresh-1' } },
];
