import { Auth, controlsCall, isForbiddenHeader, type RequestSettings } from '@errand/contracts';
import type { ImportedService } from '@errand/ports/importer';
import type { TokenLocation } from '@errand/ports/service-auth';

const WARNING_START = 'No credential is sent, but ';

type Required = Pick<ImportedService, 'requiredCredential'>;

/**
 * The authentication that a document requires, if users can give the credential without the owner. Otherwise NONE, also where a header or
 * a parameter of the owner takes the place of the credential.
 */
export function authOfDocument({ requiredCredential }: Required, { headers = {}, query = {} }: RequestSettings): Auth {
  // The text is of the document, so it is checked as a text of the owner is.
  const { data: auth } = Auth.safeParse(requiredCredential?.auth);
  if (auth?.type !== 'API_TOKEN' && auth?.type !== 'BASIC') return { type: 'NONE' };
  const { in: part, name } = locationOf(auth) ?? { in: 'header', name: 'Authorization' };
  const lower = name.toLowerCase();
  const isOfOwner =
    part === 'query'
      ? Object.hasOwn(query, name)
      : Object.keys(headers).some((header) => header.toLowerCase() === lower);
  const isOfCall = part === 'header' && (isForbiddenHeader(name) || controlsCall(name));
  return isOfOwner || isOfCall ? { type: 'NONE' } : auth;
}

/** Where a token is sent, if that is complete. */
export const locationOf = (auth: Auth): TokenLocation | undefined =>
  auth.type === 'API_TOKEN' && auth.in !== undefined && auth.name !== undefined
    ? { in: auth.in, name: auth.name, prefix: auth.prefix ?? '' }
    : undefined;

/** The warning that a document requires a credential but the integration has none. */
export function missingCredentialWarnings({ type }: { type: string }, { requiredCredential }: Required): string[] {
  if (type !== 'NONE' || requiredCredential === undefined) return [];
  const { requiringCount, operationCount, scheme, advice } = requiredCredential;
  return [`${WARNING_START}${requiringCount} of ${operationCount} operations ask for ${scheme}. ${advice}`];
}

/** The warnings without that of `missingCredentialWarnings`. */
export const withoutMissingCredentialWarnings = (warnings: readonly string[]): string[] =>
  warnings.filter((warning) => !warning.startsWith(WARNING_START));
