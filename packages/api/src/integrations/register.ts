import type { ApprovalStrategy, Auth, Integration } from '@errand/contracts';
import { newCustomerIntegrationId, type WorkspaceDb } from '@errand/db';
import type { Connector } from '../connect/connector.ts';
import type { Importer } from '../importer.ts';
import { settleAuth } from './settle-auth.ts';

export type Registration = {
  name: string;
  source: { document: string } | { url: string };
  auth: Auth;
  instructions?: string;
  approvalFloor?: ApprovalStrategy;
};

/**
 * Registers an OpenAPI service in a workspace.
 * @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed, too_many_imports, validation_failed, oauth_failed, oauth_issuer_mismatch
 */
export function register(
  { importer, connector }: { importer: Importer; connector: Connector },
  workspaceId: string,
  own: WorkspaceDb,
  { name, source, auth, instructions, approvalFloor }: Registration,
  signal: AbortSignal,
): Promise<Integration> {
  const customerIntegrationId = newCustomerIntegrationId(name);
  const request = { ...source, workspaceId, customerIntegrationId, name, signal };
  return importer.read(request, async ({ tokenPlace, oauth, ...service }) => {
    const { token, ...settled } = await settleAuth(connector, auth, { tokenPlace, oauth });
    return own.integrations.create({
      ...service,
      ...('document' in source ? { document: source.document } : { sourceUrl: source.url }),
      ...settled,
      customerIntegrationId,
      name,
      kind: 'openapi',
      token: token ?? undefined,
      instructions,
      approvalFloor,
    });
  });
}
