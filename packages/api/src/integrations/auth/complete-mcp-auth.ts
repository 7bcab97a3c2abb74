import { type Auth, type Json, problem, Secret } from '@errand/contracts';
import type { AuthorizationLookup, Connector } from '@errand/ports/credentials';
import type { BearerChallenge, OAuthHints, TokenLocation } from '@errand/ports/service-auth';
import { type CompletedAuth, completeAuth, withoutUndefined } from './complete-auth.ts';
import { isSameServer } from './pending-issuer.ts';

/** The header in which MCP servers accept a token. */
export const MCP_TOKEN: TokenLocation = { in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** An MCP server, and its challenge to a request without a credential. */
export type McpService = {
  workspaceId: string;
  url: string;
  /** Absent if the server did not refuse, or was not called. */
  challenge?: BearerChallenge;
  /** The stored authorization server. */
  stored?: Json;
};

export type CompletedMcpAuth = CompletedAuth & {
  /** The authorization server that the MCP server names, if the owner must confirm it first. */
  pendingIssuer?: string;
  /** For the owner. */
  warning?: string;
};

/**
 * The authentication at an MCP server: as the owner says, by default as the server says. For OAUTH2 it discovers the authorization
 * server, and registers a client there unless the owner names one. If the server does not answer now, discovery runs again when a user
 * connects. An authorization server at another site waits until the owner confirms it.
 * @throws ProblemError validation_failed, not_supported, mcp_failed, url_not_allowed, oauth_failed, oauth_issuer_mismatch
 */
export async function completeMcpAuth(
  connector: Connector,
  auth: Auth | undefined,
  service: McpService,
): Promise<CompletedMcpAuth> {
  if (auth && !MCP_TYPES.has(auth.type))
    throw notSupported('/auth/type', `An MCP server takes NONE, API_TOKEN or OAUTH2, not ${auth.type}.`);
  if (auth?.type === 'OAUTH2' && auth.pkce === 'off')
    throw notSupported('/auth/pkce', 'The authorization server of an MCP server must support PKCE.');
  if (auth?.type !== 'OAUTH2' && (auth || !service.challenge))
    return completeAuth(connector, auth ?? { type: 'NONE' }, {
      workspaceId: service.workspaceId,
      tokenLocation: MCP_TOKEN,
    });
  return completeOAuth(connector, auth, service);
}

const MCP_TYPES: ReadonlySet<string> = new Set(['NONE', 'API_TOKEN', 'OAUTH2']);

const notSupported = (pointer: string, message: string) =>
  problem('not_supported', message, { errors: [{ pointer, message }] });

async function completeOAuth(
  connector: Connector,
  auth: (Auth & { type: 'OAUTH2' }) | undefined,
  { workspaceId, url, challenge, stored }: McpService,
): Promise<CompletedMcpAuth> {
  const { clientSecret, issuer, authorizationUrl, tokenUrl, revocationUrl, scopes, ...ownerAuth } = auth ?? {
    type: 'OAUTH2' as const,
  };
  const ownerUrls: OAuthHints = withoutUndefined({ issuer, authorizationUrl, tokenUrl, revocationUrl });
  const registers = ownerAuth.clientId === undefined;
  const hints = { ownerHints: ownerUrls, challenge, assumesServer: auth !== undefined, registersClient: registers };
  const discovered = await connector.findAuthorization(workspaceId, url, hints);
  const isConfirmed = discovered.kind === 'foreign' && isSameServer(discovered.server, stored);
  const authorization = isConfirmed
    ? await withConfirmedServer(connector, workspaceId, discovered.server, registers)
    : discovered;
  const completed = {
    auth: {
      ...ownerAuth,
      scopes: scopes ?? [],
      ...(Object.keys(ownerUrls).length > 0 && { given: ownerUrls }),
    },
    token: clientSecret === undefined || ownerAuth.clientAuthentication === 'none' ? null : new Secret(clientSecret),
  };
  if (authorization.kind !== 'foreign') return { ...completed, ...serverOrWarning(authorization, completed.token) };
  if (!registers) throw issuerRequired(authorization);
  const warning = `${authorization.why} Errand uses it only after you confirm it: PATCH the integration with confirmIssuer.`;
  return {
    ...completed,
    // Until then users go to the stored server.
    ...(stored !== undefined && { oauthServer: stored }),
    auth: { ...completed.auth, ...(challenge && { challenge }) },
    pendingIssuer: authorization.issuer,
    warning,
  };
}

/** The result of `findAuthorization` for a server that needs no confirmation. */
const withConfirmedServer = async (
  connector: Connector,
  workspaceId: string,
  server: Json,
  registers: boolean,
): Promise<AuthorizationLookup> => (registers ? connector.withClient(workspaceId, server) : { kind: 'found', server });

/** The secret of the owner's client belongs to one server, so the owner must name that server. */
function issuerRequired({ why, issuer }: { why: string; issuer: string }) {
  const message = `Your client would be used at ${issuer}. If it is a client of that server, send auth with its issuer.`;
  return problem('oauth_failed', `${why} ${message}`, { errors: [{ pointer: '/auth/issuer', message }] });
}

function serverOrWarning(
  authorization: Exclude<AuthorizationLookup, { kind: 'foreign' }>,
  secret: Secret | null,
): { oauthServer?: Json; warning?: string } {
  if (authorization.kind === 'found') return { oauthServer: authorization.server };
  if (authorization.kind === 'none') {
    const message = 'The MCP server requires a credential but names no authorization server.';
    throw problem('mcp_failed', message, {
      remedy: 'Send auth API_TOKEN with a token, or OAUTH2 with the issuer.',
      errors: [{ pointer: '/auth', message }],
    });
  }
  // A client secret is sealed for its server, so the server must be known.
  if (secret)
    throw problem('oauth_failed', `${authorization.why} Try again once it does: the client secret is for it alone.`);
  const warning = `${authorization.why} Errand asks again when a user connects.`;
  return authorization.server === undefined ? { warning } : { oauthServer: authorization.server, warning };
}
