import type { ApiDeps } from '../deps.ts';
import type { IntegrationBadge } from '../pages/html/layout.ts';

/** Names of the workspace and of the key or the person that created the run, for people. `userName`, `timeZone`: those of the user. */
export type Requester = { workspace?: string; requester?: string; userName?: string; timeZone?: string };

/** The requester, and the integration of the call. */
export type RequestDetails = Requester & { integration?: IntegrationBadge };

export async function findRequester(
  db: Pick<ApiDeps['db'], 'apiKeys' | 'forWorkspace'>,
  workspaceId: string,
  runId: string,
): Promise<Requester> {
  const [workspace, requester] = await Promise.all([
    db.forWorkspace(workspaceId).workspaceName(),
    db.apiKeys.requester(workspaceId, runId),
  ]);
  return { ...(workspace !== undefined && { workspace }), ...requester };
}
