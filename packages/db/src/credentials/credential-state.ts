import type { UserState } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';
import { grantDestination, secretDestination, type Target, tokenDestination } from './destination.ts';

/** Columns that determine the state of a user's credentials at an integration. */
export type UserCredentialRow = {
  active: boolean;
  hasToken: boolean;
  tokenDestination: string | null;
  tokenRejected: boolean;
  hasGrant: boolean;
  grantDestination: string | null;
  /** Why the authorization server rejects refreshes of the grant. */
  reconnectReason: string | null;
  /** A refresh timed out: it may have consumed the refresh token. */
  refreshLost: boolean;
};

/** Whether a credential is stored and usable; if unusable, why the user must store it again. */
type CredentialState<Reason> = { isStored: boolean; isUsable: boolean; reconnectReason?: Reason };

/** The credential belongs to another origin or authorization server than the integration. */
const MOVED = 'origin_changed';
/** The service answered 401 to the credential. */
const REJECTED = 'rejected';

/** The state of a user's credential of the type that the integration uses. */
export function userCredentialState(row: UserCredentialRow, target: Target): CredentialState<string> {
  if (target.auth.type === 'OAUTH2') {
    const moved = row.grantDestination !== grantDestination(target);
    const reason = moved ? MOVED : (row.reconnectReason ?? (row.refreshLost ? 'lost' : undefined));
    return toState(row.active, row.hasGrant, reason);
  }
  const moved = row.tokenDestination !== tokenDestination(target);
  return toState(row.active, row.hasToken, moved ? MOVED : row.tokenRejected ? REJECTED : undefined);
}

/** The condition of rows in a state, if the destination is the same for all users; the same as `userCredentialState`. */
export function whereState(state: UserState, target: Target): Prisma.IntegrationUserWhereInput {
  const isOAuth = target.auth.type === 'OAUTH2';
  const isStored: Prisma.IntegrationUserWhereInput = isOAuth
    ? { sealedGrant: { not: null } }
    : { sealed: { not: null } };
  if (state === 'not_connected') return { NOT: { ...isStored, active: true } };
  const isUsable: Prisma.IntegrationUserWhereInput = isOAuth
    ? {
        grantDestination: grantDestination(target),
        reconnectReason: null,
        OR: [{ refreshUntil: null }, { refreshUntil: { gte: new Date() } }],
      }
    : { tokenDestination: tokenDestination(target), tokenRejectedAt: null };
  const isActive = { ...isStored, active: true };
  return state === 'connected' ? { ...isActive, ...isUsable } : { ...isActive, NOT: isUsable };
}

export function integrationSecretState(
  row: { hasToken: boolean; tokenDestination: string | null; tokenRejected: boolean },
  target: Target,
): CredentialState<typeof MOVED | typeof REJECTED> {
  const moved = row.tokenDestination !== secretDestination(target);
  return toState(true, row.hasToken, moved ? MOVED : row.tokenRejected ? REJECTED : undefined);
}

const toState = <Reason>(active: boolean, isStored: boolean, reason: Reason | undefined): CredentialState<Reason> => ({
  isStored,
  isUsable: active && isStored && reason === undefined,
  ...(isStored && reason !== undefined && { reconnectReason: reason }),
});
