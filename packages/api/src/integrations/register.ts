import type { Auth, Integration } from '@errand/contracts';
import { newCustomerIntegrationId, type WorkspaceDb } from '@errand/db';
import type { Connector } from '../connect/connector.ts';
import type { Importer } from '../importer.ts';
import { settleAuth } from './settle-auth.ts';

export type Registration = {
  name: string;
  source: { document: string } | { url: string };
  auth: Auth;
  instructions?: string;
};

/**
 * Registers an OpenAPI service in a workspace.
 * @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed, validation_failed, oauth_failed, oauth_issuer_mismatch
 */
export async function register(
  { importer, connector }: { importer: Importer; connector: Connector },
  own: WorkspaceDb,
  { name, source, auth, instructions }: Registration,
  signal: AbortSignal,
): Promise<Integration> {
  const customerIntegrationId = newCustomerIntegrationId(name);
  const read = await importer.read({ ...source, customerIntegrationId, name, signal });
  const { tokenPlace, oauth, ...service } = read;
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
  });
}
