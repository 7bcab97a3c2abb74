import { CallBudget } from '@errand/basics/call-budget';
import { sha256 } from '@errand/basics/sha256';
import { type DescribedTool, type JsonSchema, ProblemError, problem } from '@errand/contracts';
import {
  type CallAuth,
  type Egress,
  findEgressError,
  type ListedTools,
  listMcpTools,
  McpRefusal,
  toolTexts,
  withAdvice,
} from '@errand/integrations';
import type { Sandbox } from '@errand/plan';
import type { ImportedService, ImportRequest, McpAsker } from '@errand/ports/importer';
import { type AskerDeps, askingOf } from './mcp-asker.ts';

/** What a whole list may cost, with its second attempt, and bytes of one of its pages. */
const LIST_LIMITS = { totalMs: 30_000, bytes: 32 * 1024 * 1024 };
const MAX_PAGE_BYTES = 4 * 1024 * 1024;
/** Time for judging the schemas of a list, in ms, and how much is said of them. */
const JUDGING_MS = 20_000;
const MAX_WARNINGS = 100;
const MAX_WARNING = 500;
const NO_TOKEN = 'Its tools are read once a token is stored.';
const NO_CONSENT = 'Its tools are read once a user has connected.';

export type McpDeps = AskerDeps & { egress: Egress; sandbox: Sandbox };

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
  const url = await egress.checkUrl(address).catch((cause) => {
    const text = 'Only public https addresses may be called, or origins that the operator of this service allows.';
    throw problem('url_not_allowed', withAdvice(text, cause), {
      cause,
      errors: [{ pointer: '/url', message: 'This URL may not be called.' }],
    });
  });
  const asking = await askingOf(deps, workspaceId, mcp);
  const service = { title: name, host: url.host, baseUrl: url.href, tokenLocation: BEARER };
  const type = 'connection' in mcp ? mcp.connection.auth.type : mcp.auth.type;
  if (!asking) return { ...service, tools: [], warnings: [type === 'OAUTH2' ? NO_CONSENT : NO_TOKEN] };
  const { auth, toolsUserId, again } = asking;
  const budget = new CallBudget(LIST_LIMITS);
  const listWith = (auth: CallAuth) => {
    const server = { url, egress, auth, tenant: workspaceId, budget, maxBytes: MAX_PAGE_BYTES };
    return listMcpTools(server, { trustHints: mcp.trustHints, signal });
  };
  let listed: ListedTools;
  try {
    listed = await listWith(auth).catch(async (error: unknown) => {
      const next = error instanceof McpRefusal ? await again?.(error) : undefined;
      if (!next) throw error;
      return listWith(next);
    });
  } catch (error) {
    if (error instanceof McpRefusal && 'auth' in mcp && mcp.mayRefuse)
      return { ...service, tools: [], warnings: [NO_CONSENT], challenge: error.challenge };
    throw failed(error);
  }
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
    list: { sha256: hashOf(described, warnings), ...(listed.ttlMs !== undefined && { ttlMs: listed.ttlMs }) },
    ...(toolsUserId !== undefined && { toolsUserId }),
  };
}

/** The same for the same tools in another order. */
const hashOf = (tools: readonly DescribedTool[], warnings: readonly string[]): string =>
  sha256([...tools.map((tool) => JSON.stringify(tool)).sort(), ...[...warnings].sort()].join('\n'));

const BEARER = { in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;

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
  if (error instanceof ProblemError) return error;
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
