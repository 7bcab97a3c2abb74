import type { ImportedService, ImportRequest, McpAsker } from '@errand/api';
import { type JsonSchema, problem } from '@errand/contracts';
import type { Db } from '@errand/db';
import {
  type CallAuth,
  type Egress,
  findEgressError,
  type ListedTools,
  listMcpTools,
  McpRefusal,
  toolTexts,
} from '@errand/integrations';
import type { Sandbox } from '@errand/plan';
import type { Credentials } from '../credentials/credentials.ts';
import type { Hide } from '../credentials/hide.ts';

/** Time for a whole list, in ms, and bytes of one of its pages. */
const TOTAL_MS = 30_000;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Time for judging the schemas of a list, in ms, and how much is said of them. */
const JUDGING_MS = 20_000;
const MAX_WARNINGS = 100;
const MAX_WARNING = 500;
const NO_TOKEN = 'Its tools are read once a token is stored.';
const NO_CONSENT = 'Its tools are read once a user has connected.';

export type McpDeps = { db: Db; egress: Egress; sandbox: Sandbox; credentials: Credentials; hide: Hide };

/**
 * Asks an MCP server for its tools. Schemas are judged in the sandbox: a tool with arguments that cannot be checked is left out, and an
 * output schema that cannot be used is dropped, each with a warning.
 * @throws ProblemError mcp_failed, url_not_allowed
 */
export async function importMcp(
  deps: McpDeps,
  { workspaceId, customerIntegrationId, name, url: address = '', mcp, signal }: ImportRequest & { mcp: McpAsker },
): Promise<ImportedService> {
  const { egress } = deps;
  const url = await egress.checkUrl(address).catch(() => {
    const message = 'Only public https addresses may be called, or origins that the operator of this server allows.';
    throw problem('url_not_allowed', message, {
      errors: [{ pointer: '/url', message: 'This URL may not be called.' }],
    });
  });
  const opened = await authFor(deps, workspaceId, mcp);
  const service = { title: name, host: url.host, baseUrl: url.href, tokenLocation: BEARER };
  const type = 'connection' in mcp ? mcp.connection.auth.type : mcp.auth.type;
  if (!opened) return { ...service, tools: [], warnings: [type === 'OAUTH2' ? NO_CONSENT : NO_TOKEN] };
  const { auth, toolsUserId } = opened;
  const server = { url, egress, auth, tenant: workspaceId, totalMs: TOTAL_MS, maxBytes: MAX_PAGE_BYTES };
  const listed = await listMcpTools(server, { trustHints: mcp.trustHints, signal }).catch((error: unknown) => error);
  if (listed instanceof McpRefusal && 'auth' in mcp && mcp.mayRefuse)
    return { ...service, tools: [], warnings: [NO_CONSENT], challenge: listed.challenge };
  if (!isList(listed)) throw failed(listed);
  const { tools, warnings } = await judged(deps.sandbox.for(workspaceId), listed);
  const described = tools.map((tool) => ({
    ...tool,
    name: `${customerIntegrationId}.${tool.operation}`,
    customerIntegrationId,
    integrationName: name,
  }));
  return {
    ...service,
    title: listed.title ?? name,
    tools: described.length > 0 ? toolTexts(described) : [],
    warnings,
    ...(toolsUserId !== undefined && { toolsUserId }),
  };
}

const isList = (listed: unknown): listed is ListedTools =>
  typeof listed === 'object' && listed !== null && 'tools' in listed;

const BEARER = { in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;

type Asking = { auth: CallAuth; toolsUserId?: string };

/** What is sent along; undefined when a credential is wanted and there is none. */
async function authFor(
  { db, credentials, hide }: McpDeps,
  workspaceId: string,
  asker: McpAsker,
): Promise<Asking | undefined> {
  if ('connection' in asker) {
    const { connection } = asker;
    const as = async (userId: string): Promise<Asking | undefined> => {
      const opened = await credentials.open({ workspaceId, connection, userId });
      if ('outcome' in opened) return undefined;
      return { auth: opened.auth, ...(opened.of === 'user' && { toolsUserId: userId }) };
    };
    // The one of the last time, so that lists that differ by user do not change with each reading.
    const first = await as(asker.userId ?? connection.toolsUserId ?? '');
    if (first || connection.auth.type !== 'OAUTH2') return first;
    const another = await db.forWorkspace(workspaceId).grants.latestUser(connection);
    return another === undefined ? undefined : as(another);
  }
  const { auth, token } = asker;
  if (auth.type === 'NONE') return { auth: { type: 'NONE' } };
  if (!token) return undefined;
  hide(token);
  return { auth: { ...(auth as unknown as CallAuth & { type: 'API_TOKEN' }), token } };
}

async function judged(sandbox: Sandbox, listed: ListedTools): Promise<Pick<ListedTools, 'tools' | 'warnings'>> {
  const warnings = [...listed.warnings];
  const fault = async (schema: JsonSchema) => {
    const verdict = await sandbox.checkSchema(schema, { dialect: 'tool' });
    return verdict.ok ? undefined : verdict.message;
  };
  const warn = (text: string) => {
    if (warnings.length < MAX_WARNINGS) warnings.push(text.slice(0, MAX_WARNING).toWellFormed());
  };
  const until = performance.now() + JUDGING_MS;
  const tools: ListedTools['tools'] = [];
  for (const [n, tool] of listed.tools.entries()) {
    if (performance.now() > until) {
      warn(`${listed.tools.length - n} tools are left out: their schemas take too long to check.`);
      break;
    }
    const { outputSchema, ...rest } = tool;
    const ofInput = await fault(tool.inputSchema);
    const ofOutput = outputSchema && (await fault(outputSchema));
    if (ofInput !== undefined) warn(`${tool.operation}: left out, its arguments cannot be checked: ${ofInput}`);
    else tools.push(ofOutput === undefined ? tool : rest);
    if (ofOutput !== undefined) warn(`${tool.operation}: its output schema is not used: ${ofOutput}`);
  }
  return { tools, warnings };
}

/** Why no list came, in words of ours: what a server says may hold anything. */
function failed(error: unknown) {
  const egress = findEgressError(error);
  const status = statusOf(error);
  const why =
    status === 401 || status === 403
      ? `It answered with status ${status}: it wants a credential. Give auth API_TOKEN with a token, or OAUTH2.`
      : status !== undefined
        ? `It answered with status ${status}. Is ${'`url`'} the address of its MCP endpoint?`
        : (egress?.message ?? 'It does not answer as an MCP server.');
  return problem('mcp_failed', why, { cause: error, errors: [{ pointer: '/url', message: why }] });
}

function statusOf(error: unknown): number | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    const { status } = at as { status?: unknown };
    if (typeof status === 'number') return status;
  }
  return undefined;
}
