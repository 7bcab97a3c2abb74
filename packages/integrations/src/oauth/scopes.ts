const MAX_SCOPES = 200;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;
/** Some servers issue a refresh token only with this scope (OpenID Connect Core §11). */
const OFFLINE_ACCESS = 'offline_access';

/** The valid scopes in a text or in a server's list. */
export function scopesIn(value: unknown): string[] {
  const words = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  const scopes = words.filter((word): word is string => typeof word === 'string' && SCOPE.test(word));
  return [...new Set(scopes)].slice(0, MAX_SCOPES);
}

/** The scopes to request: all of the lists, and `offline_access` where the server has it. */
export function scopesToRequest(
  lists: readonly (readonly string[])[],
  { offersOfflineAccess = false }: { offersOfflineAccess?: boolean },
): string[] {
  const scopes = new Set(lists.flat());
  if (offersOfflineAccess && scopes.size > 0) scopes.add(OFFLINE_ACCESS);
  return [...scopes].slice(0, MAX_SCOPES);
}
