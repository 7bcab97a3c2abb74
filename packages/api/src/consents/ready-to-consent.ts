import { isDeepStrictEqual } from 'node:util';
import { problem } from '@errand/contracts';
import type { Connection } from '@errand/db';
import type { Connector, FoundAuthorization } from '@errand/ports/credentials';
import type { OAuthHints } from '@errand/ports/service-auth';
import { isUnconfirmed } from '../integrations/pending-issuer.ts';
import type { ConsentRequest } from './consent-request.ts';

/** `changed`: the user has not seen the authorization server yet. `later`: the server does not answer now. */
export type Readiness =
  | { kind: 'ready'; connection: Connection }
  | { kind: 'changed'; connection: Connection }
  | { kind: 'later'; why: string };

/**
 * Prepares an integration for a consent: discovers the authorization server of an MCP server if it is unknown, and registers a client
 * there if none exists or its secret has expired.
 * @throws ProblemError oauth_failed and others of discovery; consent_gone
 */
export async function readyToConsent(
  { connector, accessChanged }: { connector: Connector; accessChanged: (workspaceId: string) => void },
  { connection, workspaceId, workspaceDb }: Pick<ConsentRequest, 'connection' | 'workspaceId' | 'workspaceDb'>,
): Promise<Readiness> {
  const { kind, auth, oauthServer, baseUrl } = connection;
  const registers = auth.clientId === undefined;
  if (kind !== 'mcp' || (oauthServer !== undefined && !registers)) return { kind: 'ready', connection };
  const hints = { given: (auth.given ?? {}) as OAuthHints, certain: true, registers };
  const authorization: FoundAuthorization =
    oauthServer === undefined
      ? await connector.findAuthorization(workspaceId, baseUrl, hints)
      : await connector.withClient(workspaceId, oauthServer);
  if (authorization.kind === 'later') return { kind: 'later', why: authorization.why };
  if (authorization.kind === 'foreign') {
    await workspaceDb.integrations.setPendingIssuer(connection, authorization.issuer);
    throw unconfirmed(connection);
  }
  if (authorization.kind === 'none')
    throw problem('oauth_failed', 'The service no longer names an authorization server.');
  if (isDeepStrictEqual(authorization.server, oauthServer)) return { kind: 'ready', connection };
  const stored = await workspaceDb.integrations.setAuthorization(connection, authorization.server);
  if (!stored) throw problem('consent_gone', 'The integration was deleted.');
  accessChanged(workspaceId);
  return { kind: oauthServer === undefined ? 'changed' : 'ready', connection: stored };
}

const unconfirmed = ({ name }: Connection) =>
  problem(
    'oauth_failed',
    `${name} sends its users to another site to sign in, and its owner has not confirmed that site yet. Ask the owner.`,
    { remedy: 'Confirm the authorization server: PATCH the integration with `confirmIssuer`.' },
  );

/** @throws ProblemError oauth_failed if the owner must confirm the authorization server first */
export function mustBeConfirmed(connection: Connection): void {
  if (isUnconfirmed(connection)) throw unconfirmed(connection);
}

/**
 * The scopes that a user is asked for: those of the owner, by default those of the service. If the service required more scopes during a
 * run, they are added to the granted scopes.
 */
export async function scopesOf({
  connection,
  userId,
  workspaceDb,
}: Pick<ConsentRequest, 'connection' | 'userId' | 'workspaceDb'>) {
  const { auth, oauthServer } = connection;
  const lists = [auth.scopes, (oauthServer as { scopes?: unknown } | undefined)?.scopes];
  const first = (lists.find((list) => Array.isArray(list) && list.length > 0) ?? []) as unknown[];
  const scopes = first.filter((scope) => typeof scope === 'string');
  const storedScopes = await workspaceDb.grants.scopes(connection, userId);
  if (!storedScopes?.wanted) return scopes;
  const more = [storedScopes.granted, storedScopes.wanted].flatMap((text) => text?.split(' ').filter(Boolean) ?? []);
  return [...new Set([...scopes, ...more])];
}
