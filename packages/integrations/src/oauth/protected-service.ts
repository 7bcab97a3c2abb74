import type { ServiceHints } from '@errand/ports/credentials';
import type { OAuthHints } from '@errand/ports/service-auth';
import { discover } from './discover.ts';
import { type EgressUse, isPassing } from './http.ts';
import { resourceMetadata } from './resource.ts';
import type { AuthorizationServer } from './server.ts';

/** The authorization server of a protected service: plain JSON, so that it can be stored. */
export type ServiceAuthorization = AuthorizationServer & {
  /** The resource indicator of the service (RFC 8707). */
  resource: string;
  /** The scopes that the service requires. */
  scopes: string[];
  /** The URL of its metadata, from its challenge. */
  resourceMetadataUrl?: string;
};

/**
 * Finds the authorization server of a protected service, if it has one: by the metadata of the service, else at its origin. The server
 * must support PKCE.
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
  const serviceMembers = {
    resource: resource?.resource ?? service.href,
    scopes: challenge.scopes ?? resource?.scopes ?? [],
    ...(challenge.resourceMetadataUrl !== undefined && { resourceMetadataUrl: challenge.resourceMetadataUrl }),
  };
  try {
    return { ...(await discover(hints, asking)), ...serviceMembers };
  } catch (error) {
    const unnamed = issuer === undefined && !isComplete(configured) && !isPassing(error);
    if (!unnamed || (error as { code?: string }).code !== 'oauth_failed') throw error;
    return certain && resource === undefined ? { ...earlierPaths(service), ...serviceMembers } : undefined;
  }
}

/** Whether the hints name an authorization server. */
export const isComplete = ({ issuer, authorizationUrl, tokenUrl }: OAuthHints): boolean =>
  issuer !== undefined || (authorizationUrl !== undefined && tokenUrl !== undefined);

/** The endpoints of a server without metadata in revision 2025-03-26. */
const earlierPaths = ({ origin }: URL): AuthorizationServer => ({
  authorizationUrl: `${origin}/authorize`,
  tokenUrl: `${origin}/token`,
  registrationUrl: `${origin}/register`,
});
