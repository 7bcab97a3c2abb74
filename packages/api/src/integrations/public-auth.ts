import { type Auth, problem } from '@errand/contracts';
import type { PublicAuth } from '@errand/db';
import type { TokenPlace } from '../importer.ts';

type PlainAuth = Extract<Auth, { type: 'NONE' | 'API_TOKEN' }>;

/**
 * How to authenticate, without the secret. What the caller leaves open is as the document says, and failing that a bearer
 * token. The document's own word is kept too, for later changes.
 * @throws ProblemError validation_failed when a query parameter is wanted and nobody names it
 */
export function publicAuth(auth: PlainAuth, scheme: TokenPlace | undefined): PublicAuth {
  const kept = scheme && { scheme };
  if (auth.type === 'NONE') return { type: 'NONE', ...kept };
  const place = auth.in ?? (auth.name === undefined ? scheme?.in : undefined) ?? 'header';
  const name =
    auth.name ?? (scheme?.in === place ? scheme.name : undefined) ?? (place === 'header' ? 'Authorization' : '');
  if (name === '') {
    const message = 'Name the query parameter that takes the token; the document does not.';
    throw problem('validation_failed', message, { errors: [{ pointer: '/auth/name', message }] });
  }
  return { type: 'API_TOKEN', in: place, name, prefix: auth.prefix ?? prefixOf(place, name, scheme), ...kept };
}

function prefixOf(place: string, name: string, scheme: TokenPlace | undefined): string {
  const same = scheme?.in === place && scheme.name.toLowerCase() === name.toLowerCase();
  if (same) return scheme.prefix;
  return place === 'header' && name.toLowerCase() === 'authorization' ? 'Bearer ' : '';
}

/** What the document said of tokens when the integration was made. */
export const schemeOf = (auth: PublicAuth): TokenPlace | undefined => auth.scheme as TokenPlace | undefined;
