import type { ListedTool } from '@errand/contracts';
import type { WorkspaceDb } from '../database.ts';

/** The tools of an integration as they are listed; null when there is no such integration. */
export async function toolsOf(workspace: WorkspaceDb, customerIntegrationId: string): Promise<ListedTool[] | null> {
  const pieces = await workspace.tools.list(customerIntegrationId, { maxBytes: 2 ** 30 });
  return pieces && (JSON.parse(pieces.join('')) as ListedTool[]);
}
