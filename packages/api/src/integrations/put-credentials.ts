import { type contract, ProblemError, problem, Secret } from '@errand/contracts';
import type { Connection } from '@errand/db';
import type { Context, Handler } from '../context.ts';
import { orNotFound } from '../problems.ts';
import { hasTools, readTools } from './read-tools.ts';

/** Seals and stores a user's token, replaces an earlier one, adds the user to the integration, and resumes runs that wait for the token. */
export const putCredentials: Handler<typeof contract.integrations.putCredentials> = async ({ input, ctx, signal }) => {
  const { customerIntegrationId, userId, apiToken } = input;
  if (apiToken === undefined) throw problem('validation_failed', 'Send apiToken.');
  const { workspaceId } = ctx.principal;
  const connection = orNotFound(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const { auth } = connection;
  if (auth.type !== 'API_TOKEN') {
    throw problem('validation_failed', `The integration takes no token: its authType is ${auth.type}.`, {
      remedy:
        auth.type === 'OAUTH2' ? 'Ask the user for consent with auth-url.' : 'PATCH the integration to auth API_TOKEN.',
    });
  }
  const stored = await ctx.workspaceDb.credentials.putUserToken(connection, userId, new Secret(apiToken));
  ctx.deps.accessChanged(workspaceId);
  const user = orNotFound(stored, 'integration');
  await readFirstTools(ctx, connection, { userId, signal });
  await ctx.deps.engine.decideConsent(workspaceId, {
    customerIntegrationId,
    userId,
    success: true,
    by: ctx.principal,
  });
  return user;
};

/** Reads the tools of an MCP server after its first token was stored. The token stays stored if the server does not answer. */
async function readFirstTools(ctx: Context, connection: Connection, options: { userId: string; signal: AbortSignal }) {
  if (connection.kind !== 'mcp' || (await hasTools(ctx.workspaceDb, connection.customerIntegrationId))) return;
  await readTools({ ...ctx, workspaceId: ctx.principal.workspaceId }, connection, options).catch((error) => {
    if (!(error instanceof ProblemError)) throw error;
  });
}
