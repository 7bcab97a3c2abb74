import { includesRole, type PersonPrincipal, problem, type Role } from '@errand/contracts';
import type { MemberChange, MemberPosition } from '@errand/db';
import type { Context, ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';

/** The members of a workspace, for people who administer it. */
export const members: ContractHandlers['members'] = {
  list: async ({ input, ctx: { principal, deps } }) => {
    const { workspaceId: ownerId } = principal;
    const { rows, ...next } = await deps.lists.read({ name: 'members.list', ownerId }, input, {
      read: (after: MemberPosition | undefined, limit) => deps.db.members.list(ownerId, { after, limit }),
      positionOf: ({ joinedAt, personId }): MemberPosition => [joinedAt.toISOString(), personId],
    });
    const members = rows.map(({ email, joinedAt, seenAt, ...member }) => ({
      ...member,
      ...(email !== null && { email }),
      joinedAt: joinedAt.toISOString(),
      ...(seenAt && { seenAt: seenAt.toISOString() }),
    }));
    return { members, ...next };
  },

  invite: async ({ input, ctx }) => {
    const { principal, deps } = ctx;
    checkRole(ctx, input.role);
    const link = await deps.db.consoleLinks.createInvitation(principal.workspaceId, input, principal);
    return {
      invitationId: link.linkId,
      link: `${deps.console.origins()[0]}/console/#${link.token}`,
      expiresAt: link.expiresAt.toISOString(),
    };
  },

  invitations: async ({ input, ctx: { principal, deps } }) => {
    const { workspaceId: ownerId } = principal;
    const { rows, ...next } = await deps.lists.read({ name: 'members.invitations', ownerId }, input, {
      read: (after: string | undefined, limit) => deps.db.consoleLinks.invitations(ownerId, { after, limit }),
      positionOf: ({ linkId }) => linkId,
    });
    const invitations = rows.map(({ linkId, name, role, madeBy, createdAt, expiresAt }) => ({
      invitationId: linkId,
      name,
      role,
      invitedBy: madeBy,
      createdAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
    return { invitations, ...next };
  },

  revokeInvitation: async ({ input, ctx: { principal, deps } }) => {
    const revoked = await deps.db.consoleLinks.revokeInvitation(principal.workspaceId, input.invitationId, principal);
    orNotFound(revoked || null, 'invitation');
    return null;
  },

  setRole: async ({ input: { personId, role }, ctx }) => {
    const { principal, deps } = ctx;
    checkRole(ctx, role);
    return changed(ctx, await deps.db.members.setRole(principal.workspaceId, personId, role, principal));
  },

  remove: async ({ input, ctx }) =>
    changed(ctx, await ctx.deps.db.members.remove(ctx.principal.workspaceId, input.personId, ctx.principal)),

  leave: async ({ ctx }) =>
    changed(ctx, await ctx.deps.db.members.remove(ctx.principal.workspaceId, ctx.principal.id, ctx.principal)),
};

/** @throws ProblemError insufficient_scope for a role above that of the caller */
function checkRole({ principal }: Context, role: Role): void {
  const own = (principal as PersonPrincipal).role;
  if (includesRole(own, role)) return;
  throw problem('insufficient_scope', `You are ${own} and cannot give the role ${role}.`);
}

/** Pauses the schedules of a member who may not create runs any more. @throws ProblemError not_found, last_admin */
async function changed({ workspaceDb }: Context, change: MemberChange): Promise<null> {
  if (change === 'not_found') throw problem('not_found', 'There is no such member.');
  if (change === 'last_admin') throw problem('last_admin', 'The workspace would have no administrator.');
  await workspaceDb.schedules.pauseOrphans();
  return null;
}
