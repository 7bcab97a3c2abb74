import { problem, scopes, type Workspace } from '@errand/contracts';
import type { WorkspaceInfo } from '@errand/db';
import type { SessionContext, SessionHandlers } from '../context.ts';
import { checkOperator } from '../instance/check-operator.ts';
import { orNotFound } from '../problems.ts';

/** Workspaces of the instance, for its operators and the platform. */
export const workspaces: SessionHandlers['workspaces'] = {
  create: async ({ input: { name, withKey, administrator }, ctx }) => {
    checkOperator(ctx);
    const { db, console: port } = ctx.deps;
    const actor = ctx.principal;
    const workspace = written(await db.instanceWorkspaces.create(name, actor));
    const { workspaceId } = workspace;
    const key = withKey ? (await db.apiKeys.create(workspaceId, { name: 'first key', scopes }, actor)).key : undefined;
    const link =
      administrator === undefined
        ? undefined
        : await db.consoleLinks.createInvitation(workspaceId, { name: administrator, role: 'admin' }, actor);
    return {
      ...workspace,
      ...(key !== undefined && { key }),
      ...(link && { invitation: `${port.origins()[0]}/console/#${link.token}` }),
    };
  },

  list: async ({ input: { pageSize, cursor }, ctx }) => {
    checkOperator(ctx);
    const rows = await ctx.deps.db.instanceWorkspaces.list(pageSize + 1, cursor);
    const page = rows.slice(0, pageSize).map(toWorkspace);
    return { workspaces: page, nextCursor: rows.length > pageSize ? page.at(-1)!.workspaceId : undefined };
  },

  rename: async ({ input: { workspaceId, name }, ctx }) => {
    const isAdministrator = await isAdministratorOf(ctx, workspaceId);
    if (!isAdministrator) checkOperator(ctx);
    return written(await ctx.deps.db.instanceWorkspaces.rename(workspaceId, name, ctx.principal));
  },

  suspend: async ({ input: { workspaceId }, ctx }) => setSuspended(ctx, workspaceId, true),
  resume: async ({ input: { workspaceId }, ctx }) => setSuspended(ctx, workspaceId, false),
};

async function setSuspended(ctx: SessionContext, workspaceId: string, isSuspended: boolean): Promise<Workspace> {
  checkOperator(ctx);
  const { db } = ctx.deps;
  const changed = await db.instanceWorkspaces.setSuspended(workspaceId, isSuspended, ctx.principal);
  db.apiKeys.forgetAll();
  return written(changed);
}

async function isAdministratorOf({ principal, deps }: SessionContext, workspaceId: string): Promise<boolean> {
  if (principal.kind !== 'person') return false;
  const own = await deps.db.people.workspacesOf(principal.id);
  return own.some((workspace) => workspace.workspaceId === workspaceId && workspace.role === 'admin');
}

/** @throws ProblemError not_found, workspace_exists */
function written(workspace: WorkspaceInfo | 'exists' | null): Workspace {
  if (workspace === 'exists') throw problem('workspace_exists', 'Another workspace has this name.');
  return toWorkspace(orNotFound(workspace, 'workspace'));
}

const toWorkspace = ({ workspaceId, name, createdAt, suspendedAt }: WorkspaceInfo): Workspace => ({
  workspaceId,
  name,
  createdAt: createdAt.toISOString(),
  ...(suspendedAt && { suspendedAt: suspendedAt.toISOString() }),
});
