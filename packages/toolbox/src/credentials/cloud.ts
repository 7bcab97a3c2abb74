import { sha256 } from '@errand/basics/sha256';
import type { OAuthKnobs, Secret } from '@errand/contracts';
import { expandUrl, valuesFor } from '@errand/contracts/variable-values';
import {
  type AwsKeys,
  type AwsRole,
  assumeRole,
  type CallAuth,
  type CloudAccess,
  CloudAccessCache,
  clientAccess,
  googleAccess,
  type InstanceEgress,
  type OAuthClient,
  type TokenServer,
} from '@errand/integrations';
import type { Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { knobsWith } from './oauth-settings.ts';

type AwsAuth = Omit<AwsRole, 'userId' | 'stsUrl'> & { type: 'AWS_ASSUME_ROLE'; service: string; accessKeyId: string };
/** The public part of `auth`. The token server is stored with the integration. */
type ClientAuth = OAuthKnobs & {
  type: 'CLIENT_CREDENTIALS';
  clientId: string;
  clientAuthentication?: OAuthClient['clientAuthentication'];
  grantType?: string;
  scopes?: string[];
  resource?: string;
  audience?: string;
};
type GoogleAuth = { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH'; scopes: string[]; actAsUser?: boolean };

export type CloudResult = { auth: CallAuth } | Exclude<CloudAccess<never>, { kind: 'access' }>;

type CloudRequest = { workspaceId: string; userId: string; connection: ServiceTarget; secret: Secret };

/**
 * Short-lived credentials at AWS, Google and token endpoints, obtained with the owner's credential and cached in memory.
 * @param stsUrl replaces the region's Security Token Service
 */
export function createCloud(egress: InstanceEgress, redact: Redact, stsUrl?: string) {
  const sessions = new CloudAccessCache<AwsKeys>();
  const tokens = new CloudAccessCache<Secret>();
  // Everything that a credential depends on, so that any change obtains another one.
  const keyOf = ({ workspaceId, connection, secret }: CloudRequest, userId: string): string => {
    const { customerIntegrationId, auth, oauthServer, variables } = connection;
    const dependencies = JSON.stringify([customerIntegrationId, userId, auth, oauthServer, variables, secret.reveal()]);
    return `${workspaceId} ${sha256(dependencies, 'base64url')}`;
  };

  async function openAws(request: CloudRequest, rejected: boolean): Promise<CloudResult> {
    const { service, accessKeyId, ...role } = request.connection.auth as AwsAuth;
    const { userId, secret: secretAccessKey } = request;
    const roleOfUser = { ...role, userId, stsUrl };
    const key = keyOf(request, userId);
    if (rejected) sessions.forget(key);
    const session = await sessions.get(key, () =>
      assumeRole(roleOfUser, { accessKeyId, secretAccessKey }, { egress: egress.forWorkspace(request.workspaceId) }),
    );
    if (session.kind !== 'access') return session;
    redact(session.value.secretAccessKey);
    if (session.value.sessionToken) redact(session.value.sessionToken);
    return { auth: { type: 'AWS_ASSUME_ROLE', region: role.region, service, keys: session.value } };
  }

  async function openGoogle(request: CloudRequest, rejected: boolean): Promise<CloudResult> {
    const { scopes, actAsUser = false } = request.connection.auth as GoogleAuth;
    const key = keyOf(request, actAsUser ? request.userId : '');
    if (rejected) tokens.forget(key);
    const account = { key: request.secret, scopes, ...(actAsUser && { subject: request.userId }) };
    const token = await tokens.get(key, () =>
      googleAccess(account, { egress: egress.forWorkspace(request.workspaceId) }),
    );
    if (token.kind !== 'access') return token;
    redact(token.value);
    return { auth: { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH', accessToken: token.value } };
  }

  /** One token for all users. */
  async function openClient(request: CloudRequest, rejected: boolean): Promise<CloudResult> {
    const key = keyOf(request, '');
    if (rejected) tokens.forget(key);
    const grant = clientGrant(request);
    const token = await tokens.get(key, () =>
      clientAccess(grant, { egress: egress.forWorkspace(request.workspaceId) }),
    );
    if (token.kind !== 'access') return token;
    redact(token.value);
    return { auth: { type: 'CLIENT_CREDENTIALS', accessToken: token.value, placement: grant.knobs.placement } };
  }

  const openers: Readonly<Record<string, typeof openAws>> = {
    AWS_ASSUME_ROLE: openAws,
    GOOGLE_SERVICE_ACCOUNT_OAUTH: openGoogle,
    CLIENT_CREDENTIALS: openClient,
  };
  return {
    /** @param rejected whether the service has just refused the cached credential */
    open: (request: CloudRequest, rejected: boolean): Promise<CloudResult> =>
      openers[request.connection.auth.type]!(request, rejected),
  };
}

/** The request of a client for a token, with the values of the owner. */
function clientGrant({ connection, secret: clientSecret }: CloudRequest) {
  const { clientId, clientAuthentication, ...auth } = connection.auth as unknown as ClientAuth;
  const values = valuesFor(connection.variables ?? {});
  const { tokenUrl, ...server } = connection.oauthServer as unknown as TokenServer;
  return {
    ...auth,
    server: { ...server, tokenUrl: expandUrl(tokenUrl, values) ?? tokenUrl },
    client: { clientId, clientSecret, ...(clientAuthentication && { clientAuthentication }) },
    knobs: knobsWith(auth, values),
  };
}
