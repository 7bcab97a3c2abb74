import type { ApprovalStrategy, Auth, Enable, Integration } from '@errand/contracts';
import { newCustomerIntegrationId, type WorkspaceDb } from '@errand/db';
import type { Connector } from '../decisions/answer/connector.ts';
import type { Importer } from '../importer.ts';
import { settleAuth } from './settle-auth.ts';
import type { Source } from './source.ts';

export type Registration = {
  name: string;
  /** Made from the name by default. */
  customerIntegrationId?: string;
  source: Source;
  auth: Auth;
  /** Which of its tools are on. */
  enable: Enable;
  instructions?: string;
  approvalFloor?: ApprovalStrategy;
};

/**
 * Registers an OpenAPI service in a workspace.
 * @throws ProblemError integration_exists, openapi_invalid, openapi_too_large, url_not_allowed, too_many_imports, validation_failed, oauth_failed, oauth_issuer_mismatch
 */
export function register(
  { importer, connector }: { importer: Importer; connector: Connector },
  { workspaceId, workspaceDb }: { workspaceId: string; workspaceDb: WorkspaceDb },
  {
    name,
    customerIntegrationId = newCustomerIntegrationId(name),
    source,
    auth,
    enable,
    instructions,
    approvalFloor,
  }: Registration,
  signal: AbortSignal,
): Promise<Integration> {
  const request = { ...source, workspaceId, customerIntegrationId, name, signal };
  return importer.read(request, async ({ tokenLocation, oauth, ...service }) => {
    const { token, ...settled } = await settleAuth(connector, auth, { tokenLocation, oauth });
    return workspaceDb.integrations.create({
      ...service,
      ...('document' in source ? { document: source.document } : { sourceUrl: source.url }),
      ...settled,
      customerIntegrationId,
      name,
      kind: 'openapi',
      enable,
      token: token ?? undefined,
      instructions,
      approvalFloor,
    });
  });
}
