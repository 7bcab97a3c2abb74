const MAX_SCOPES = 200;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,500}$/;
/** The scope by which some servers are asked for a refresh token (OpenID Connect Core §11). */
const OFFLINE = 'offline_access';

/** The scopes in a text, or in a list that a server sent; what is no scope is left out. */
export function scopesIn(value: unknown): string[] {
  const words = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  const scopes = words.filter((word): word is string => typeof word === 'string' && SCOPE.test(word));
  return [...new Set(scopes)].slice(0, MAX_SCOPES);
}

/** What a user is asked for: all of these, and a refresh token where the server has a scope for that. */
export function scopesToAsk(
  lists: readonly (readonly string[])[],
  { offersOfflineAccess = false }: { offersOfflineAccess?: boolean },
): string[] {
  const all = new Set(lists.flat());
  if (offersOfflineAccess && all.size > 0) all.add(OFFLINE);
  return [...all].slice(0, MAX_SCOPES);
}
