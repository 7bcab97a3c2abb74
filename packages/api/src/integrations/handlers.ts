import type { ContractHandlers } from '../context.ts';
import { invalidField, orNotFound } from '../problems.ts';
import { healthHandlers } from './health.ts';
import { keepLogo } from './keep-logo.ts';
import { listIntegrations, MAX_PAGE_SIZE, sendTools } from './list-integrations.ts';
import { namesOf, withNewer, withNewerEntry } from './newer-entry.ts';
import { patchIntegration } from './patch-integration.ts';
import { readTools } from './read-tools.ts';
import { createIntegration } from './register/create-integration.ts';
import { inspectIntegration } from './register/inspect-integration.ts';
import { documentText } from './register/register-integration.ts';
import { tryIntegration } from './try-integration.ts';
import { authUrl } from './users/auth-url.ts';
import { putCredentials } from './users/put-credentials.ts';
import { revokeErasedGrants } from './users/revoke-erased-grants.ts';
import { readUserCursor, toUserPage } from './users/user-cursor.ts';

/** Services that runs may use, their tools, and the credentials of users. */
export const integrations: ContractHandlers['integrations'] = {
  list: listIntegrations,
  create: createIntegration,
  inspect: inspectIntegration,
  get: async ({ input, ctx }) => {
    const stored = await ctx.workspaceDb.integrations.get(input.customerIntegrationId);
    return withNewer(ctx.deps.catalog, orNotFound(stored, 'integration'));
  },
  patch: patchIntegration,
  delete: async ({ input, ctx }) => {
    const isDeleted = await ctx.workspaceDb.integrations.delete(input.customerIntegrationId);
    orNotFound(isDeleted || null, 'integration');
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    return null;
  },
  tools: ({ input, ctx }) => sendTools(ctx, input),
  setTools: async ({ input: { customerIntegrationId, ...choice }, ctx }) => {
    if (choice.enabled === undefined && choice.effects === undefined)
      throw invalidField('/enabled', 'Send enabled, effects or both.');
    orNotFound((await ctx.workspaceDb.tools.setEnabled(customerIntegrationId, choice)) || null, 'integration');
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    return sendTools(ctx, { customerIntegrationId, pageSize: MAX_PAGE_SIZE });
  },
  toolChange: async ({ input: { customerIntegrationId, tool }, ctx }) =>
    orNotFound(await ctx.workspaceDb.tools.change(customerIntegrationId, tool), 'tool'),
  acceptTool: async ({ input: { customerIntegrationId, tool, ...choice }, ctx }) => {
    const accepted = orNotFound(await ctx.workspaceDb.tools.accept(customerIntegrationId, tool, choice), 'tool');
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    return accepted;
  },
  try: tryIntegration,
  ...healthHandlers,
  users: async ({ input: { customerIntegrationId, state, cursor, pageSize }, ctx }) => {
    const page = { state, after: readUserCursor(cursor), limit: pageSize + 1 };
    const rows = await ctx.workspaceDb.credentials.listUsers(customerIntegrationId, page);
    return toUserPage(orNotFound(rows, 'integration'), pageSize);
  },
  getUser: async ({ input: { customerIntegrationId, userId }, ctx }) =>
    orNotFound(await ctx.workspaceDb.credentials.getUser(customerIntegrationId, userId), 'user at this integration'),
  authUrl,
  /** Reads a service again. The authentication stays as the owner set it; other changes wait for the owner's review. */
  refresh: async ({ input, ctx, signal }) => {
    const document = documentText(input.document);
    const stored = await ctx.workspaceDb.integrations.connection(input.customerIntegrationId);
    const connection = orNotFound(stored, 'integration');
    const refuse = (message: string) => invalidField('/document', message);
    if (connection.kind === 'mcp' && document !== undefined)
      throw refuse('An MCP server has no document: leave it out, and Errand reads the tools from the server.');
    const documents = await ctx.workspaceDb.integrations.documents(input.customerIntegrationId);
    if (documents && document !== undefined)
      throw refuse('The integration has several documents, which are read again: leave it out.');
    if (connection.kind === 'openapi' && !documents && document === undefined && connection.sourceUrl === undefined)
      throw refuse('The integration was registered with a document. Send the new document.');
    const { connection: current, change: entry } = await withNewerEntry(ctx, connection);
    const names = await namesOf(ctx.deps.catalog, current);
    const context = { ...ctx, workspaceId: ctx.principal.workspaceId };
    const refreshed = await readTools(context, current, { document, names, entry, signal });
    if (refreshed.logoPath === undefined) keepLogo(context, current.customerIntegrationId);
    return refreshed;
  },
  putCredentials,
  /** Erases the credential here first, because revoking it at the authorization server may fail. */
  deleteCredentials: async ({ input: { customerIntegrationId, userId }, ctx }) => {
    const { workspaceDb, deps } = ctx;
    const { workspaceId } = ctx.principal;
    const { user, grants } = await workspaceDb.credentials.revokeUserToken(customerIntegrationId, userId);
    deps.accessChanged(workspaceId);
    // A user without a connection may have an unconfirmed consent.
    await revokeErasedGrants({ workspaceId, workspaceDb, connector: deps.connector }, grants);
    orNotFound(user, 'user at this integration');
    return null;
  },
};
