// Tools, MCP servers, authorization servers, and receivers of webhooks.
import { Browser } from '../fixtures/browser.ts';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { APP } from '../fixtures/default-service.ts';
import type { Api } from '../fixtures/transports.ts';
import { type Answer, json, type Outside, type Party } from './outside.ts';
import { seedsIn } from './seeds.ts';
import type { World } from './world.ts';

/** Bytes of an answer. */
export const ANSWER_BYTES = 256_000;

/** Creates a run, and cancels it if it has not ended soon. @returns how it ended */
export async function runOf(api: Api, more: Parameters<typeof aRun>[0]): Promise<string> {
  const run = await api.runs.create({ ...aRun(more), prefer: 'wait=2' } as ReturnType<typeof aRun>);
  const { status, error } = run as { status: string; error?: { code: string } };
  if (/SUCCESS|FAILED|CANCELED/.test(status)) return error ? `${status} ${error.code}` : status;
  await api.runs.cancel({ runId: run.runId });
  return `${status}, canceled`;
}

/** A call, whose answer is the result and an argument of another call. */
function callOf(api: Api, tool: string, next?: string): Promise<string> {
  const after = { id: 'next', tool: next ?? '', args: { query: { q: { $: '$string(steps.only.output)' } } } };
  const steps = [{ id: 'only', tool }, ...(next === undefined ? [] : [after])];
  return runOf(api, { plan: aPlan(tool, { steps, result: { $: 'steps.only.output' } }) });
}

/** Registers an integration for as long as a function needs it. */
async function registered<T>(api: Api, input: object, use: (id: string) => Promise<T>): Promise<T> {
  const create = api.integrations.create as (input: object) => Promise<{ customerIntegrationId: string }>;
  const { customerIntegrationId } = await create({ name: 'Outside', ...input });
  try {
    return await use(customerIntegrationId);
  } finally {
    await api.integrations.delete({ customerIntegrationId });
  }
}

/** Tools of an OpenAPI document, one with rules for its answers. */
export async function toolParties({ api }: World, outside: Outside): Promise<Party[]> {
  const { things, document, rules } = seedsIn('answers', { ORIGIN: outside.origin });
  outside.route = ({ url }) => ({ name: url.pathname.slice(1), answer: json(things) });
  const register = async (name: string, more: object = {}) => {
    const input = {
      name,
      kind: 'openapi',
      document: JSON.stringify(document),
      auth: { type: 'NONE' },
      ...more,
    } as const;
    return (await api.integrations.create(input)).customerIntegrationId;
  };
  const [id, ruled] = [await register('Tools'), await register('Ruled tools', { rules })];
  const party = { name: 'read', seed: things, size: ANSWER_BYTES, isThorough: true };
  return [
    { ...party, field: 'tool', drive: () => callOf(api, `${id}.read`, `${id}.next`), statuses: [200, 401, 404] },
    { ...party, field: 'tool with rules', drive: () => callOf(api, `${ruled}.read`), statuses: [200, 401] },
  ];
}

export async function mcpParties({ api }: World, outside: Outside): Promise<Party[]> {
  const seeds = seedsIn('answers', { ORIGIN: outside.origin });
  const results: Record<string, unknown> = {
    initialize: seeds.initialize,
    'tools/list': seeds.tools,
    'tools/call': seeds.content,
  };
  const idOf = (body: string) => JSON.stringify((JSON.parse(body) as { id?: unknown }).id ?? null);
  const framed = (member: string) => (text: string, request: string) =>
    json(`{"jsonrpc":"2.0","id":${idOf(request)},"${member}":${text}}`);
  const asStream = (text: string, request: string): Answer => ({
    headers: { 'content-type': 'text/event-stream' },
    body: `: comment\nid: 1\nevent: message\ndata: ${String(framed('result')(text, request).body)}\n\n`,
  });
  outside.route = ({ body, method }) => {
    if (method !== 'POST') return { name: '', answer: { status: 405 } };
    const { method: rpc } = JSON.parse(body) as { method: string };
    if (rpc.startsWith('notifications/')) return { name: '', answer: { status: 202 } };
    const isKnown = rpc in results;
    const text = JSON.stringify(results[rpc] ?? { code: -32601, message: 'Unknown' });
    return { name: rpc, answer: framed(isKnown ? 'result' : 'error')(text, body) };
  };
  let count = 0;
  const serverOf = () =>
    ({ kind: 'mcp', url: `${outside.origin}/mcp?n=${++count}`, trustHints: true, enable: 'all' }) as const;
  const { customerIntegrationId: kept } = await api.integrations.create({ name: 'MCP', ...serverOf() });
  const list = () =>
    registered(api, serverOf(), async (customerIntegrationId) => {
      const { tools } = await api.integrations.tools({ customerIntegrationId });
      await api.tools.search({ q: 'look at things', customerIntegrationIds: [customerIntegrationId] });
      return tools[0] ? callOf(api, tools[0].name) : 'no tool';
    });
  const party = {
    name: 'tools/call',
    size: ANSWER_BYTES,
    wrap: framed('result'),
    drive: () => callOf(api, `${kept}.look`),
  };
  return [
    { ...party, field: 'MCP initialize', name: 'initialize', seed: seeds.initialize, drive: list },
    { ...party, field: 'MCP tools/list', name: 'tools/list', seed: seeds.tools, drive: list, statuses: [200] },
    { ...party, field: 'MCP tools/call', seed: seeds.content, statuses: [200, 401], isThorough: true },
    { ...party, field: 'MCP structured content', seed: seeds.structured, wrap: asStream },
    { ...party, field: 'MCP failure', seed: seeds.failure },
    { ...party, field: 'MCP error', seed: seeds.rpcError, wrap: framed('error') },
    { ...party, field: 'MCP question', seed: seeds.question },
  ];
}

