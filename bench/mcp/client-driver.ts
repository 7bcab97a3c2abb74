// The program that the client half of the conformance suite runs. With the built integrations it lists the tools of the server at the last
// argument, and calls each. The grant is in memory; where Errand would wait for a user or an owner, both accept at once. A server that asks
// within its session is called by a service instead, which the file before the address names.
import { readFileSync } from 'node:fs';
import { type DescribedTool, type InputRequest, type InputResponses, type Json, Secret } from '@errand/contracts';
import {
  authorizationOf,
  type CallAuth,
  CallBudget,
  type Challenge,
  type CurrentGrant,
  callMcpTool,
  createEgress,
  type Egress,
  freshAccess,
  type GrantChange,
  listMcpTools,
  McpRefusal,
  type OAuthClient,
  redeemCode,
  registerClient,
  type ServiceAuthorization,
  scopesIn,
  scopesToRequest,
  startAuthorization,
} from '@errand/integrations';
import { callOverErrand, type Errand } from './over-errand.ts';

const url = new URL(process.argv.at(-1) ?? '');
/** The suite's description of a scenario. */
type Context = {
  client_id?: string;
  client_secret?: string;
  toolCalls?: { name: string; arguments?: Record<string, Json> }[];
};
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: contextJson = '{}' } = process.env;
const context = JSON.parse(contextJson) as Context;
const REDIRECT_URI = 'http://localhost:3000/callback';
/** The address of a client metadata document that the suite expects. */
const DOCUMENT_URL = 'https://conformance-test.local/client-metadata.json';
/** Additional consents after a refusal for missing scopes. */
const MAX_STEP_UPS = 1;
const MAX_ATTEMPTS = 4;
const LIMITS = { totalMs: 20_000 };
const MAX_BYTES = 4 * 1024 * 1024;

// The guard allows exact origins only, and the suite opens servers on ports of its own.
const guards = new Map<string, Egress>();
function guardOf(address: string | URL): Egress {
  const { origin, hostname } = new URL(address);
  const isLocal = hostname === 'localhost' || hostname === '127.0.0.1';
  const guard = guards.get(origin) ?? createEgress(isLocal ? { allowOrigins: [origin] } : {});
  guards.set(origin, guard);
  return guard;
}
const egress: Egress = {
  request: (request) => guardOf(request.url).request(request),
  fetchFor: (options) => (input, init) => guardOf(String(input)).fetchFor(options)(input, init),
  checkUrl: (text) => guardOf(text).checkUrl(text),
  allowedOrigins: async () => [],
  close: async () => {},
};

type RefreshGrant = CurrentGrant & { scopes: string[]; asked: string[] };
const clients = new Map<string, OAuthClient>();
let server: ServiceAuthorization | undefined;
let grant: RefreshGrant | undefined;
let stepUps = 0;

async function clientAt(at: ServiceAuthorization): Promise<OAuthClient> {
  const { client_id: clientId, client_secret: secret } = context;
  if (clientId !== undefined) return { clientId, ...(secret !== undefined && { clientSecret: new Secret(secret) }) };
  if (at.takesClientDocuments) return { clientId: DOCUMENT_URL, clientAuthentication: 'none' };
  const key = at.issuer ?? at.tokenUrl;
  const { registrationUrl } = at;
  const knownClient = clients.get(key);
  if (knownClient) return knownClient;
  if (registrationUrl === undefined) throw new Error('The authorization server registers no clients.');
  const registration = await registerClient(
    { ...at, registrationUrl },
    { name: 'Errand', redirectUri: REDIRECT_URI },
    { egress },
  );
  clients.set(key, registration.client);
  return registration.client;
}

/** A user consents at the authorization server that the service currently names. */
async function consent(challenge: Challenge): Promise<void> {
  const knownIssuer = server?.issuer;
  const authorizationServer = await authorizationOf(
    url,
    { challenge, assumesServer: true, ...(knownIssuer && { knownIssuer: knownIssuer }) },
    { egress },
  );
  if (!authorizationServer) throw new Error('There is no authorization server.');
  // A grant of another issuer is void; the owner confirms the change.
  if (authorizationServer.issuer !== knownIssuer) grant = undefined;
  server = authorizationServer;
  const client = await clientAt(authorizationServer);
  const scopes = scopesToRequest(
    [authorizationServer.scopes, grant?.scopes ?? [], grant?.asked ?? []],
    authorizationServer,
  );
  const { resource } = authorizationServer;
  const { url: to, pending } = await startAuthorization({
    server: authorizationServer,
    client,
    redirectUri: REDIRECT_URI,
    scopes,
    resource,
  });
  // The user's browser.
  const browse = guardOf(to).fetchFor({ tenant: 'browser', totalMs: 60_000, maxBytes: 1_000_000 });
  const answer = await browse(to, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`The authorization server answered with ${answer.status}.`);
  const callback = new URL(location, to).searchParams;
  const tokens = await redeemCode({ server: authorizationServer, client, callback, pending, resource }, { egress });
  const { accessToken, refreshToken, expiresAt, scope } = tokens;
  grant = {
    accessToken,
    ...(expiresAt && { expiresAt }),
    ...(refreshToken && { refreshGrant: { server: authorizationServer, client, refreshToken, resource } }),
    scopes: scopesIn(scope),
    asked: scopes,
  };
}

