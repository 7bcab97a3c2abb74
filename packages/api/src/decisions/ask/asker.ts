import type { ApiDeps } from '../../deps.ts';

/** Who asks, as people know them: the workspace, and the key that created the run. */
export type Asker = { workspace?: string; requester?: string };

export async function askerOf(
  db: Pick<ApiDeps['db'], 'apiKeys' | 'forWorkspace'>,
  workspaceId: string,
  runId: string,
): Promise<Asker> {
  const [workspace, requester] = await Promise.all([
    db.forWorkspace(workspaceId).workspaceName(),
    db.apiKeys.requester(workspaceId, runId),
  ]);
  return { ...(workspace !== undefined && { workspace }), ...(requester !== undefined && { requester }) };
}
