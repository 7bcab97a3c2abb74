import type { Tool } from '@errand/contracts';
import type { WorkspaceDb } from '../database.ts';

/** The tools of an integration as they are listed; null when there is no such integration. */
export async function toolsOf(own: WorkspaceDb, customerIntegrationId: string): Promise<Tool[] | null> {
  const json = await own.tools.json(customerIntegrationId);
  return json && (JSON.parse(json.toString()) as Tool[]);
}
