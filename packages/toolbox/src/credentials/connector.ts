import { timeLimit } from '@errand/basics/time-limit';
import type { Json } from '@errand/contracts';
import type { Db } from '@errand/db';
import {
  discoverAuthorization,
  discoveryEgress,
  faultOfKeyFile,
  type InstanceEgress,
  redeemCode,
  revokeTokens,
  scopesToRequest,
  startAuthorization,
  UnknownClient,
} from '@errand/integrations';
import type { Connector } from '@errand/ports/credentials';
import type { Log, Redact } from '@errand/ports/log';
import type { ServiceTarget } from '@errand/ports/service-auth';
import { type OAuthAuth, oauthOf } from './grant-store.ts';
import { clientSecretOf, createServiceAuthorization, forgetClient, redirectUriOf } from './service-authorization.ts';

const REVOKE_MS = 10_000;

type ConnectorDeps = {
  db: Db;
  egress: InstanceEgress;
  redact: Redact;
  log: Pick<Log, 'warn'>;
  publicUrl: () => string;
};

export function createConnector({ db, egress, redact, log, publicUrl }: ConnectorDeps): Connector {
  const secretOf = (workspaceId: string, connection: ServiceTarget) =>
    clientSecretOf({ db, redact }, workspaceId, connection);
  return {
    ...createServiceAuthorization({ db, egress, redact, publicUrl }),

    discover: async (workspaceId, hints) =>
      (await discoverAuthorization(hints, {
        egress: discoveryEgress(egress.forWorkspace(workspaceId)),
      })) as unknown as Json,

    faultOfKeyFile: (key) => faultOfKeyFile(key.reveal()),

    async authorize(connection, scopes) {
      const { parameters } = connection.auth as OAuthAuth;
      // The secret is for the token endpoint only.
      const { server, client, resource, audience } = oauthOf(connection, null);
      const { url, state, pending } = await startAuthorization({
        server,
        client,
        redirectUri: redirectUriOf(publicUrl()),
        scopes: scopesToRequest([scopes], server),
        parameters,
        resource,
        audience,
      });
      for (const secret of [state, pending.verifier]) redact(secret);
      return { url, pending };
    },

    async redeem(workspaceId, connection, callback, pending) {
      const { server, client, resource, audience } = oauthOf(connection, await secretOf(workspaceId, connection));
      const context = { egress: egress.forWorkspace(workspaceId) };
      const redeeming = redeemCode({ server, client, callback, pending, resource, audience }, context);
      const grant = await redeeming.catch(async (error: Error) => {
        if (error.cause instanceof UnknownClient) await forgetClient(db, workspaceId, connection);
        throw error;
      });
      redact(grant.accessToken);
      if (grant.refreshToken) redact(grant.refreshToken);
      return { ...grant, askedScope: pending.scope };
    },

    async revoke(workspaceId, connection, { accessToken, refreshToken }) {
      const { customerIntegrationId } = connection;
      try {
        const { server, client } = oauthOf(connection, await secretOf(workspaceId, connection));
        const context = { egress: egress.forWorkspace(workspaceId), signal: timeLimit(REVOKE_MS) };
        const { kind } = await revokeTokens({ server, client, accessToken, refreshToken }, context);
        if (kind === 'failed') log.warn({ workspaceId, customerIntegrationId }, 'tokens could not be revoked');
      } catch (error) {
        log.warn({ workspaceId, customerIntegrationId, err: error }, 'tokens could not be revoked');
      }
    },
  };
}
