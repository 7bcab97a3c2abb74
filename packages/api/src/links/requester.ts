import type { ApiDeps } from '../deps.ts';
import type { IntegrationBadge } from '../pages/html/layout.ts';

/** Who asks, as people know them: the workspace, and the key that created the run. `timeZone`: in which its user is told moments. */
export type Requester = { workspace?: string; requester?: string; timeZone?: string };

/** Who asks, and where the call would go. */
export type About = Requester & { integration?: IntegrationBadge };

export async function requesterOf(
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
