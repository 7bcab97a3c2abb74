import { type Integration, ProblemError, problem } from '@errand/contracts';
import type { Connection, ToolsJob, WorkspaceDb } from '@errand/db';
import type { ApiDeps } from '../deps.ts';
import { found } from '../found.ts';

export type Again = {
  document?: string;
  /** The user in whose name an MCP server is asked. */
  userId?: string;
  signal: AbortSignal;
};

type Reading = { deps: Pick<ApiDeps, 'importer' | 'accessChanged'>; workspaceDb: WorkspaceDb; workspaceId: string };

/** Reads again what a service offers. What is new or changed waits for the owner. @throws ProblemError */
export async function readAgain(
  { deps, workspaceDb, workspaceId }: Reading,
  connection: Connection,
  { document, userId, signal }: Again,
): Promise<Integration> {
  const { customerIntegrationId, name, kind, baseUrl, trustHints, registrationId } = connection;
  const { integrations } = workspaceDb;
  const hasTools = async () => ((await integrations.get(customerIntegrationId))?.toolCount ?? 0) > 0;
  const ofMcp = kind === 'mcp';
  const from = ofMcp
    ? { url: baseUrl, mcp: { trustHints, connection, ...(userId !== undefined && { userId }) } }
    : { url: connection.sourceUrl, document };
  const refreshed = await deps.importer.read(
    { workspaceId, customerIntegrationId, name, signal, ...from },
    async ({ tools, warnings, baseUrl, description, logoUrl, toolsUserId }) => {
      // A server that is only starting up may list nothing; that must not disable all of its tools.
      if (ofMcp && tools.length === 0 && (await hasTools()))
        throw problem(
          'mcp_failed',
          `The MCP server lists no tools now, so those that it listed before were kept. ${warnings[0] ?? ''}`.trim(),
        );
      return integrations.refresh(
        customerIntegrationId,
        { baseUrl, description, logoUrl, tools, warnings, document, toolsUserId },
        registrationId,
      );
    },
  );
  deps.accessChanged(workspaceId);
  return found(refreshed, 'integration');
}

const JOB_MS = 60_000;

/**
 * Reads the tools of an MCP server after a user has connected, unless they were read meanwhile.
 * @throws ProblemError mcp_failed and others: it may be tried again
 */
export async function readToolsOf(
  { db, ...deps }: Reading['deps'] & Pick<ApiDeps, 'db'>,
  { workspaceId, customerIntegrationId, userId }: ToolsJob,
): Promise<void> {
  const workspaceDb = db.forWorkspace(workspaceId);
  const connection = await workspaceDb.integrations.connection(customerIntegrationId);
  if (connection?.kind !== 'mcp' || !connection.active) return;
  const { toolCount = 0 } = (await workspaceDb.integrations.get(customerIntegrationId)) ?? {};
  if (toolCount > 0) return;
  try {
    await readAgain({ deps, workspaceDb, workspaceId }, connection, { userId, signal: AbortSignal.timeout(JOB_MS) });
  } catch (error) {
    // Nobody waits for an answer: the owner finds the reason at the integration.
    if (error instanceof ProblemError) await workspaceDb.integrations.warn(connection, [error.detail ?? error.code]);
    throw error;
  }
}
