import { CallBudget } from '@errand/basics/call-budget';
import { sha256 } from '@errand/basics/sha256';
import {
  type DescribedTool,
  type JsonSchema,
  ProblemError,
  problem,
  Secret,
  type ToolOutcome,
  variablesIn,
} from '@errand/contracts';
import { valuesFor } from '@errand/contracts/variable-values';
import type { Db } from '@errand/db';
import {
  type CallAuth,
  errorChain,
  type FixedRequest,
  failure,
  findEgressError,
  ImportQueue,
  type InstanceEgress,
  importLimits,
  importOpenApi,
  type ListedTools,
  listMcpTools,
  McpRefusal,
  type ToolAuth,
  toolTexts,
  urlNotAllowed,
} from '@errand/integrations';
import type { Sandbox } from '@errand/plan';
import type { ImportedService, Importer, ImportRequest, McpAccess } from '@errand/ports/importer';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget, TokenLocation } from '@errand/ports/service-auth';
import { fixedRequest } from '../calls/expand-request.ts';
import type { Credentials, OpenedCredential } from '../credentials/credentials.ts';
import type { GrantKey } from '../credentials/grant-store.ts';
import type { Resolved } from '../credentials/variables.ts';

/** The limits of a whole list, with its second attempt, and of a page. */
const LIST_LIMITS = { totalMs: 30_000, bytes: 32 * 1024 * 1024 };
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Time for checking the schemas of a list, and limits of the warnings about them. */
const CHECK_MS = 20_000;
const MAX_WARNINGS = 100;
const MAX_WARNING = 500;
const NO_TOKEN = 'Its tools are read once a token is stored.';
const NO_CONSENT = 'Its tools are read once a user has connected.';

type ImporterDeps = { db: Db; credentials: Credentials; redact: Redact; egress: InstanceEgress; sandbox: Sandbox };

/** Reads OpenAPI documents and the tools of MCP servers. All imports of a process share one queue. */
export function createImporter(deps: ImporterDeps): Importer {
  const { egress } = deps;
  const queue = new ImportQueue(importLimits);
  return {
    read: ({ workspaceId, ...request }, keep) =>
      queue.run(workspaceId, request.signal, async (slot) => {
        const { mcp, ...document } = request;
        if (mcp) return keep(await importMcp(deps, { workspaceId, ...document, mcp }));
        const workspaceEgress = egress.forWorkspace(workspaceId);
        const {
          auth,
          oauth2,
          servers: _,
          ...service
        } = await importOpenApi({
          ...document,
          egress: workspaceEgress,
          slot,
        });
        return keep({ ...service, tokenLocation: locationOf(auth), oauth: oauth2 });
      }),
  };
}

const locationOf = ({ type, in: part, name, prefix = '' }: ToolAuth): TokenLocation | undefined =>
  type === 'API_TOKEN' && part && name ? { in: part, name, prefix } : undefined;

/**
 * Reads the tools of an MCP server, and checks their schemas in the sandbox. Leaves out tools with unusable input schemas, and drops
 * unusable output schemas, each with a warning.
 * @throws ProblemError mcp_failed, url_not_allowed
 */
