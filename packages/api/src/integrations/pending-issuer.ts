import { type Json, problem } from '@errand/contracts';
import type { Connection, IntegrationPatch, WorkspaceDb } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import type { BearerChallenge, OAuthHints } from '@errand/ports/service-auth';
import { invalidField } from '../invalid-field.ts';
import { forgetsGrants } from './settle-auth.ts';

type Server = { issuer?: string; tokenUrl?: string; resourceMetadataUrl?: string };

const serverOf = ({ oauthServer }: Pick<Connection, 'oauthServer'>): Server => (oauthServer ?? {}) as Server;

const issuerOf = ({ issuer, tokenUrl = '' }: Server): string => issuer ?? tokenUrl;

/** To where users, codes, tokens and secrets of clients are sent. */
const WHERE = ['issuer', 'authorizationUrl', 'tokenUrl', 'revocationUrl', 'registrationUrl'] as const;

/** Whether users, codes, tokens and secrets are sent to the same places. */
export function isSameServer(server: Json, stored: Json | undefined): boolean {
  const [now, before] = [server, stored ?? {}] as Record<string, Json>[];
  return WHERE.every((key) => now![key] === before![key]);
}

/** Whether nobody can connect before the owner has confirmed the authorization server that the MCP server names. */
export const isUnconfirmed = ({ auth, oauthServer, pendingIssuer }: Connection): boolean =>
  auth.type === 'OAUTH2' && oauthServer === undefined && pendingIssuer !== undefined;

const hintsOf = ({ auth, oauthServer }: Connection, knownIssuer: string | undefined) => {
  const { resourceMetadataUrl } = serverOf({ oauthServer });
  const challenge =
    resourceMetadataUrl === undefined ? (auth.challenge as BearerChallenge | undefined) : { resourceMetadataUrl };
  return {
    given: (auth.given ?? {}) as OAuthHints,
    ...(knownIssuer !== undefined && { knownIssuer }),
    ...(challenge && { challenge }),
    certain: false,
  };
};

/**
 * Looks whether an MCP server names another authorization server than the one that is stored, or a first one of another site. Its owner
 * must confirm that one; until then users are sent to the one of before, if any, so that changed metadata lead nobody astray.
 */
export async function noteIssuer(
  connector: Connector,
  { integrations }: WorkspaceDb,
  { workspaceId, connection }: { workspaceId: string; connection: Connection },
): Promise<void> {
  const { auth, oauthServer } = connection;
  if (auth.type !== 'OAUTH2' || (oauthServer === undefined && !isUnconfirmed(connection))) return;
  const hints = { ...hintsOf(connection, serverOf(connection).issuer), registers: false };
  // One that cannot be found now is looked for another time.
  const authorization = await connector
    .findAuthorization(workspaceId, connection.baseUrl, hints)
    .catch(() => undefined);
  if (authorization?.kind !== 'found' && authorization?.kind !== 'foreign') return;
  // A first one of the same site needs nobody: it is registered at when a user connects.
  const waits =
    oauthServer === undefined ? authorization.kind === 'foreign' : !isSameServer(authorization.server, oauthServer);
  await integrations.setPendingIssuer(connection, waits ? issuerOf(authorization.server as Server) : null);
}

/**
 * The change with which the authorization server that waits becomes the one that users are sent to.
 * @throws ProblemError validation_failed when it is not the one that waits, oauth_issuer_mismatch when the server names yet another one,
 * oauth_failed
 */
export async function confirmIssuer(
  connector: Connector,
  workspaceId: string,
  { connection, issuer }: { connection: Connection; issuer: string },
): Promise<IntegrationPatch> {
  const refuse = (message: string) => invalidField('/confirmIssuer', message);
  if (connection.pendingIssuer !== issuer) throw refuse('It is not the pendingIssuer of the integration.');
  const { auth } = connection;
  if (auth.clientId !== undefined)
    throw refuse(
      'Your client is for the authorization server of before: give auth OAUTH2 with a client of the new one.',
    );
  const hints = { ...hintsOf(connection, issuer), registers: true };
  const named = await connector.findAuthorization(workspaceId, connection.baseUrl, hints);
  const now = 'server' in named && named.server !== undefined ? issuerOf(named.server as Server) : issuer;
  if (now !== issuer) throw problem('oauth_issuer_mismatch', `The server names ${now} now. Refresh the integration.`);
  const authorization = named.kind === 'foreign' ? await connector.withClient(workspaceId, named.server) : named;
  if (authorization.kind !== 'found')
    throw problem(
      'oauth_failed',
      authorization.kind === 'later' ? authorization.why : 'The server names no authorization server now.',
    );
  const settled = { auth, oauthServer: authorization.server, token: undefined };
  return { auth, oauthServer: authorization.server, forgetGrants: forgetsGrants(connection, settled) };
}
