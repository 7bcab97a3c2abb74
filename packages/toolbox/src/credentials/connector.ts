import type { Json } from '@errand/contracts';
import { discoverAuthorization, discoverTokenServer, discoveryEgress, faultOfKeyFile } from '@errand/integrations';
import type { Connector } from '@errand/ports/credentials';
import { type ConsentDeps, Consents } from './consents.ts';
import { createServiceAuthorization } from './service-authorization.ts';

export function createConnector(deps: ConsentDeps): Connector {
  const consents = new Consents(deps);
  const discovery = (workspaceId: string) => ({ egress: discoveryEgress(deps.egress.forWorkspace(workspaceId)) });
  return {
    ...createServiceAuthorization(deps),
    discover: async (workspaceId, hints) =>
      (await discoverAuthorization(hints, discovery(workspaceId))) as unknown as Json,
    discoverTokens: async (workspaceId, hints) =>
      (await discoverTokenServer(hints, discovery(workspaceId))) as unknown as Json,
    faultOfKeyFile: (key) => faultOfKeyFile(key.reveal()),
    authorize: (workspaceId, ...request) => consents.authorize(workspaceId, ...request),
    redeem: (workspaceId, ...consent) => consents.redeem(workspaceId, ...consent),
    revoke: (workspaceId, ...grant) => consents.revoke(workspaceId, ...grant),
  };
}
