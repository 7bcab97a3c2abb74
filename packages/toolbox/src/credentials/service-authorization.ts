import { type Json, problem, type Secret } from '@errand/contracts';
import type { ClientRegistration, Db, StoredClient } from '@errand/db';
import {
  authorizationOf,
  type ClientAuthentication,
  discoveryEgress,
  type Egress,
  type InstanceEgress,
  isCompleteAuthorization,
  isPublicUrl,
  isSameSite,
  isTemporaryError,
  registerClient,
  type ServiceAuthorization,
} from '@errand/integrations';
import type { AuthorizationLookup, Connector } from '@errand/ports/credentials';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';

/** The authorization server of an integration, as it is stored: plain JSON. */
export type StoredAuthorization = Omit<ServiceAuthorization, 'resource' | 'scopes'> &
  Partial<ServiceAuthorization> & {
    /** The client of this service, unless the owner named one. */
    client?: { clientId: string; clientAuthentication: ClientAuthentication; redirectUri: string };
  };

const CLIENT_NAME = 'Errand';
const DOCUMENT_PATH = '/oauth/client.json';

export type AuthorizationDeps = { db: Db; egress: InstanceEgress; redact: Redact; publicUrl: () => string };

export const redirectUriOf = (publicUrl: string): string => `${publicUrl}/v1/oauth/callback`;

const registrationOf = ({ issuer, tokenUrl }: StoredAuthorization, redirectUri: string): ClientRegistration => ({
  issuer: issuer ?? tokenUrl,
  redirectUri,
});

/** The client secret of an integration: of the owner's client, or of the one that this service registered. */
export async function clientSecretOf(
  { db, redact }: Pick<AuthorizationDeps, 'db' | 'redact'>,
  workspaceId: string,
  connection: ServiceTarget,
): Promise<Secret | null> {
  const { credentials, oauthClients } = db.forWorkspace(workspaceId);
  const server = connection.oauthServer as unknown as StoredAuthorization | undefined;
  let secret: Secret | null = null;
  if (connection.auth.type !== 'OAUTH2' || connection.auth.clientId !== undefined || !server?.client)
    secret = await credentials.openIntegrationSecret(connection);
  else if (server.client.clientAuthentication !== 'none')
    secret = await oauthClients.secret(registrationOf(server, server.client.redirectUri), server.client.clientId);
  if (secret) redact(secret);
  return secret;
}

/** Deletes a registered client that its server no longer knows: the next consent registers another one. */
export async function forgetClient(db: Db, workspaceId: string, connection: ServiceTarget): Promise<void> {
  const server = connection.oauthServer as unknown as StoredAuthorization | undefined;
  if (connection.auth.clientId !== undefined || !server?.client) return;
  const { clientId, redirectUri } = server.client;
  await db.forWorkspace(workspaceId).oauthClients.remove(registrationOf(server, redirectUri), clientId);
}

/** Finds authorization servers of MCP servers, and a client there: the client metadata document, or a registered client. */
export function createServiceAuthorization(
  deps: AuthorizationDeps,
): Pick<Connector, 'findAuthorization' | 'withClient' | 'clientDocument'> {
  const { egress, publicUrl } = deps;

  async function withClient(
    workspaceId: string,
    storedServer: Json,
    discovery = discoveryEgress(egress.forWorkspace(workspaceId)),
  ): Promise<AuthorizationLookup> {
    const server = storedServer as unknown as StoredAuthorization;
    try {
      const client = await clientAt({ ...deps, egress: discovery }, workspaceId, server);
      return { kind: 'found', server: { ...server, client } as unknown as Json };
    } catch (error) {
      return laterResult(error, storedServer, `${hostOf(server)} does not answer the registration of a client now.`);
    }
  }

  return {
    async findAuthorization(workspaceId, url, { registersClient, ...hints }) {
      const service = new URL(url);
      const discovery = discoveryEgress(egress.forWorkspace(workspaceId));
      let server: ServiceAuthorization | undefined;
      try {
        server = await authorizationOf(service, hints, { egress: discovery });
      } catch (error) {
        return laterResult(error, undefined, `The authorization server of ${service.host} does not answer now.`);
      }
      if (!server) return { kind: 'none' };
      const storedServer = server as unknown as Json;
      if (!isCompleteAuthorization(hints.ownerHints) && !isSameSite(server, service))
        return foreignResult(server, storedServer, service);
      return registersClient
        ? withClient(workspaceId, storedServer, discovery)
        : { kind: 'found', server: storedServer };
    },

    withClient: (workspaceId, storedServer) => withClient(workspaceId, storedServer),

    clientDocument: () => clientDocument(publicUrl()),
  };
}