async function importMcp(deps: ImporterDeps, request: ImportRequest & { mcp: McpAccess }): Promise<ImportedService> {
  const { workspaceId, customerIntegrationId, name, url: address = '', mcp, signal } = request;
  const egress = deps.egress.forWorkspace(workspaceId);
  const url = await egress.checkUrl(address).catch((cause) => {
    throw urlNotAllowed(cause, '/url');
  });
  const credential = await credentialFor(deps, request);
  const service = { title: name, host: url.host, baseUrl: url.href, tokenLocation: BEARER };
  const type = 'connection' in mcp ? mcp.connection.auth.type : mcp.auth.type;
  if (!credential) return { ...service, tools: [], warnings: [type === 'OAUTH2' ? NO_CONSENT : NO_TOKEN] };
  const { auth, toolsUserId, fixed, renew } = credential;
  const budget = new CallBudget(LIST_LIMITS);
  const listWith = (auth: CallAuth) => {
    const server = { url, egress, auth, fixed, tenant: workspaceId, budget, maxBytes: MAX_PAGE_BYTES };
    return listMcpTools(server, { trustHints: mcp.trustHints, signal });
  };
  let listed: ListedTools;
  try {
    listed = await listWith(auth).catch(async (error: unknown) => {
      const next = error instanceof McpRefusal ? await renew?.(error) : undefined;
      if (!next) throw error;
      return listWith(next);
    });
  } catch (error) {
    if (error instanceof McpRefusal && 'auth' in mcp && mcp.allowsChallenge)
      return { ...service, tools: [], warnings: [NO_CONSENT], challenge: error.challenge };
    throw listProblem(error);
  }
  const { tools, warnings } = await checkSchemas(deps.sandbox.for(workspaceId), listed);
  const described = tools.map((tool) => ({
    ...tool,
    name: `${customerIntegrationId}.${tool.operation}`,
    customerIntegrationId,
    integrationName: name,
  }));
  return {
    ...service,
    title: listed.title ?? name,
    ...(listed.logoUrl !== undefined && { logoUrl: listed.logoUrl }),
    tools: described.length > 0 ? toolTexts(described) : [],
    warnings,
    list: { sha256: listHash(described, warnings), ...(listed.ttlMs !== undefined && { ttlMs: listed.ttlMs }) },
    ...(toolsUserId !== undefined && { toolsUserId }),
  };
}

/** A hash that does not depend on the order of the tools. */
const listHash = (tools: readonly DescribedTool[], warnings: readonly string[]): string =>
  sha256([...tools.map((tool) => JSON.stringify(tool)).sort(), ...[...warnings].sort()].join('\n'));

