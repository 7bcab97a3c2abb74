import { problem } from '@errand/contracts';
import type { BearerChallenge } from '@errand/ports/service-auth';
import { EgressError, withAdvice } from '../egress/error.ts';
import { type EgressUse, isPassing, jsonAt } from './http.ts';
import { scopesIn } from './scopes.ts';

/** The metadata of a protected service (RFC 9728). */
export type ProtectedResource = {
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
export async function resourceMetadata(
  service: URL,
  { resourceMetadataUrl }: BearerChallenge,
  asking: EgressUse,
): Promise<ProtectedResource | undefined> {
  const path = service.pathname === '/' ? [] : [WELL_KNOWN + service.pathname];
  const wellKnown = [...path, WELL_KNOWN].map((wellKnownPath) => service.origin + wellKnownPath);
  let unanswered: unknown;
  for (const url of [...(resourceMetadataUrl === undefined ? [] : [resourceMetadataUrl]), ...wellKnown]) {
    try {
      const resource = read(await jsonAt(url, asking), service);
      if (resource) return resource;
    } catch (error) {
      mustBeUnanswered(error);
      if (isPassing(error)) unanswered ??= error;
    }
  }
  if (unanswered === undefined) return undefined;
  throw problem('oauth_failed', 'The metadata of the MCP server could not be loaded.', { cause: unanswered });
}

/** @throws the error, unless it means that the URL did not answer */
function mustBeUnanswered(error: unknown): void {
  if (!(error instanceof EgressError)) throw error;
  if (error.code !== 'url_not_allowed') return;
  const detail = withAdvice('The metadata URL of the MCP server may not be called.', error);
  throw problem('url_not_allowed', detail, { cause: error });
}

function read(value: unknown, service: URL): ProtectedResource | undefined {
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
