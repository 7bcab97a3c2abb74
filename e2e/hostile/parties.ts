// The parties of the outside world: tools, MCP servers, authorization servers, sign-in, webhook receivers.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { Browser } from '../fixtures/browser.ts';
import { APP } from '../fixtures/default-service.ts';
import type { Api } from '../fixtures/transports.ts';
import { OidcBrowser } from '../people/oidc-browser.ts';
import { json, type Outside, type Party, type Route } from './outside.ts';
import type { World } from './world.ts';

/** Bytes of an answer of a tool, and of an authorization server. */
const ANSWER_BYTES = 256_000;

/** A run of one call, whose answer is its result and an argument of another call. @returns how it ended */
async function runOf(api: Api, tool: string, next?: string): Promise<string> {
  const plan = aPlan(tool, {
    steps: [{ id: 'only', tool }, ...(next ? [{ id: 'next', tool: next, args: { query: { q: { $: '$string(steps.only.output)' } } } }] : [])],
    result: { $: 'steps.only.output' },
  });
  const run = await api.runs.create({ ...aRun({ plan }), prefer: 'wait=10' } as ReturnType<typeof aRun>);
  const { status, error } = run as { status: string; error?: { code: string } };
  if (['SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'].includes(status)) return error ? `${status} ${error.code}` : status;
  await api.runs.cancel({ runId: run.runId });
  return `${status}, canceled`;
}

const documentOf = (origin: string, more: object = {}) => ({
  openapi: '3.1.0',
  info: { title: 'Outside', version: '1' },
  servers: [{ url: origin }],
  paths: {
    '/read': { get: { operationId: 'read', summary: 'Read things', responses: { 200: { description: 'Done' } } } },
    '/next': {
      get: { operationId: 'next', parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }], responses: { 200: { description: 'Done' } } },
    },
  },
  ...more,
});

/** Tools of an OpenAPI document, one with rules for its answers. */
export async function toolParties({ api }: World, outside: Outside): Promise<Party[]> {
  const things = { ok: true, error: 'none', items: [{ id: 1, name: 'a thing', at: '2026-01-31T09:30:00.000Z' }], next: '/read?page=2' };
  outside.route = ({ url }) => ({ name: url.pathname.slice(1), answer: json(things) });
  const register = async (name: string, more: object = {}) => {
    const document = documentOf(outside.origin);
    return (await api.integrations.create({ name, kind: 'openapi', document, auth: { type: 'NONE' }, ...more })).customerIntegrationId;
  };
  const id = await register('Tools');
  const rules = {
    answers: { okPath: 'ok', errorPath: 'error', authErrors: ['invalid_auth'], limitErrors: ['ratelimited'] },
    limits: { statuses: [401], words: ['limit'], remaining: 'x-anything', reset: 'retry-after' },
    pages: { '*': { items: 'items', linkIn: 'next' } },
  };
  const ruled = await register('Ruled tools', { rules });
  const party = { name: 'read', seed: things, size: ANSWER_BYTES };
  return [
    { ...party, field: 'tool', drive: () => runOf(api, `${id}.read`, `${id}.next`), statuses: [200, 400, 404] },
    { ...party, field: 'tool with rules', drive: () => runOf(api, `${ruled}.read`), statuses: [200, 401] },
  ];
}

const MCP_TOOL = {
  name: 'look',
  title: 'Look at things',
  description: 'Looks at things.',
  inputSchema: { type: 'object', properties: { of: { type: 'string', description: 'Of which', enum: ['a', 'b'], pattern: '^a', default: 'a' } } },
  outputSchema: { type: 'object', properties: { word: { type: 'string' } } },
  annotations: { title: 'Look', readOnlyHint: true },
  icons: [{ src: 'https://a.example/icon.png' }],
  _meta: { a: 'b' },
};
const CONTENT = [
  { type: 'text', text: 'seen', annotations: { audience: ['user'] } },
  { type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' },
  { type: 'resource_link', uri: 'https://a.example/a', name: 'a', title: 'A', mimeType: 'text/plain' },
  { type: 'resource', resource: { uri: 'file:///a', text: 'a text', mimeType: 'text/plain' } },
  { type: 'resource', resource: { uri: 'file:///b', blob: 'aGVsbG8=' } },
];
const FORM = { type: 'object', properties: { seats: { type: 'integer', title: 'Seats', description: 'How many' }, at: { type: 'string', enum: ['a', 'b'] } }, required: ['seats'] };
/** Results of an MCP server, by the method that they answer. */
const MCP_RESULTS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'outside', title: 'Outside', version: '1', icons: [{ src: 'https://a.example/icon.png' }], websiteUrl: 'https://a.example' },
    instructions: 'Look first.',
  },
  'tools/list': { tools: [MCP_TOOL], nextCursor: '' },
  'tools/call': { content: CONTENT },
};

