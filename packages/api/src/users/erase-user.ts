import { actorOf, type contract, type ErasedUser, holds } from '@errand/contracts';
import { forgetResultWords } from '@errand/db';
import type { Context, Handler } from '../context.ts';
import { revokeErasedGrants } from '../integrations/users/revoke-erased-grants.ts';
import { insufficientScope } from '../problems.ts';

/** Everything of a user includes runs, and the answer names some. */
const SCOPES_FOR_EVERYTHING = ['runs:write', 'runs:read'] as const;

/** Erases the credentials here first, because revoking grants at the authorization servers may fail. */
export const eraseUser: Handler<typeof contract.users.erase> = async ({ input: { userId, erase }, ctx }) => {
  const { principal, deps, workspaceDb } = ctx;
  const { workspaceId } = principal;
  const everything = erase === 'everything';
  const missing = everything && SCOPES_FOR_EVERYTHING.find((scope) => !holds(principal, scope));
  if (missing)
    throw insufficientScope('scopes' in principal ? principal.scopes : [], missing, principal.kind === 'person');
  // A token could otherwise create a run meanwhile.
  await deps.db.userTokens.revoke(workspaceId, userId, actorOf(principal));
  const { user, grants } = await workspaceDb.credentials.eraseUser(userId, everything);
  deps.accessChanged(workspaceId);
  if (!everything) await forgetResultWords({ pool: deps.db.poolOf(workspaceId), workspaceId }, userId);
  const answer = everything ? await cancelRuns(ctx, user) : user;
  await revokeErasedGrants({ workspaceId, workspaceDb, connector: deps.connector }, grants);
  return answer;
};

/** Cancels the open runs. Then the removal of the rest begins; a failure or a crash before that only delays it. */
async function cancelRuns({ deps, workspaceDb }: Context, user: ErasedUser): Promise<ErasedUser> {
  const erasure = await workspaceDb.users.cancelRuns(user.userId, deps.engine.cancelIfOpen);
  await deps.db.addErasureJob();
  if (!erasure) return { ...user, erasing: true, cancelled: 0, uncertain: [], uncertainCount: 0, actions: [] };
  const { requestedAt, cancelled, uncertainCalls, uncertain, actions } = erasure;
  const erasingAt = requestedAt.toISOString();
  return {
    ...user,
    erasing: true,
    erasingAt,
    cancelled,
    uncertain: uncertainCalls,
    uncertainCount: uncertain,
    actions,
  };
}
