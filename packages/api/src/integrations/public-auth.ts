import type { Auth } from '@errand/contracts';
import type { PublicAuth } from '@errand/db';
import type { TokenLocation } from '@errand/ports/service-auth';
import { invalidField } from '../invalid-field.ts';

type PlainAuth = Extract<Auth, { type: 'NONE' | 'API_TOKEN' }>;

/**
 * How to authenticate, without the secret. What the caller leaves open is as the document says, and failing that a bearer
 * token. The document's own word is kept too, for later changes.
 * @throws ProblemError validation_failed when a query parameter is wanted and nobody names it
 */
export function publicAuth(auth: PlainAuth, scheme: TokenLocation | undefined): PublicAuth {
  const base = scheme && { scheme };
  if (auth.type === 'NONE') return { type: 'NONE', ...base };
  const location = auth.in ?? (auth.name === undefined ? scheme?.in : undefined) ?? 'header';
  const name =
    auth.name ?? (scheme?.in === location ? scheme.name : undefined) ?? (location === 'header' ? 'Authorization' : '');
  if (name === '')
    throw invalidField('/auth/name', 'Name the query parameter that takes the token; the document does not.');
  return { type: 'API_TOKEN', in: location, name, prefix: auth.prefix ?? prefixOf(location, name, scheme), ...base };
}

function prefixOf(location: string, name: string, scheme: TokenLocation | undefined): string {
  const same = scheme?.in === location && scheme.name.toLowerCase() === name.toLowerCase();
  if (same) return scheme.prefix;
  return location === 'header' && name.toLowerCase() === 'authorization' ? 'Bearer ' : '';
}

/** What the document said of tokens when the integration was made. */
export const schemeOf = (auth: PublicAuth): TokenLocation | undefined => auth.scheme as TokenLocation | undefined;