export async function mcpParties({ api }: World, outside: Outside): Promise<Party[]> {
  outside.route = ({ body, method }) => {
    const { id, method: rpc = '' } = body === '' ? ({} as { id?: number; method?: string }) : JSON.parse(body);
    if (method !== 'POST' || rpc.startsWith('notifications/')) return { name: '', answer: { status: method === 'POST' ? 202 : 405 } };
    const result = MCP_RESULTS[rpc];
    return { name: rpc, answer: json({ jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'Unknown' } }) }) };
  };
  const idOf = (body: string) => JSON.stringify((JSON.parse(body) as { id?: unknown }).id ?? null);
  const framed = (member: string) => (text: string, { body }: { body: string }) => json(`{"jsonrpc":"2.0","id":${idOf(body)},"${member}":${text}}`);
  const streamed = (text: string, { body }: { body: string }) => ({
    headers: { 'content-type': 'text/event-stream' },
    body: `: comment\nid: 1\nevent: message\ndata: {"jsonrpc":"2.0","id":${idOf(body)},"result":${text}}\n\n`,
  });
  let count = 0;
  const register = async () => (await api.integrations.create({ name: 'MCP', kind: 'mcp', url: `${outside.origin}/mcp?n=${++count}`, trustHints: true, enable: 'all' })).customerIntegrationId;
  const kept = await register();
  const list = async () => {
    const id = await register();
    const { tools } = await api.integrations.tools({ customerIntegrationId: id });
    await api.tools.search({ q: 'look at things', customerIntegrationIds: [id] });
    const ended = tools[0] ? await runOf(api, tools[0].name) : 'no tool';
    await api.integrations.delete({ customerIntegrationId: id });
    return `${ended}, ${tools.length} tools`;
  };
  const call = () => runOf(api, `${kept}.look`);
  const party = { size: ANSWER_BYTES, wrap: framed('result'), statuses: [200, 401] };
  const asking = { resultType: 'input_required', requestState: 'a state', inputRequests: { seats: { method: 'elicitation/create', params: { mode: 'form', message: 'How many?', requestedSchema: FORM } } } };
  return [
    { ...party, field: 'MCP initialize', name: 'initialize', seed: MCP_RESULTS.initialize, drive: list, statuses: [] },
    { ...party, field: 'MCP tools/list', name: 'tools/list', seed: MCP_RESULTS['tools/list'], drive: list },
    { ...party, field: 'MCP tools/call', name: 'tools/call', seed: { content: CONTENT }, drive: call },
    { ...party, field: 'MCP structured content', name: 'tools/call', seed: { content: [], structuredContent: { word: 'seen' } }, drive: call, wrap: streamed, statuses: [] },
    { ...party, field: 'MCP failure', name: 'tools/call', seed: { content: [CONTENT[0]], isError: true }, drive: call, statuses: [] },
    { ...party, field: 'MCP error', name: 'tools/call', seed: { code: -32000, message: 'No', data: { a: 'b' } }, drive: call, wrap: framed('error'), statuses: [] },
    { ...party, field: 'MCP question', name: 'tools/call', seed: asking, drive: call, statuses: [] },
  ];
}

