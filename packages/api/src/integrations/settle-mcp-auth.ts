import { type Auth, type Json, problem, Secret } from '@errand/contracts';
import type { Connector, FoundAuthorization } from '../decisions/answer/connector.ts';
import type { McpChallenge, TokenLocation } from '../importer.ts';
import { type SettledAuth, settleAuth } from './settle-auth.ts';

/** Where MCP servers take a token. */
export const MCP_TOKEN: TokenLocation = { in: 'header', name: 'Authorization', prefix: 'Bearer ' };

/** An MCP server, and what it said when it was asked for its tools without a credential. */
export type McpService = {
  workspaceId: string;
  url: string;
  /** Absent when it did not refuse, or was not asked. */
  challenge?: McpChallenge;
  /** The issuer that is stored. */
  knownIssuer?: string;
};

/**
 * How to authenticate at an MCP server: as the owner says, else as the server says. With OAUTH2 its authorization server is found, and a
 * client is registered there unless the owner names one. A server that does not answer now is asked again when a user connects.
 * @returns also a warning for the owner
 * @throws ProblemError validation_failed, not_supported, mcp_failed, url_not_allowed, oauth_failed, oauth_issuer_mismatch
 */
export async function settleMcpAuth(
  connector: Connector,
  auth: Auth | undefined,
  service: McpService,
): Promise<SettledAuth & { warning?: string }> {
  if (auth?.type === 'AWS_ASSUME_ROLE' || auth?.type === 'GOOGLE_SERVICE_ACCOUNT_OAUTH') {
    const message = `An MCP server takes NONE, API_TOKEN or OAUTH2; ${auth.type} is not served there.`;
    throw problem('not_supported', message, { errors: [{ pointer: '/auth/type', message }] });
  }
  if (auth?.type !== 'OAUTH2' && (auth || !service.challenge))
    return settleAuth(connector, auth ?? { type: 'NONE' }, { tokenLocation: MCP_TOKEN });
  const { clientSecret, issuer, authorizationUrl, tokenUrl, revocationUrl, scopes, ...plain } = auth ?? {
    type: 'OAUTH2' as const,
  };
  const urls = Object.entries({ issuer, authorizationUrl, tokenUrl, revocationUrl });
  const given: Record<string, string> = Object.fromEntries(
    urls.flatMap(([name, url]) => (url === undefined ? [] : [[name, url]])),
  );
  const { workspaceId, url, challenge, knownIssuer } = service;
  const found = await connector.findAuthorization(workspaceId, url, {
    ...{ given, challenge, knownIssuer },
    certain: auth !== undefined,
    registers: plain.clientId === undefined,
  });
  const settled = {
    auth: { ...plain, scopes: scopes ?? [], ...(Object.keys(given).length > 0 && { given }) },
    token: clientSecret === undefined || plain.clientAuthentication === 'none' ? null : new Secret(clientSecret),
  };
  return { ...settled, ...foundOf(found, settled.token) };
}

function foundOf(found: FoundAuthorization, secret: Secret | null): { oauthServer?: Json; warning?: string } {
  if (found.kind === 'found') return { oauthServer: found.server };
  if (found.kind === 'none') {
    const why =
      'It wants a credential and names no authorization server. Give auth API_TOKEN with a token, or OAUTH2 with the issuer.';
    throw problem('mcp_failed', why, { errors: [{ pointer: '/auth', message: why }] });
  }
  // The secret of a client is sealed for its server, so that must be known.
  if (secret) throw problem('oauth_failed', `${found.why} Try again once it does: the client secret is for it alone.`);
  const warning = `${found.why} It is asked again when a user connects.`;
  return found.server === undefined ? { warning } : { oauthServer: found.server, warning };
}
