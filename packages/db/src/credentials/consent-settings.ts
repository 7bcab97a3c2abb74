import type { ConsentSettings } from '@errand/contracts';
import type { Pool } from 'pg';
import { audit } from '../audit/write.ts';
import { changedRows, queryRow, withTransaction } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** How the workspace confirms the users of consents. @param system the pool for all workspaces, which alone may change them */
export function consentSettings(scoped: WorkspaceScope, system: Pool) {
  const { workspaceId, actor } = scoped;
  return {
    async get(): Promise<ConsentSettings> {
      const row = await queryRow<{ verifyUrl: string | null }>(scoped, {
        name: 'consent_settings',
        text: 'SELECT consent_verify_url AS "verifyUrl" FROM workspace WHERE workspace_id = $1',
        values: [],
      });
      return typeof row?.verifyUrl === 'string' ? { verifyUrl: row.verifyUrl } : {};
    },

    /** Null removes the page. */
    setVerifyUrl: (verifyUrl: string | null): Promise<void> =>
      withTransaction(system, async (client) => {
        const changed = await changedRows(client, {
          text: 'UPDATE workspace SET consent_verify_url = $2 WHERE workspace_id = $1 AND consent_verify_url IS DISTINCT FROM $2',
          values: [workspaceId, verifyUrl],
        });
        if (changed === 0) return;
        const note = {
          actor,
          action: 'workspace.consents_changed',
          target: workspaceId,
          details: { verifyUrl },
        } as const;
        await audit({ pool: system, workspaceId }, note, client);
      }),
  };
}