/** Metadata, tokens and errors of an authorization server, for consents of users and for client credentials. */
export async function authorizationParties({ api }: World, outside: Outside): Promise<Party[]> {
  const { origin } = outside;
  const metadata = {
    ...{ issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, revocation_endpoint: `${origin}/revoke` },
    ...{ registration_endpoint: `${origin}/register`, code_challenge_methods_supported: ['S256'], scopes_supported: ['a', 'offline_access'] },
    ...{ token_endpoint_auth_methods_supported: ['client_secret_basic'], response_types_supported: ['code'] },
  };
  const tokens = { access_token: 'a-token', token_type: 'Bearer', expires_in: 3600, refresh_token: 'r-token', scope: 'a b', id_token: 'a.b.c', more: { a: 'b' } };
  const registration = { client_id: 'errand', client_secret: 's3cr3t', client_secret_expires_at: 0, token_endpoint_auth_method: 'client_secret_basic' };
  const protectedResource = { resource: `${origin}/mcp`, authorization_servers: [origin], scopes_supported: ['a'], resource_name: 'Outside' };
  const answers: Record<string, { name: string; answer: ReturnType<typeof json> }> = {
    '/.well-known/oauth-authorization-server': { name: 'metadata', answer: json(metadata) },
    '/.well-known/oauth-protected-resource/mcp': { name: 'protected', answer: json(protectedResource) },
    '/token': { name: 'token', answer: json(tokens) },
    '/register': { name: 'register', answer: json(registration, 201) },
    '/mcp': { name: 'mcp', answer: { ...json({}, 401), headers: { 'www-authenticate': `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"` } } },
    '/read': { name: 'read', answer: json({ ok: true }) },
  };
  outside.route = ({ url }) => answers[url.pathname];
  const consentAt = async (customerIntegrationId: string) => {
    const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId, userId: 'user-123', redirectUri: `${APP}/done` });
    const browser = new Browser();
    const page = await browser.open(authorizeUrl);
    const { url, status } = await browser.submit(page, { decision: 'allow' }, { until: `${origin}/authorize` });
    const state = url.searchParams.get('state');
    const callback = url.searchParams.get('redirect_uri');
    if (state === null || callback === null) return `${status} before the consent`;
    const { url: end, status: last } = await browser.open(`${callback}?${new URLSearchParams({ code: 'c', state })}`, { until: APP });
    return end.searchParams.get('status') ?? String(last);
  };
  const registered = async (input: object, then: (id: string) => Promise<string>) => {
    const create = api.integrations.create as (input: object) => Promise<{ customerIntegrationId: string }>;
    const { customerIntegrationId } = await create({ name: 'Authorized', ...input });
    try {
      return await then(customerIntegrationId);
    } finally {
      await api.integrations.delete({ customerIntegrationId });
    }
  };
  const openapi = (auth: object) => ({ kind: 'openapi', document: documentOf(origin, { security: [{}] }), auth });
  const client = { clientId: 'errand', clientSecret: 's3cr3t' };
  const asUser = () => registered(openapi({ type: 'OAUTH2', issuer: origin, ...client }), consentAt);
  const asClient = () => registered(openapi({ type: 'CLIENT_CREDENTIALS', tokenUrl: `${origin}/token`, ...client }), (id) => runOf(api, `${id}.read`));
  const atMcp = () => registered({ kind: 'mcp', url: `${origin}/mcp`, auth: { type: 'OAUTH2' } }, consentAt);
  const refusal = { error: 'invalid_grant', error_description: 'Not any more.', error_uri: 'https://a.example' };
  const party = { size: ANSWER_BYTES, statuses: [] };
  return [
    { ...party, field: 'authorization server', name: 'metadata', seed: metadata, drive: asUser, statuses: [200] },
    { ...party, field: 'tokens of a user', name: 'token', seed: tokens, drive: asUser, statuses: [200, 400] },
    { ...party, field: 'refused tokens', name: 'token', seed: refusal, drive: asUser, wrap: (text) => json(text, 400) },
    { ...party, field: 'tokens of a client', name: 'token', seed: tokens, drive: asClient },
    { ...party, field: 'registration', name: 'register', seed: registration, drive: atMcp, statuses: [201] },
    { ...party, field: 'protected resource', name: 'protected', seed: protectedResource, drive: atMcp },
    { ...party, field: 'challenge', name: 'mcp', seed: {}, drive: atMcp, statuses: [401] },
  ];
}

const GROUPS = { staff: { workspace: 'default', role: 'viewer' } };
const base64url = (value: string | Buffer) => Buffer.from(value).toString('base64url');

