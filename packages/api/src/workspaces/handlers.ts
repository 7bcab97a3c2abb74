import { problem, type Workspace } from '@errand/contracts';
import { type AccessRefusal, type CreatedLink, toLimits, type WorkspaceInfo, type WorkspaceRefusal } from '@errand/db';
import { operatorsOnly } from '../authorize.ts';
import type { SessionContext, SessionHandlers } from '../context.ts';

/** Workspaces of the instance, for its operators and the platform. */
export const workspaces: SessionHandlers['workspaces'] = {
  create: async ({ input: { name, withKey, administrator }, ctx }) => {
    const created = await ctx.deps.db.instanceWorkspaces.create(name, ctx.principal, { withKey, administrator });
    if (typeof created === 'string') throw REFUSALS[created]();
    const { key, invitation, ...workspace } = created;
    return {
      ...toWorkspace(workspace),
      ...(key !== undefined && { key }),
      ...(invitation && { invitation: linkTo(ctx, invitation) }),
    };
  },

  createKey: async ({ input: { workspaceId }, ctx }) => {
    const created = await ctx.deps.db.instanceWorkspaces.createKey(workspaceId, ctx.principal);
    if (typeof created === 'string') throw REFUSALS[created]();
    return created;
  },

  inviteAdministrator: async ({ input: { workspaceId, name }, ctx }) => {
    const invited = await ctx.deps.db.instanceWorkspaces.inviteAdministrator(workspaceId, name, ctx.principal);
    if (typeof invited === 'string') throw REFUSALS[invited]();
    const { linkId, expiresAt } = invited;
    return { invitationId: linkId, link: linkTo(ctx, invited), expiresAt: expiresAt.toISOString() };
  },

  list: async ({ input: { pageSize, cursor }, ctx }) => {
    const rows = await ctx.deps.db.instanceWorkspaces.list(pageSize + 1, cursor);
    const page = rows.slice(0, pageSize).map(toWorkspace);
    return { workspaces: page, nextCursor: rows.length > pageSize ? page.at(-1)!.workspaceId : undefined };
  },

  rename: async ({ input: { workspaceId, name }, ctx }) => {
    const { principal } = ctx;
    const isOperator = principal.kind === 'platform' || (principal.kind === 'person' && principal.isOperator);
    if (!isOperator && !(await isAdministratorOf(ctx, workspaceId))) throw operatorsOnly();
    return written(await ctx.deps.db.instanceWorkspaces.rename(workspaceId, name, ctx.principal));
  },

  setLimits: async ({ input: { workspaceId, ...limits }, ctx }) => {
    const { db } = ctx.deps;
    const changed = await db.instanceWorkspaces.setLimits(workspaceId, limits, ctx.principal);
    await db.workspaceSettings.read();
    return written(changed);
  },

  suspend: async ({ input: { workspaceId }, ctx }) => setSuspended(ctx, workspaceId, true),
  resume: async ({ input: { workspaceId }, ctx }) => setSuspended(ctx, workspaceId, false),

  delete: async ({ input: { workspaceId, name }, ctx }) => {
    return written(await ctx.deps.db.instanceWorkspaces.delete(workspaceId, name, ctx.principal));
  },
};

const linkTo = ({ deps }: SessionContext, { token }: CreatedLink): string =>
  `${deps.console.origins()[0]}/console/#${token}`;

async function setSuspended(ctx: SessionContext, workspaceId: string, isSuspended: boolean): Promise<Workspace> {
  const { db } = ctx.deps;
  const changed = await db.instanceWorkspaces.setSuspended(workspaceId, isSuspended, ctx.principal);
  db.apiKeys.forgetAll();
  await db.workspaceSettings.read();
  return written(changed);
}

async function isAdministratorOf({ principal, deps }: SessionContext, workspaceId: string): Promise<boolean> {
  if (principal.kind !== 'person') return false;
  const own = await deps.db.people.workspacesOf(principal.id);
  return own.some((workspace) => workspace.workspaceId === workspaceId && workspace.role === 'admin');
}

/** @throws ProblemError not_found, workspace_exists, workspace_deleting, workspace_not_suspended, workspace_busy, validation_failed */
function written(workspace: WorkspaceInfo | WorkspaceRefusal): Workspace {
  if (typeof workspace === 'string') throw REFUSALS[workspace]();
  return toWorkspace(workspace);
}

const WRONG_NAME = 'This is not the name of the workspace.';

const REFUSALS: Record<WorkspaceRefusal | AccessRefusal, () => Error> = {
  has_key: () => problem('workspace_has_key', 'The workspace has a valid key.'),
  has_administrator: () => problem('workspace_has_administrator', 'The workspace has an administrator.'),
  not_found: () => problem('not_found', 'There is no such workspace.'),
  exists: () => problem('workspace_exists', 'Another workspace has this name.'),
  deleting: () => problem('workspace_deleting', 'The workspace is being deleted.'),
  wrong_name: () => problem('validation_failed', WRONG_NAME, { errors: [{ pointer: '/name', message: WRONG_NAME }] }),
  not_suspended: () => problem('workspace_not_suspended', 'Only a suspended workspace can be deleted.'),
  busy: () => problem('workspace_busy', 'A run of the workspace is in progress.'),
};

const toWorkspace = ({
  workspaceId,
  name,
  createdAt,
  suspendedAt,
  deletingAt,
  ...limits
}: WorkspaceInfo): Workspace => ({
  workspaceId,
  name,
  createdAt: createdAt.toISOString(),
  ...(suspendedAt && { suspendedAt: suspendedAt.toISOString() }),
  ...(deletingAt && { deletingAt: deletingAt.toISOString() }),
  limits: toLimits(limits),
});
