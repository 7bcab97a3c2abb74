import { sha256 } from '@errand/basics/sha256';
import type { WorkspaceDb } from '@errand/db';
import type { ApiDeps } from '../deps.ts';

type KeepLogoContext = { deps: Pick<ApiDeps, 'readLogo'>; workspaceDb: WorkspaceDb; workspaceId: string };

/** Reads and stores the logo of an integration that has none. The caller does not wait for it; without one, nothing changes. */
export function keepLogo(context: KeepLogoContext, customerIntegrationId: string): void {
  readAndStore(context, customerIntegrationId).catch(() => {
    // The next refresh tries again.
  });
}

async function readAndStore(
  { deps, workspaceDb, workspaceId }: KeepLogoContext,
  customerIntegrationId: string,
): Promise<void> {
  const { integrations } = workspaceDb;
  const connection = await integrations.connection(customerIntegrationId);
  if (!connection || connection.logoSha256 !== undefined) return;
  const { logoUrl, baseUrl, registrationId } = connection;
  const logo = await deps.readLogo({ workspaceId, logoUrl, baseUrl });
  if (logo) await integrations.logos.put(registrationId, { ...logo, sha256: sha256(logo.image, 'hex') });
}