const grants = {
  read: async () => grant,
  exclusively: async (_: string, turn: (kept: CurrentGrant | undefined) => Promise<GrantChange>) => {
    const change = await turn(grant);
    if (!grant) return true;
    if (change.kind === 'tokens') {
      const { accessToken, refreshToken, expiresAt } = change.tokens;
      const renewed = grant.refreshGrant && refreshToken && { refreshGrant: { ...grant.refreshGrant, refreshToken } };
      grant = { ...grant, accessToken, ...(expiresAt && { expiresAt }), ...renewed };
    } else if (change.kind === 'reconnect') grant = { ...grant, reconnectReason: change.reason };
    return true;
  },
};

async function authNow(rejected?: Secret): Promise<CallAuth> {
  if (!grant) return { type: 'NONE' };
  const access = await freshAccess(grants, 'ada', { egress, ...(rejected && { rejectedToken: rejected }) });
  return access.kind === 'access' ? { type: 'OAUTH2', accessToken: access.accessToken } : { type: 'NONE' };
}

/** After a refusal: renews the token, or consents. @throws Error when neither would help */
async function mend(status: number | undefined, challenge: Challenge): Promise<void> {
  if (status === 403) {
    const requiredScopes = challenge.scopes ?? [];
    const covered = requiredScopes.every((scope) => grant?.asked.includes(scope));
    if (covered || stepUps++ >= MAX_STEP_UPS) throw new Error('The service requires scopes that are already granted.');
    return consent(challenge);
  }
  const rejected = grant?.accessToken;
  if (rejected && (await authNow(rejected)).type === 'OAUTH2') return;
  await consent(challenge);
}

async function listed(): Promise<DescribedTool[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = {
        url,
        egress,
        auth: await authNow(),
        tenant: 'suite',
        budget: new CallBudget(LIMITS),
        maxBytes: MAX_BYTES,
      };
      const { tools } = await listMcpTools(connection, { trustHints: true });
      const of = { customerIntegrationId: 'suite', integrationName: 'Suite' };
      return tools.map((tool) => ({ ...tool, ...of, name: `suite.${tool.operation}` }));
    } catch (error) {
      if (!(error instanceof McpRefusal) || attempt > MAX_ATTEMPTS) throw error;
      await mend(error.status, error.challenge);
    }
  }
}

async function call(tool: DescribedTool, args: Record<string, Json>): Promise<void> {
  let input: InputResponses | undefined;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const at = { baseUrl: url.href, credentialOrigin: url.origin, auth: await authNow(), egress, tenant: 'suite' };
    const outcome = await callMcpTool(tool, args, { ...at, ...(input && { input }) });
    if (outcome.ok) return;
    if (outcome.asks) {
      const { inputs, state } = outcome.asks;
      input = {
        answers: Object.fromEntries(inputs.map((question) => [question.name, accepted(question)])),
        ...(state && { state }),
      };
    } else if (outcome.status === 401 || outcome.code === 'scope_missing') {
      await mend(outcome.status, outcome.scopes ? { scopes: [...outcome.scopes] } : {});
    } else return console.error(tool.name, outcome.code, outcome.message);
  }
}

/** The user's input. */
const accepted = (question: InputRequest) => ({
  action: 'accept' as const,
  ...('requestedSchema' in question && { content: samplesOf(question.requestedSchema) as never }),
});

type Schema = { type?: string; default?: Json };
const sampleOf = ({ type, default: preset }: Schema, schema: Json): Json => {
  if (preset !== undefined) return preset;
  switch (type) {
    case 'number':
    case 'integer':
      return 3;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return schema;
    default:
      return 'x';
  }
};

function samplesOf(schema: unknown): Record<string, Json> {
  const { properties = {} } = schema as { properties?: Record<string, Schema> };
  return Object.fromEntries(Object.entries(properties).map(([key, of]) => [key, sampleOf(of, schema as Json)]));
}

if (scenario === 'elicitation-sep1034-client-defaults') {
  await callOverErrand(JSON.parse(readFileSync(process.argv.at(-2) ?? '', 'utf8')) as Errand, url);
  process.exit(0);
}
const tools = await listed();
const nameOf = ({ call }: DescribedTool) => (call as { name: string }).name;
const samples = tools.map((tool) => ({ name: nameOf(tool), arguments: samplesOf(tool.inputSchema) }));
for (const toolCall of context.toolCalls ?? samples) {
  const tool = tools.find((candidate) => nameOf(candidate) === toolCall.name);
  if (tool) await call(tool, toolCall.arguments ?? {});
  else console.error(scenario, `has no tool ${toolCall.name}`);
}
process.exit(0);
