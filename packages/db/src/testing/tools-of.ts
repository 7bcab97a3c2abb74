import type { ListedTool } from '@errand/contracts';
import type { WorkspaceDb } from '../database.ts';

/** The tools of an integration as they are listed; null when there is no such integration. */
export async function toolsOf(workspace: WorkspaceDb, customerIntegrationId: string): Promise<ListedTool[] | null> {
  const page = { maxBytes: 2 ** 30, limit: 5000, pathAfter: () => '' };
  const listed = await workspace.tools.list(customerIntegrationId, page);
  return listed && (JSON.parse(listed.pieces.join('')) as ListedTool[]);
}
