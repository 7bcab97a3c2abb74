import { type Json, problem } from '@errand/contracts';
import type { Connection, IntegrationPatch, WorkspaceDb } from '@errand/db';
import type { Connector, OAuthHints } from '../decisions/answer/connector.ts';
import { forgetsGrants } from './settle-auth.ts';

type Server = { issuer?: string; tokenUrl?: string; resourceMetadataUrl?: string };

const serverOf = ({ oauthServer }: Pick<Connection, 'oauthServer'>): Server => (oauthServer ?? {}) as Server;

const issuerOf = ({ issuer, tokenUrl = '' }: Server): string => issuer ?? tokenUrl;

/** To where users, codes, tokens and secrets of clients are sent. */
const WHERE = ['issuer', 'authorizationUrl', 'tokenUrl', 'revocationUrl', 'registrationUrl'] as const;

const hintsOf = ({ auth, oauthServer }: Connection, knownIssuer: string | undefined) => {
  const { resourceMetadataUrl } = serverOf({ oauthServer });
  return {
    given: (auth.given ?? {}) as OAuthHints,
    ...(knownIssuer !== undefined && { knownIssuer }),
    ...(resourceMetadataUrl !== undefined && { challenge: { resourceMetadataUrl } }),
    certain: false,
  };
};

/**
 * Looks whether an MCP server names another authorization server than the one that is stored. Its owner must confirm that one; until then
 * users are sent to the one of before, so that changed metadata lead nobody astray.
 */
export async function noteIssuer(
  connector: Connector,
  { integrations }: WorkspaceDb,
  { workspaceId, connection }: { workspaceId: string; connection: Connection },
): Promise<void> {
  if (connection.auth.type !== 'OAUTH2' || connection.oauthServer === undefined) return;
  const hints = { ...hintsOf(connection, serverOf(connection).issuer), registers: false };
  // One that cannot be found now is looked for another time.
  const found = await connector.findAuthorization(workspaceId, connection.baseUrl, hints).catch(() => undefined);
  if (found?.kind !== 'found') return;
  const [now, before] = [found.server, connection.oauthServer] as Record<string, Json>[];
  const moved = WHERE.some((key) => now![key] !== before![key]);
  await integrations.setPendingIssuer(connection, moved ? issuerOf(now as Server) : null);
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
  const refuse = (message: string) =>
    problem('validation_failed', message, { errors: [{ pointer: '/confirmIssuer', message }] });
  if (connection.pendingIssuer !== issuer) throw refuse('It is not the pendingIssuer of the integration.');
  const { auth } = connection;
  if (auth.clientId !== undefined)
    throw refuse(
      'Your client is for the authorization server of before: give auth OAUTH2 with a client of the new one.',
    );
  const hints = { ...hintsOf(connection, issuer), registers: true };
  const found = await connector.findAuthorization(workspaceId, connection.baseUrl, hints);
  if (found.kind !== 'found')
    throw problem('oauth_failed', found.kind === 'later' ? found.why : 'The server names no authorization server now.');
  const named = issuerOf(found.server as Server);
  if (named !== issuer)
    throw problem('oauth_issuer_mismatch', `The server names ${named} now. Refresh the integration.`);
  const settled = { auth, oauthServer: found.server, token: undefined };
  return { auth, oauthServer: found.server, forgetGrants: forgetsGrants(connection, settled) };
}
