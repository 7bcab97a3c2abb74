import { problem } from '@errand/contracts';
import type { ServiceHints } from '@errand/ports/credentials';
import type { BearerChallenge, OAuthHints } from '@errand/ports/service-auth';
import ipaddr from 'ipaddr.js';
import { EgressError, urlNotAllowed } from '../egress/error.ts';
import { discoverAuthorization } from './discover.ts';
import { type EgressContext, isTemporaryError, readJson } from './http.ts';
import { scopesIn } from './scopes.ts';
import type { AuthorizationServer } from './server.ts';

/** The authorization server of a protected service: plain JSON, so that it can be stored. */
export type ServiceAuthorization = AuthorizationServer & {
  /** The resource indicator of the service (RFC 8707). */
  resource: string;
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
  { challenge = {}, ownerHints: configured = {}, knownIssuer, assumesServer = false }: Partial<ServiceHints>,
  context: EgressContext,
): Promise<ServiceAuthorization | undefined> {
  const resource = await resourceMetadata(service, challenge, context);
  const issuers = resource?.issuers ?? [];
  const issuer = issuers.find((candidate) => candidate === knownIssuer) ?? issuers[0];
  const hints = {
    ...(isCompleteAuthorization(configured) ? {} : { issuer: issuer ?? service.origin }),
    ...configured,
    requirePkce: true,
  };
  const serviceMembers = {
    resource: resource?.resource ?? service.href,
    scopes: challenge.scopes ?? resource?.scopes ?? [],
    ...(challenge.resourceMetadataUrl !== undefined && { resourceMetadataUrl: challenge.resourceMetadataUrl }),
  };
  try {
    return { ...(await discoverAuthorization(hints, context)), ...serviceMembers };
  } catch (error) {
    const isUnnamed = issuer === undefined && !isCompleteAuthorization(configured) && !isTemporaryError(error);
    if (!isUnnamed || (error as { code?: string }).code !== 'oauth_failed') throw error;
    return assumesServer && resource === undefined ? { ...earlierPaths(service), ...serviceMembers } : undefined;
  }
}

export const isCompleteAuthorization = ({ issuer, authorizationUrl, tokenUrl }: OAuthHints): boolean =>
  issuer !== undefined || (authorizationUrl !== undefined && tokenUrl !== undefined);

/** The endpoints of a server without metadata in revision 2025-03-26. */
const earlierPaths = ({ origin }: URL): AuthorizationServer => ({
  authorizationUrl: `${origin}/authorize`,
  tokenUrl: `${origin}/token`,
  registrationUrl: `${origin}/register`,
});

type ProtectedResource = {
  /** The resource indicator of the service (RFC 8707). */
  resource: string;
  /** Its authorization servers, the preferred one first. */
  issuers: string[];
  scopes: string[];
};

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const MAX_ISSUERS = 10;
const MAX_LETTERS = 1000;

/**
 * The metadata of a protected service, if it has any: at the URL of its challenge, else at its well-known URLs.
 * @throws ProblemError url_not_allowed; oauth_failed if they are of another service, or if one of the URLs does not answer
 */
async function resourceMetadata(
  service: URL,
  { resourceMetadataUrl }: BearerChallenge,
  context: EgressContext,
): Promise<ProtectedResource | undefined> {
  const path = service.pathname === '/' ? [] : [WELL_KNOWN + service.pathname];
  const wellKnown = [...path, WELL_KNOWN].map((wellKnownPath) => service.origin + wellKnownPath);
  let unanswered: unknown;
  for (const url of [...(resourceMetadataUrl === undefined ? [] : [resourceMetadataUrl]), ...wellKnown]) {
    try {
      const resource = resourceFrom(await readJson(url, context), service);
      if (resource) return resource;
    } catch (error) {
      rethrowUnlessUnanswered(error);
      if (isTemporaryError(error)) unanswered ??= error;
    }
  }
  if (unanswered === undefined) return undefined;
  throw problem('oauth_failed', 'The metadata of the MCP server could not be loaded.', { cause: unanswered });
}

/** @throws the error, unless it means that the URL did not answer */
function rethrowUnlessUnanswered(error: unknown): void {
  if (!(error instanceof EgressError)) throw error;
  if (error.code !== 'url_not_allowed') return;
  throw urlNotAllowed(error, undefined, 'The metadata URL of the MCP server may not be called.');
}

function resourceFrom(value: unknown, service: URL): ProtectedResource | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { resource, authorization_servers: servers, scopes_supported: scopes } = value as Record<string, unknown>;
  if (typeof resource !== 'string') return undefined;
  if (resource.length > MAX_LETTERS || !covers(resource, service)) {
    throw problem('oauth_failed', 'The metadata of the MCP server are for another service, so they are not trusted.');
  }
  const issuers = (Array.isArray(servers) ? servers : []).filter(
    (server): server is string => typeof server === 'string' && server.length <= MAX_LETTERS && URL.canParse(server),
  );
  return { resource, issuers: issuers.slice(0, MAX_ISSUERS), scopes: scopesIn(scopes) };
}

/** Whether a resource is the service or a path above it, at the same origin. */
function covers(resource: string, service: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname } = new URL(resource);
  const folder = (path: string) => (path.endsWith('/') ? path : `${path}/`);
  return origin === service.origin && folder(service.pathname).startsWith(folder(pathname));
}

/**
 * Whether an authorization server belongs to the operator of a service, as far as names prove it: each of its URLs is at the host and
 * port of the service, or at a subdomain, which only the owner of the host controls. Sibling and parent domains prove nothing without a
 * list of public suffixes (`a.github.io`, `b.github.io`). Different ports of a host may belong to different parties.
 */
export function isSameSite(server: AuthorizationServer, service: URL): boolean {
  const { issuer, authorizationUrl, tokenUrl, revocationUrl, registrationUrl } = server;
  const urls = [issuer, authorizationUrl, tokenUrl, revocationUrl, registrationUrl];
  const hasSubdomains = service.hostname.includes('.') && !ipaddr.isValid(service.hostname);
  return urls.every((url) => {
    if (url === undefined) return true;
    const { host, hostname } = new URL(url);
    return host === service.host || (hasSubdomains && hostname.endsWith(`.${service.hostname}`));
  });
}
