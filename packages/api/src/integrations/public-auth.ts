import type { Auth } from '@errand/contracts';
import type { PublicAuth } from '@errand/db';
import type { TokenLocation } from '@errand/ports/service-auth';
import { invalidField } from '../problems.ts';

type PlainAuth = Extract<Auth, { type: 'NONE' | 'API_TOKEN' }>;

/**
 * The authentication without its secret. The document fills in the fields that the caller omits; the last default is a bearer token.
 * The scheme of the document is stored too, for later changes.
 * @throws ProblemError validation_failed if neither the caller nor the document names the query parameter
 */
export function publicAuth(auth: PlainAuth, scheme: TokenLocation | undefined): PublicAuth {
  const base = scheme && { scheme };
  if (auth.type === 'NONE') return { type: 'NONE', ...base };
  const location = auth.in ?? (auth.name === undefined ? scheme?.in : undefined) ?? 'header';
  const name =
    auth.name ?? (scheme?.in === location ? scheme.name : undefined) ?? (location === 'header' ? 'Authorization' : '');
  if (name === '')
    throw invalidField('/auth/name', 'The document does not name the query parameter for the token. Send its name.');
  return { type: 'API_TOKEN', in: location, name, prefix: auth.prefix ?? prefixOf(location, name, scheme), ...base };
}

function prefixOf(location: string, name: string, scheme: TokenLocation | undefined): string {
  const same = scheme?.in === location && scheme.name.toLowerCase() === name.toLowerCase();
  if (same) return scheme.prefix;
  return location === 'header' && name.toLowerCase() === 'authorization' ? 'Bearer ' : '';
}

/** The token scheme of the document at registration. */
export const schemeOf = (auth: PublicAuth): TokenLocation | undefined => auth.scheme as TokenLocation | undefined;
