import { grantDestination, secretDestination, type Target, tokenDestination } from './destination.ts';

/** The state of a user's credentials at an integration, as columns show it. */
export type UserCredentialRow = {
  active: boolean;
  hasToken: boolean;
  tokenDestination: string | null;
  tokenRejected: boolean;
  hasGrant: boolean;
  grantDestination: string | null;
  /** Why the authorization server refuses further tokens for the grant. */
  reconnectReason: string | null;
  /** A refresh did not end in time: it may have consumed the refresh token. */
  refreshLost: boolean;
};

/** Whether there is a usable credential; if it is not usable, why the user must store it again. */
type CredentialState<Reason> = { kept: boolean; usable: boolean; reconnectReason?: Reason };

/** The credential is for another origin or authorization server than the integration has. */
const MOVED = 'origin_changed';
/** The service answered 401 to it. */
const REJECTED = 'rejected';

/** The state of a user's credential of the type that the integration uses now. */
export function userCredentialState(row: UserCredentialRow, target: Target): CredentialState<string> {
  if (target.auth.type === 'OAUTH2') {
    const moved = row.grantDestination !== grantDestination(target);
    const reason = moved ? MOVED : (row.reconnectReason ?? (row.refreshLost ? 'lost' : undefined));
    return state(row.active, row.hasGrant, reason);
  }
  const moved = row.tokenDestination !== tokenDestination(target);
  return state(row.active, row.hasToken, moved ? MOVED : row.tokenRejected ? REJECTED : undefined);
}

/** The state of an integration's own token or secret. */
export function ownSecretState(
  row: { hasToken: boolean; tokenDestination: string | null; tokenRejected: boolean },
  target: Target,
): CredentialState<typeof MOVED | typeof REJECTED> {
  const moved = row.tokenDestination !== secretDestination(target);
  return state(true, row.hasToken, moved ? MOVED : row.tokenRejected ? REJECTED : undefined);
}

const state = <Reason>(active: boolean, isStored: boolean, reason: Reason | undefined): CredentialState<Reason> => ({
  kept: isStored,
  usable: active && isStored && reason === undefined,
  ...(isStored && reason !== undefined && { reconnectReason: reason }),
});