/** An issuer that signs people in, for the settings of the service. */
export function issuerOf(outside: Outside) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { origin } = outside;
  const key = { ...publicKey.export({ format: 'jwk' }), kid: createHash('sha256').update('key').digest('hex'), alg: 'RS256', use: 'sig' };
  const header = JSON.stringify({ alg: 'RS256', kid: key.kid, typ: 'JWT' });
  let nonce = '';
  const now = Math.floor(Date.now() / 1000);
  const claims = () => ({ iss: origin, aud: 'errand', sub: 'ann', iat: now, exp: now + 3600, nonce, name: 'Ann', email: 'ann@a.example', groups: ['staff'] });
  const signed = (head: string, payload: string) => {
    const text = `${base64url(head)}.${base64url(payload)}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const tokens = (idToken = signed(header, JSON.stringify(claims()))) => ({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: idToken });
  const metadata = {
    ...{ issuer: origin, authorization_endpoint: `${origin}/authorize`, token_endpoint: `${origin}/token`, jwks_uri: `${origin}/keys` },
    ...{ response_types_supported: ['code'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'] },
  };
  const route: Route = ({ url }) =>
    url.pathname === '/token'
      ? { name: 'token', answer: json(tokens()) }
      : { name: url.pathname, answer: json(url.pathname === '/keys' ? { keys: [key] } : metadata) };
  const settings = { ERRAND_OIDC_ISSUER: origin, ERRAND_OIDC_CLIENT_ID: 'errand', ERRAND_OIDC_CLIENT_SECRET: 's3cr3t', ERRAND_OIDC_GROUPS: JSON.stringify(GROUPS) };
  const parties = ({ office }: World): Party[] => {
    const drive = async () => {
      const browser = new OidcBrowser(office.stack.url);
      const { searchParams } = new URL(await browser.begin());
      nonce = searchParams.get('nonce') ?? '';
      const { status, fragment } = await browser.visit(`/console/sign-in/oidc/callback?${new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' })}`);
      return fragment === '' ? String(status) : String((await browser.redeem(fragment)).status);
    };
    const party = { name: 'token', size: ANSWER_BYTES / 2, drive, statuses: [] };
    return [
      { ...party, field: 'tokens of a sign-in', seed: tokens(), statuses: [200, 400] },
      { ...party, field: 'claims of a sign-in', seed: claims(), wrap: (text) => json(tokens(signed(header, text.replace('"nonce":""', `"nonce":"${nonce}"`)))) },
      { ...party, field: 'header of an ID token', seed: JSON.parse(header), wrap: (text) => json(tokens(signed(text, JSON.stringify(claims())))) },
    ];
  };
  return { route, settings, parties };
}

export async function webhookParties({ api }: World, outside: Outside): Promise<Party[]> {
  outside.route = () => ({ name: 'hook', answer: json({ ok: true }) });
  const drive = async () => {
    const { webhookId } = await api.webhooks.create({ url: `${outside.origin}/hook`, events: ['webhook.disabled'] });
    const { deliveryId } = await api.webhooks.test({ webhookId });
    for (let n = 0; n < 200; n++) {
      const { attempts, state } = (await api.webhooks.delivery({ webhookId, deliveryId })) as { attempts: unknown; state: string };
      const tries = Array.isArray(attempts) ? attempts.length : Number(attempts);
      if (tries > 0 || state !== 'pending') {
        await api.webhooks.delete({ webhookId });
        return state;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return 'not delivered';
  };
  return [{ field: 'webhook receiver', name: 'hook', seed: { ok: true }, size: ANSWER_BYTES, drive, statuses: [200, 410, 500] }];
}

const PLAN = { goal: 'Look', steps: [{ id: 'seen', tool: 'TOOL', args: {}, reason: 'To see' }], result: 'steps.seen.output' };

/** A model that plans: its chunks, its plan, its errors. */
export function modelOf(outside: Outside) {
  const chunk = (content: string) => ({
    ...{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm' },
    choices: [{ index: 0, delta: { role: 'assistant', content, reasoning_content: 'I look.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
  const stream = (text: string) => ({ headers: { 'content-type': 'text/event-stream' }, body: `data: ${text}\n\ndata: [DONE]\n\n` });
  let plan = '{}';
  const route: Route = () => ({ name: 'model', answer: stream(JSON.stringify(chunk(plan))) });
  const settings = { ERRAND_MODEL_PROVIDER: 'openai-compatible', ERRAND_MODEL: 'm', ERRAND_MODEL_BASE_URL: `${outside.origin}/v1` };
  const parties = ({ api, office }: World): Party[] => {
    const planValue = JSON.parse(JSON.stringify(PLAN).replace('TOOL', `${office.id}.look`)) as object;
    plan = JSON.stringify(planValue);
    const drive = async () => {
      const run = await api.runs.create({ ...aRun({ intent: 'Look at things' }), prefer: 'wait=20' } as ReturnType<typeof aRun>);
      const { status, error } = run as { status: string; error?: { code: string } };
      if (status === 'RUNNING' || status === 'QUEUED') await api.runs.cancel({ runId: run.runId });
      return error ? `${status} ${error.code}` : status;
    };
    const call = { index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '{"a":1}' } };
    const called = { ...chunk('x'), choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: 'tool_calls' }] };
    const party = { name: 'model', size: 1_000_000, drive, wrap: stream, statuses: [] };
    return [
      { ...party, field: 'chunk of a model', seed: chunk(plan), statuses: [200, 400] },
      { ...party, field: 'plan of a model', seed: planValue, wrap: (text) => stream(JSON.stringify(chunk(text))), size: 200_000 },
      { ...party, field: 'tool call of a model', seed: called },
      { ...party, field: 'error of a model', seed: { error: { message: 'No', type: 'invalid', code: 'bad', param: 'p' } }, wrap: (text) => json(text, 400) },
    ];
  };
  return { route, settings, parties };
}
