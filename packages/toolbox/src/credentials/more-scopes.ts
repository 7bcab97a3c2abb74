import type { ToolOutcome } from '@errand/contracts';
import type { Db, GrantScopes } from '@errand/db';
import { type Failure, scopesIn } from '@errand/integrations';
import type { GrantKey } from './grant-store.ts';

const MAX_NAMED = 10;

const listText = (scopes: readonly string[]): string =>
  scopes.length > MAX_NAMED
    ? `${scopes.slice(0, MAX_NAMED).join(', ')} and ${scopes.length - MAX_NAMED} more`
    : scopes.join(', ');

/**
 * The outcome if a service requires more scopes than an access token has. The user is asked once for scopes that were not requested
 * before. Scopes that were granted without effect, or requested but not granted, end the call.
 */
export async function askForMore(
  db: Db,
  { workspaceId, connection, userId }: GrantKey,
  outcome: Failure,
): Promise<ToolOutcome> {
  const { grants } = db.forWorkspace(workspaceId);
  const { name, oauthServer } = connection;
  const storedScopes = await grants.scopes(connection, userId);
  const requiredScopes = outcome.scopes?.length
    ? outcome.scopes
    : scopesIn((oauthServer as { scopes?: unknown } | undefined)?.scopes);
  const granted = scopesIn(storedScopes?.granted);
  const requested = scopesIn(storedScopes?.requested);
  const missingScopes = requiredScopes.filter((scope) => !granted.includes(scope));
  if (missingScopes.length === 0) {
    const scopesText = requiredScopes.length === 0 ? 'the requested scopes' : listText(requiredScopes);
    const message = `${name} refuses the call although the user has granted ${scopesText}: the account of the user lacks the permission.`;
    return { ...outcome, message };
  }
  if (missingScopes.every((scope) => requested.includes(scope)))
    return { ...outcome, message: `${name} requires ${listText(missingScopes)}, which was requested but not granted.` };
  await grants.addRequiredScopes(connection, userId, requiredScopes);
  const message = `${name} requires more scopes: the user must grant ${listText(missingScopes)}.`;
  return { ...outcome, code: 'credential_missing', message };
}

/** Whether a service requires scopes that were not requested yet. */
export function requiresMore(scopes: GrantScopes | undefined): boolean {
  const earlier = [...scopesIn(scopes?.requested), ...scopesIn(scopes?.granted)];
  return scopesIn(scopes?.required).some((scope) => !earlier.includes(scope));
}
