import type { PickOperations } from '@errand/contracts';
import { queryRow } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** One of several documents of an integration. */
export type StoredDocument = {
  /** Its source; without one, `text` has the document, or its picked part. */
  url?: string | undefined;
  text?: string | undefined;
  pick?: PickOperations | undefined;
  /** Of the whole document when it was read last. */
  sha256: string;
};

/** The documents of an integration with several, in order; null without them. */
export async function storedDocuments(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
): Promise<readonly StoredDocument[] | null> {
  const row = await queryRow<{ documents: StoredDocument[] | null }>(scoped, {
    text: 'SELECT documents FROM integration WHERE workspace_id = $1 AND customer_integration_id = $2',
    values: [customerIntegrationId],
  });
  return row?.documents ?? null;
}
