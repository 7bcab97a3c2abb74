import { type Json, problem } from '@errand/contracts';
import type { Connection, IntegrationPatch, WorkspaceDb } from '@errand/db';
import type { Connector } from '@errand/ports/credentials';
import type { BearerChallenge, OAuthHints } from '@errand/ports/service-auth';
import { invalidField } from '../../problems.ts';
import { addressOf } from '../settings.ts';
import { invalidatesGrants } from './complete-auth.ts';

type ServerMetadata = { issuer?: string; tokenUrl?: string; resourceMetadataUrl?: string };

const serverOf = ({ oauthServer }: Pick<Connection, 'oauthServer'>): ServerMetadata =>
  (oauthServer ?? {}) as ServerMetadata;

const issuerOf = ({ issuer, tokenUrl = '' }: ServerMetadata): string => issuer ?? tokenUrl;

/** The fields that decide where users, codes, tokens and client secrets are sent. */
const SERVER_URLS = ['issuer', 'authorizationUrl', 'tokenUrl', 'revocationUrl', 'registrationUrl'] as const;

export function isSameServer(server: Json, stored: Json | undefined): boolean {
  const [current, previous] = [server, stored ?? {}] as Record<string, Json>[];
  return SERVER_URLS.every((key) => current![key] === previous![key]);
}

/** Whether users cannot connect before the owner confirms the authorization server that the MCP server names. */
export const isUnconfirmed = ({ auth, oauthServer, pendingIssuer }: Connection): boolean =>
  auth.type === 'OAUTH2' && oauthServer === undefined && pendingIssuer !== undefined;

const discoveryHints = ({ auth, oauthServer }: Connection, expectedIssuer: string | undefined) => {
  const { resourceMetadataUrl } = serverOf({ oauthServer });
  const challenge =
    resourceMetadataUrl === undefined ? (auth.challenge as BearerChallenge | undefined) : { resourceMetadataUrl };
  return {
    ownerHints: (auth.given ?? {}) as OAuthHints,
    ...(expectedIssuer !== undefined && { knownIssuer: expectedIssuer }),
    ...(challenge && { challenge }),
    assumesServer: false,
  };
};

/**
 * Records a pending issuer if an MCP server names an authorization server that differs from the stored one, or a first one at another
 * site. The owner must confirm it. Until then users go to the stored server, if any, so that changed metadata cannot redirect them.
 */
export async function updatePendingIssuer(
  connector: Connector,
  { integrations }: WorkspaceDb,
  { workspaceId, connection }: { workspaceId: string; connection: Connection },
): Promise<void> {
  const { auth, oauthServer } = connection;
  if (auth.type !== 'OAUTH2' || (oauthServer === undefined && !isUnconfirmed(connection))) return;
  const hints = { ...discoveryHints(connection, serverOf(connection).issuer), registersClient: false };
  // A failed discovery is retried at the next refresh.
  const authorization = await connector
    .findAuthorization(workspaceId, addressOf(connection), hints)
    .catch(() => undefined);
  if (authorization?.kind !== 'found' && authorization?.kind !== 'foreign') return;
  // A first server at the same site needs no confirmation: the client registers there when a user connects.
  const isPending =
    oauthServer === undefined ? authorization.kind === 'foreign' : !isSameServer(authorization.server, oauthServer);
  await integrations.setPendingIssuer(connection, isPending ? issuerOf(authorization.server as ServerMetadata) : null);
}

/**
 * The patch that activates the pending issuer.
 * @throws ProblemError validation_failed if `issuer` is not pending, oauth_issuer_mismatch if the MCP server now names another issuer,
 * oauth_failed
 */
export async function confirmIssuer(
  connector: Connector,
  workspaceId: string,
  { connection, issuer }: { connection: Connection; issuer: string },
): Promise<IntegrationPatch> {
  const refuse = (message: string) => invalidField('/confirmIssuer', message);
  if (connection.pendingIssuer !== issuer) throw refuse('This is not the pendingIssuer of the integration.');
  const { auth } = connection;
  if (auth.clientId !== undefined)
    throw refuse(
      'Your client belongs to the previous authorization server. Send auth OAUTH2 with a client of the new one.',
    );
  const hints = { ...discoveryHints(connection, issuer), registersClient: true };
  const discovered = await connector.findAuthorization(workspaceId, addressOf(connection), hints);
  const currentIssuer =
    'server' in discovered && discovered.server !== undefined ? issuerOf(discovered.server as ServerMetadata) : issuer;
  if (currentIssuer !== issuer)
    throw problem('oauth_issuer_mismatch', `The MCP server now names ${currentIssuer}.`, {
      remedy: 'Refresh the integration.',
    });
  const authorization =
    discovered.kind === 'foreign' ? await connector.withClient(workspaceId, discovered.server) : discovered;
  if (authorization.kind !== 'found')
    throw problem(
      'oauth_failed',
      authorization.kind === 'later' ? authorization.why : 'The MCP server no longer names an authorization server.',
    );
  const completed = { auth, oauthServer: authorization.server, token: undefined };
  return { auth, oauthServer: authorization.server, forgetGrants: invalidatesGrants(connection, completed) };
}