const BEARER = { in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;

async function checkSchemas(sandbox: Sandbox, listed: ListedTools): Promise<Pick<ListedTools, 'tools' | 'warnings'>> {
  const warnings = [...listed.warnings];
  const fault = async (schema: JsonSchema) => {
    const verdict = await sandbox.checkSchema(schema, { dialect: 'tool' });
    return verdict.ok ? undefined : verdict.message;
  };
  const warn = (text: string) => {
    if (warnings.length < MAX_WARNINGS) warnings.push(text.slice(0, MAX_WARNING).toWellFormed());
  };
  const deadline = performance.now() + CHECK_MS;
  const tools: ListedTools['tools'] = [];
  for (const [n, tool] of listed.tools.entries()) {
    if (performance.now() > deadline) {
      warn(`${listed.tools.length - n} tools are left out: their schemas take too long to check.`);
      break;
    }
    const { outputSchema, ...toolWithoutOutput } = tool;
    const ofInput = await fault(tool.inputSchema);
    const ofOutput = outputSchema && (await fault(outputSchema));
    if (ofInput !== undefined) warn(`${tool.operation}: left out, its arguments cannot be checked: ${ofInput}`);
    else tools.push(ofOutput === undefined ? tool : toolWithoutOutput);
    if (ofOutput !== undefined) warn(`${tool.operation}: its output schema is not used: ${ofOutput}`);
  }
  return { tools, warnings };
}

/** The problem of a failed reading, without the untrusted texts of the server. */
function listProblem(error: unknown) {
  if (error instanceof ProblemError) return error;
  const egress = findEgressError(error);
  const status = statusOf(error);
  const reason =
    status === 401 || status === 403
      ? `It answered with status ${status}: it wants a credential. Give auth API_TOKEN with a token, or OAUTH2.`
      : status !== undefined
        ? `It answered with status ${status}. Is ${'`url`'} the address of its MCP endpoint?`
        : (egress?.message ?? 'It does not answer as an MCP server.');
  return problem('mcp_failed', reason, { cause: error, errors: [{ pointer: '/url', message: reason }] });
}

const statusOf = (error: unknown): number | undefined =>
  errorChain(error)
    .map((cause) => (cause as { status?: unknown }).status)
    .find((status) => typeof status === 'number');

/** The credential with which an MCP server is asked for its tools. */
type ListAuth = {
  auth: CallAuth;
  /** Headers and parameters of every request. */
  fixed?: FixedRequest;
  /** The user, if it is a user's credential. */
  toolsUserId?: string;
  /** Returns another credential after a refusal. @throws ProblemError mcp_failed with instructions for a user */
  renew?: (refusal: McpRefusal) => Promise<CallAuth | undefined>;
};

/** Opens the credential for an MCP server; undefined if one is required and there is none. */
async function credentialFor(
  deps: ImporterDeps,
  { workspaceId, mcp: asker, requestSettings = {} }: ImportRequest & { mcp: McpAccess },
): Promise<ListAuth | undefined> {
  const { db, credentials, redact } = deps;
  if ('connection' in asker) {
    const { connection } = asker;
    const openAs = async (userId: string): Promise<ListAuth | undefined> => {
      const resolved = await credentials.resolve({ workspaceId, connection, userId });
      if ('outcome' in resolved) return undefined;
      const key = { workspaceId, connection: resolved.connection, userId };
      const opened = await credentials.open(key);
      if ('outcome' in opened) return undefined;
      return {
        auth: opened.auth,
        fixed: fixedForList(resolved),
        toolsUserId: opened.owner === 'user' ? userId : undefined,
        renew: (refusal) => renewedAuth(credentials, key, opened, refusal),
      };
    };
    // The user of the last reading, so that lists that differ by user remain stable.
    const first = await openAs(asker.userId ?? connection.toolsUserId ?? '');
    if (first || connection.auth.type !== 'OAUTH2') return first;
    const another = await db.forWorkspace(workspaceId).grants.latestUser(connection);
    return another === undefined ? undefined : openAs(another);
  }
  const { auth, token, variables = {}, secretVariables = {} } = asker;
  for (const secret of Object.values(secretVariables)) redact(new Secret(secret));
  const fixed = fixedForList({ connection: { requestSettings, variables }, secrets: secretVariables });
  if (auth.type === 'NONE') return { auth: { type: 'NONE' }, fixed };
  if (!token) return undefined;
  redact(token);
  return { auth: { ...(auth as unknown as CallAuth & { type: 'API_TOKEN' }), token }, fixed };
}

/** The values of requests for a list, except values that need a missing value of a user. */
function fixedForList({
  connection: { requestSettings = {}, variables = {}, userVariables },
  secrets,
}: Resolved<Pick<ServiceTarget, 'requestSettings' | 'variables' | 'userVariables'>>): FixedRequest {
  const values = valuesFor(variables, userVariables, secrets);
  const isComplete = ([, text]: [string, string]) => variablesIn(text).every((name) => Object.hasOwn(values, name));
  const complete = (texts: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(texts).filter(isComplete));
  const { headers, query } = requestSettings;
  return fixedRequest({ headers: complete(headers), query: complete(query) }, '', values, Object.values(secrets));
}

async function renewedAuth(
  credentials: Credentials,
  key: GrantKey,
  opened: OpenedCredential,
  { status, challenge }: McpRefusal,
): Promise<CallAuth | undefined> {
  const refusalFailure = (code: string) => failure(code, `It answered with status ${status}.`);
  let outcome: ToolOutcome;
  if (status === 401) {
    const next = await credentials.renew(key, opened, refusalFailure('credential_rejected'), false);
    if (!next) return undefined;
    if ('auth' in next) return next.auth;
    outcome = next.outcome;
  } else {
    if (opened.auth.type !== 'OAUTH2' || challenge.error !== 'insufficient_scope') return undefined;
    outcome = await credentials.askForMore(key, { ...refusalFailure('scope_missing'), scopes: challenge.scopes ?? [] });
  }
  if (outcome.ok) return undefined;
  throw problem('mcp_failed', `Its tools cannot be read now. ${outcome.message}`);
}