/** Metadata, tokens and errors of an authorization server, for consents of users and for client credentials. */
export async function authorizationParties({ api }: World, outside: Outside): Promise<Party[]> {
  const { origin } = outside;
  const seeds = seedsIn('answers', { ORIGIN: origin });
  const challenge = `Bearer resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`;
  const answers: Record<string, { name: string; answer: Answer }> = {
    '/.well-known/oauth-authorization-server': { name: 'metadata', answer: json(seeds.metadata) },
    '/.well-known/oauth-protected-resource/mcp': { name: 'protected', answer: json(seeds.protected) },
    '/token': { name: 'token', answer: json(seeds.tokens) },
    '/register': { name: 'register', answer: json(seeds.registration, 201) },
    '/mcp': { name: 'mcp', answer: { ...json({}, 401), headers: { 'www-authenticate': challenge } } },
    '/read': { name: 'read', answer: json(seeds.things) },
  };
  outside.route = ({ url }) => answers[url.pathname];
  const consentAt = async (customerIntegrationId: string) => {
    const link = { customerIntegrationId, userId: 'user-123', redirectUri: `${APP}/done` };
    const browser = new Browser();
    const page = await browser.open((await api.integrations.authUrl(link)).authorizeUrl);
    const { url, status } = await browser.submit(page, { decision: 'allow' }, { until: `${origin}/authorize` });
    const [state, callback] = [url.searchParams.get('state'), url.searchParams.get('redirect_uri')];
    if (state === null || callback === null) return `${status} before the consent`;
    const end = await browser.open(`${callback}?${new URLSearchParams({ code: 'c', state })}`, { until: APP });
    return end.url.searchParams.get('status') ?? String(end.status);
  };
  const client = { clientId: 'errand', clientSecret: 's3cr3t' };
  const openapi = (auth: object) => ({
    kind: 'openapi',
    document: JSON.stringify({ ...seeds.document, security: [{}] }),
    auth,
  });
  const asUser = () => registered(api, openapi({ type: 'OAUTH2', issuer: origin, ...client }), consentAt);
  const credentials = { type: 'CLIENT_CREDENTIALS', tokenUrl: `${origin}/token`, ...client };
  const asClient = () => registered(api, openapi(credentials), (id) => callOf(api, `${id}.read`));
  const atMcp = () => registered(api, { kind: 'mcp', url: `${origin}/mcp`, auth: { type: 'OAUTH2' } }, consentAt);
  const party = { size: ANSWER_BYTES, drive: asUser };
  return [
    { ...party, field: 'authorization server', name: 'metadata', seed: seeds.metadata, statuses: [200] },
    { ...party, field: 'tokens of a user', name: 'token', seed: seeds.tokens, statuses: [200, 400] },
    { ...party, field: 'refused tokens', name: 'token', seed: seeds.refusal, wrap: (text) => json(text, 400) },
    { ...party, field: 'tokens of a client', name: 'token', seed: seeds.tokens, drive: asClient },
    { ...party, field: 'registration', name: 'register', seed: seeds.registration, drive: atMcp },
    { ...party, field: 'protected resource', name: 'protected', seed: seeds.protected, drive: atMcp },
    { ...party, field: 'challenge', name: 'mcp', seed: {}, drive: atMcp, statuses: [401], isThorough: true },
  ];
}

export async function webhookParties({ api }: World, outside: Outside): Promise<Party[]> {
  outside.route = () => ({ name: 'hook', answer: json({ ok: true }) });
  const drive = async () => {
    const { webhookId } = await api.webhooks.create({ url: `${outside.origin}/hook`, events: ['webhook.disabled'] });
    const { deliveryId } = await api.webhooks.test({ webhookId });
    for (let n = 0; n < 400; n++) {
      const delivery = (await api.webhooks.delivery({ webhookId, deliveryId })) as unknown as Record<string, unknown>;
      if (delivery.state !== 'pending' || Number(delivery.attempts) > 0) {
        await api.webhooks.delete({ webhookId });
        return String(delivery.state);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return 'not delivered';
  };
  const party = { field: 'webhook receiver', name: 'hook', seed: { ok: true }, size: ANSWER_BYTES, drive };
  return [{ ...party, statuses: [200, 410, 500] }];
}
