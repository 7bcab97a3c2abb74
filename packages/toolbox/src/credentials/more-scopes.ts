import type { ToolOutcome } from '@errand/contracts';
import type { Db, GrantScopes } from '@errand/db';
import { type Failure, scopesIn } from '@errand/integrations';
import type { GrantKey } from './grant-store.ts';

/** Scopes that a sentence names. */
const MAX_NAMED = 10;

const named = (scopes: readonly string[]): string =>
  scopes.length > MAX_NAMED
    ? `${scopes.slice(0, MAX_NAMED).join(', ')} and ${scopes.length - MAX_NAMED} more`
    : scopes.join(', ');

/**
 * What follows when a service wants more rights than an access token has. The user is asked once for what they were not asked for before;
 * what was given and does not help, or was asked for and not given, ends the call.
 */
export async function askForMore(
  db: Db,
  { workspaceId, connection, userId }: GrantKey,
  outcome: Failure,
): Promise<ToolOutcome> {
  const { grants } = db.forWorkspace(workspaceId);
  const { name, oauthServer } = connection;
  const stored = await grants.scopes(connection, userId);
  const requiredScopes = outcome.scopes?.length
    ? outcome.scopes
    : scopesIn((oauthServer as { scopes?: unknown } | undefined)?.scopes);
  const granted = scopesIn(stored?.granted);
  const requested = scopesIn(stored?.asked);
  const lacking = requiredScopes.filter((scope) => !granted.includes(scope));
  if (lacking.length === 0) {
    const scopesText = requiredScopes.length === 0 ? 'what they were asked for' : named(requiredScopes);
    return {
      ...outcome,
      message: `${name} refuses it although the user has allowed ${scopesText}: their account there may not do it.`,
    };
  }
  if (lacking.every((scope) => requested.includes(scope)))
    return {
      ...outcome,
      message: `${name} wants ${named(lacking)}, for which the user was asked and which they did not get.`,
    };
  await grants.want(connection, userId, requiredScopes);
  return {
    ...outcome,
    code: 'credential_missing',
    message: `${name} wants more rights: the user must allow ${named(lacking)}.`,
  };
}

/** Whether a service wants scopes for which the user was not asked yet. */
export function wantsMore(scopes: GrantScopes | undefined): boolean {
  const known = [...scopesIn(scopes?.asked), ...scopesIn(scopes?.granted)];
  return scopesIn(scopes?.wanted).some((scope) => !known.includes(scope));
}
