import { type Integration, problem } from '@errand/contracts';
import type { Connection } from '@errand/db';
import type { Context } from '../context.ts';
import { found } from '../found.ts';

export type Again = {
  document?: string;
  /** The user in whose name an MCP server is asked. */
  userId?: string;
  signal: AbortSignal;
};

/** Reads again what a service offers. What is new or changed waits for the owner. @throws ProblemError */
export async function readAgain(
  ctx: Context,
  connection: Connection,
  { document, userId, signal }: Again,
): Promise<Integration> {
  const { workspaceId } = ctx.principal;
  const { customerIntegrationId, name, kind, baseUrl, trustHints, registrationId } = connection;
  const { integrations } = ctx.workspaceDb;
  const hasTools = async () => ((await integrations.get(customerIntegrationId))?.toolCount ?? 0) > 0;
  const ofMcp = kind === 'mcp';
  const from = ofMcp
    ? { url: baseUrl, mcp: { trustHints, connection, ...(userId !== undefined && { userId }) } }
    : { url: connection.sourceUrl, document };
  const refreshed = await ctx.deps.importer.read(
    { workspaceId, customerIntegrationId, name, signal, ...from },
    async ({ tools, warnings, baseUrl, description, logoUrl }) => {
      // A server that is only starting up may list nothing; that must not disable all of its tools.
      if (ofMcp && tools.length === 0 && (await hasTools()))
        throw problem(
          'mcp_failed',
          `The MCP server lists no tools now, so those that it listed before were kept. ${warnings[0] ?? ''}`.trim(),
        );
      return integrations.refresh(
        customerIntegrationId,
        { baseUrl, description, logoUrl, tools, warnings, document },
        registrationId,
      );
    },
  );
  ctx.deps.accessChanged(workspaceId);
  return found(refreshed, 'integration');
}
