import type { ApiDeps } from '../../deps.ts';

/** Who asks, as people know them: the workspace, and the key that created the run. `timeZone`: in which its user is told moments. */
export type Asker = { workspace?: string; requester?: string; timeZone?: string };

export async function askerOf(
  db: Pick<ApiDeps['db'], 'apiKeys' | 'forWorkspace'>,
  workspaceId: string,
  runId: string,
): Promise<Asker> {
  const [workspace, asker] = await Promise.all([
    db.forWorkspace(workspaceId).workspaceName(),
    db.apiKeys.requester(workspaceId, runId),
  ]);
  return { ...(workspace !== undefined && { workspace }), ...asker };
}
