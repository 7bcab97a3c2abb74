import { type Auth, type Integration, Secret } from '@errand/contracts';
import { newCustomerIntegrationId, type WorkspaceDb } from '@errand/db';
import type { Importer } from '../importer.ts';
import { refuseAuth } from '../not-supported.ts';
import { publicAuth } from './public-auth.ts';

export type Registration = {
  name: string;
  source: { document: string } | { url: string };
  auth: Auth;
  instructions?: string;
};

/**
 * Registers an OpenAPI service in a workspace.
 * @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed, validation_failed, not_supported
 */
export async function register(
  importer: Importer,
  own: WorkspaceDb,
  { name, source, auth, instructions }: Registration,
  signal: AbortSignal,
): Promise<Integration> {
  refuseAuth(auth);
  const customerIntegrationId = newCustomerIntegrationId(name);
  const { tokenPlace, ...service } = await importer.read({ ...source, customerIntegrationId, name, signal });
  return own.integrations.create({
    ...service,
    ...('document' in source && { document: source.document }),
    customerIntegrationId,
    name,
    kind: 'openapi',
    auth: publicAuth(auth, tokenPlace),
    token: auth.type === 'API_TOKEN' && auth.token ? new Secret(auth.token) : undefined,
    instructions,
  });
}
