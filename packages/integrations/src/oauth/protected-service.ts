import type { ServiceHints } from '@errand/ports/credentials';
import type { OAuthHints } from '@errand/ports/service-auth';
import { discover } from './discover.ts';
import { type EgressUse, isPassing } from './http.ts';
import { resourceMetadata } from './resource.ts';
import type { AuthorizationServer } from './server.ts';

/** The authorization server of a protected service; plain JSON, fit to be kept. */
export type ServiceAuthorization = AuthorizationServer & {
  /** What tokens for the service are asked for (RFC 8707). */
  resource: string;
  /** The scopes that the service wants. */
  scopes: string[];
  /** Where its challenge said that its metadata stand. */
  resourceMetadataUrl?: string;
};

/**
 * Finds the authorization server of a protected service: by the metadata of the service, else at its own origin. Undefined when there is
 * none. The server must do PKCE.
 * @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed
 */
export async function authorizationOf(
  service: URL,
  { challenge = {}, given: configured = {}, knownIssuer, certain = false }: Partial<ServiceHints>,
  asking: EgressUse,
): Promise<ServiceAuthorization | undefined> {
  const resource = await resourceMetadata(service, challenge, asking);
  const named = resource?.issuers ?? [];
  const issuer = named.find((candidate) => candidate === knownIssuer) ?? named[0];
  const hints = {
    ...(isComplete(configured) ? {} : { issuer: issuer ?? service.origin }),
    ...configured,
    requirePkce: true,
  };
  const configuredMembers = {
    resource: resource?.resource ?? service.href,
    scopes: challenge.scopes ?? resource?.scopes ?? [],
    ...(challenge.resourceMetadataUrl !== undefined && { resourceMetadataUrl: challenge.resourceMetadataUrl }),
  };
  try {
    return { ...(await discover(hints, asking)), ...configuredMembers };
  } catch (error) {
    const unnamed = issuer === undefined && !isComplete(configured) && !isPassing(error);
    if (!unnamed || (error as { code?: string }).code !== 'oauth_failed') throw error;
    return certain && resource === undefined ? { ...earlierPaths(service), ...configuredMembers } : undefined;
  }
}

/** Whether hints name an authorization server. */
export const isComplete = ({ issuer, authorizationUrl, tokenUrl }: OAuthHints): boolean =>
  issuer !== undefined || (authorizationUrl !== undefined && tokenUrl !== undefined);

/** Where revision 2025-03-26 has the endpoints of a server without metadata. */
const earlierPaths = ({ origin }: URL): AuthorizationServer => ({
  authorizationUrl: `${origin}/authorize`,
  tokenUrl: `${origin}/token`,
  registrationUrl: `${origin}/register`,
});