/** The URL of the client metadata document; undefined where authorization servers cannot read it. */
const documentUrl = (publicUrl: string): string | undefined =>
  isPublicUrl(publicUrl + DOCUMENT_PATH) ? publicUrl + DOCUMENT_PATH : undefined;

function clientDocument(publicUrl: string): ReturnType<Connector['clientDocument']> {
  const clientId = documentUrl(publicUrl);
  if (clientId === undefined) return undefined;
  return {
    client_id: clientId,
    client_name: CLIENT_NAME,
    client_uri: publicUrl,
    redirect_uris: [redirectUriOf(publicUrl)],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  };
}

/** With the egress of the workspace. */
type ClientDeps = Omit<AuthorizationDeps, 'egress'> & { egress: Egress };

async function clientAt(
  deps: ClientDeps,
  workspaceId: string,
  server: StoredAuthorization,
): Promise<NonNullable<StoredAuthorization['client']>> {
  const redirectUri = redirectUriOf(deps.publicUrl());
  const document = server.takesClientDocuments ? documentUrl(deps.publicUrl()) : undefined;
  if (document !== undefined) return { clientId: document, clientAuthentication: 'none', redirectUri };
  const { oauthClients } = deps.db.forWorkspace(workspaceId);
  const registration = registrationOf(server, redirectUri);
  const client =
    (await oauthClients.find(registration)) ??
    (await oauthClients.storeOnce(registration, await register(deps, server, redirectUri)));
  const { clientId, authentication } = client;
  return { clientId, clientAuthentication: authentication as ClientAuthentication, redirectUri };
}

async function register(
  { egress, redact }: ClientDeps,
  server: StoredAuthorization,
  redirectUri: string,
): Promise<StoredClient> {
  const { registrationUrl } = server;
  if (registrationUrl === undefined) throw clientProblem(server, redirectUri, 'does not support client registration');
  try {
    const clientMetadata = { name: CLIENT_NAME, redirectUri };
    const { client, expiresAt } = await registerClient({ ...server, registrationUrl }, clientMetadata, { egress });
    const { clientId, clientSecret: secret, clientAuthentication: authentication = 'none' } = client;
    if (secret) redact(secret);
    return { clientId, authentication, secret, expiresAt };
  } catch (error) {
    if (isTemporaryError(error) || (error as { code?: string }).code !== 'oauth_failed') throw error;
    throw clientProblem(server, redirectUri, `refused to register this client. ${(error as Error).message}`);
  }
}

function foreignResult(server: ServiceAuthorization, storedServer: Json, { host }: URL): AuthorizationLookup {
  const { issuer = server.tokenUrl, authorizationUrl } = server;
  const signsIn = new URL(authorizationUrl).host;
  const reason = `${host} names ${issuer} as its authorization server, which is of another site: users would sign in at ${signsIn}, and ${host} would get the access that they grant there.`;
  return { kind: 'foreign', server: storedServer, issuer, why: reason };
}

const hostOf = ({ issuer, tokenUrl }: StoredAuthorization): string => new URL(issuer ?? tokenUrl).host;

function clientProblem(server: StoredAuthorization, redirectUri: string, reason: string) {
  const remedy = `Register a client there with the redirect URI ${redirectUri}, and pass auth OAUTH2 with its clientId and clientSecret.`;
  const message = `${hostOf(server)} ${reason.replace(/\.?$/, '.')} ${remedy}`;
  return problem('oauth_failed', message, { errors: [{ pointer: '/auth/clientId', message: remedy }] });
}

/** @throws the error unless it is temporary */
function laterResult(error: unknown, server: Json | undefined, reason: string): AuthorizationLookup {
  if (!isTemporaryError(error)) throw error;
  return { kind: 'later', why: reason, ...(server !== undefined && { server }) };
}
