import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { invalidField, orNotFound } from '../problems.ts';
import { readTools } from './read-tools.ts';
import { textOf } from './source.ts';

/** Reads a service again. The authentication stays as the owner set it; other changes wait for the owner's review. */
export const refreshIntegration: Handler<typeof contract.integrations.refresh> = async ({ input, ctx, signal }) => {
  const document = textOf(input.document);
  const connection = orNotFound(
    await ctx.workspaceDb.integrations.connection(input.customerIntegrationId),
    'integration',
  );
  const refuse = (message: string) => invalidField('/document', message);
  if (connection.kind === 'mcp' && document !== undefined)
    throw refuse('An MCP server has no document: leave it out, and Errand reads the tools from the server.');
  if (connection.kind === 'openapi' && document === undefined && connection.sourceUrl === undefined)
    throw refuse('The integration was registered with a document. Send the new document.');
  return readTools({ ...ctx, workspaceId: ctx.principal.workspaceId }, connection, {
    ...(document !== undefined && { document }),
    signal,
  });
};
