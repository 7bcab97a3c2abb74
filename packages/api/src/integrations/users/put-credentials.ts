import { type contract, ProblemError, problem, type Secret } from '@errand/contracts';
import { faultsOfUserValues } from '@errand/contracts/settings-faults';
import type { Connection } from '@errand/db';
import type { Context, Handler } from '../../context.ts';
import { orNotFound } from '../../problems.ts';
import { sentCredential } from '../auth/user-credential.ts';
import { hasTools, readTools } from '../read-tools.ts';

/** Seals and stores a user's token and values of variables, adds the user to the integration, and resumes runs that wait for them. */
export const putCredentials: Handler<typeof contract.integrations.putCredentials> = async ({ input, ctx, signal }) => {
  const { customerIntegrationId, userId, variables } = input;
  const { workspaceId } = ctx.principal;
  const connection = orNotFound(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const token = sentCredential(connection.auth, input);
  checkCredentials(connection, { token, variables });
  const credential = { ...(token && { token }), variables };
  const stored = await ctx.workspaceDb.credentials.putUser(connection, userId, credential);
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

type Sent = { token: Secret | undefined; variables: Readonly<Record<string, string>> | undefined };

/** @throws ProblemError validation_failed */
function checkCredentials(connection: Connection, { token, variables }: Sent): void {
  if (token === undefined && variables === undefined)
    throw problem('validation_failed', 'Send apiToken, or user and password, or variables.');
  const faults = faultsOfValues(connection, variables ?? {});
  const [first] = Object.values(faults);
  if (first === undefined) return;
  const errors = Object.entries(faults).map(([name, message]) => ({ pointer: `/variables/${name}`, message }));
  throw problem('validation_failed', first, { errors });
}

/** The faults of values of variables that a user gives, by name. */
export const faultsOfValues = (
  { baseUrl, auth, variables = {}, requestSettings = {} }: Connection,
  values: Readonly<Record<string, string>>,
): Record<string, string> => faultsOfUserValues({ baseUrl, auth, variables, requests: requestSettings }, values);

/** Reads the tools of an MCP server after its first token was stored. The token stays stored if the server does not answer. */
async function readFirstTools(ctx: Context, connection: Connection, options: { userId: string; signal: AbortSignal }) {
  if (connection.kind !== 'mcp' || (await hasTools(ctx.workspaceDb, connection.customerIntegrationId))) return;
  await readTools({ ...ctx, workspaceId: ctx.principal.workspaceId }, connection, options).catch((error) => {
    if (!(error instanceof ProblemError)) throw error;
  });
}
