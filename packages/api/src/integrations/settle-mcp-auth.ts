import { type Auth, type Json, problem, Secret } from '@errand/contracts';
import type { Connector, FoundAuthorization } from '@errand/ports/credentials';
import type { BearerChallenge, TokenLocation } from '@errand/ports/service-auth';
import { isSameServer } from './pending-issuer.ts';
import { type SettledAuth, settleAuth } from './settle-auth.ts';

/** Where MCP servers take a token. */
export const MCP_TOKEN: TokenLocation = { in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** An MCP server, and what it said when it was asked for its tools without a credential. */
export type McpService = {
  workspaceId: string;
  url: string;
  /** Absent when it did not refuse, or was not asked. */
  challenge?: BearerChallenge;
  /** The authorization server that is stored. */
  stored?: Json;
};

/** How to authenticate at an MCP server. */
export type SettledMcpAuth = SettledAuth & {
  /** The authorization server that the MCP server names, when its owner must confirm it first. */
  pendingIssuer?: string;
  /** For the owner. */
  warning?: string;
};

/**
 * How to authenticate at an MCP server: as the owner says, else as the server says. With OAUTH2 its authorization server is found, and a
 * client is registered there unless the owner names one. A server that does not answer now is asked again when a user connects; one of
 * another site than the MCP server waits until the owner has confirmed it.
 * @throws ProblemError validation_failed, not_supported, mcp_failed, url_not_allowed, oauth_failed, oauth_issuer_mismatch
 */
export async function settleMcpAuth(
  connector: Connector,
  auth: Auth | undefined,
  service: McpService,
): Promise<SettledMcpAuth> {
  if (auth?.type === 'AWS_ASSUME_ROLE' || auth?.type === 'GOOGLE_SERVICE_ACCOUNT_OAUTH') {
    const message = `An MCP server takes NONE, API_TOKEN or OAUTH2; ${auth.type} is not served there.`;
    throw problem('not_supported', message, { errors: [{ pointer: '/auth/type', message }] });
  }
  if (auth?.type !== 'OAUTH2' && (auth || !service.challenge))
    return settleAuth(connector, auth ?? { type: 'NONE' }, { tokenLocation: MCP_TOKEN });
  return settleOAuth(connector, auth, service);
}

async function settleOAuth(
  connector: Connector,
  auth: (Auth & { type: 'OAUTH2' }) | undefined,
  { workspaceId, url, challenge, stored }: McpService,
): Promise<SettledMcpAuth> {
  const { clientSecret, issuer, authorizationUrl, tokenUrl, revocationUrl, scopes, ...plain } = auth ?? {
    type: 'OAUTH2' as const,
  };
  const urls = Object.entries({ issuer, authorizationUrl, tokenUrl, revocationUrl });
  const ownerUrls: Record<string, string> = Object.fromEntries(
    urls.flatMap(([name, url]) => (url === undefined ? [] : [[name, url]])),
  );
  const registers = plain.clientId === undefined;
  const hints = { given: ownerUrls, challenge, certain: auth !== undefined, registers };
  const named = await connector.findAuthorization(workspaceId, url, hints);
  const isConfirmed = named.kind === 'foreign' && isSameServer(named.server, stored);
  const authorization = isConfirmed ? await confirmed(connector, workspaceId, named.server, registers) : named;
  const settled = {
    auth: { ...plain, scopes: scopes ?? [], ...(urls.some(([, url]) => url !== undefined) && { given: ownerUrls }) },
    token: clientSecret === undefined || plain.clientAuthentication === 'none' ? null : new Secret(clientSecret),
  };
  if (authorization.kind !== 'foreign') return { ...settled, ...foundOf(authorization, settled.token) };
  if (!registers) throw namedByHand(authorization);
  const warning = `${authorization.why} It is not used before you confirm it: PATCH the integration with confirmIssuer.`;
  return {
    ...settled,
    // Users are sent to the one of before until then.
    ...(stored !== undefined && { oauthServer: stored }),
    auth: { ...settled.auth, ...(challenge && { challenge }) },
    pendingIssuer: authorization.issuer,
    warning,
  };
}

/** What `findAuthorization` would have found of a server that needs no confirmation. */
const confirmed = async (
  connector: Connector,
  workspaceId: string,
  server: Json,
  registers: boolean,
): Promise<FoundAuthorization> => (registers ? connector.withClient(workspaceId, server) : { kind: 'found', server });

/** A client of the owner has its secret for one server, so the owner says which. */
function namedByHand({ why, issuer }: { why: string; issuer: string }) {
  const message = `Your client would be used at ${issuer}. If it is a client of that server, give auth with its issuer, too.`;
  return problem('oauth_failed', `${why} ${message}`, { errors: [{ pointer: '/auth/issuer', message }] });
}

function foundOf(
  authorization: Exclude<FoundAuthorization, { kind: 'foreign' }>,
  secret: Secret | null,
): { oauthServer?: Json; warning?: string } {
  if (authorization.kind === 'found') return { oauthServer: authorization.server };
  if (authorization.kind === 'none') {
    const why =
      'It wants a credential and names no authorization server. Give auth API_TOKEN with a token, or OAUTH2 with the issuer.';
    throw problem('mcp_failed', why, { errors: [{ pointer: '/auth', message: why }] });
  }
  // The secret of a client is sealed for its server, so that must be known.
  if (secret)
    throw problem('oauth_failed', `${authorization.why} Try again once it does: the client secret is for it alone.`);
  const warning = `${authorization.why} It is asked again when a user connects.`;
  return authorization.server === undefined ? { warning } : { oauthServer: authorization.server, warning };
}
