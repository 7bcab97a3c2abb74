import { identityOf, type PickOperations } from '@errand/contracts';
import type { Pool } from 'pg';
import { changedRows, newId, queryRow, withTransaction } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

const MINUTES = 10;
const MAX_OF_WORKSPACE = 3;
/** Maximum bytes of the stored documents of all workspaces. */
const MAX_BYTES = 100 * 1024 * 1024;

type InspectedDocument = {
  document: string | Uint8Array;
  url?: string | undefined;
  /** The operations that were picked from it. */
  pick?: PickOperations | undefined;
};
type StoredInspection = { inspectionId: string; expiresAt: Date };

/** Documents of inspected services, each for its principal alone. @param system the pool for all workspaces */
export function inspections(scoped: WorkspaceScope, system: Pool) {
  const { workspaceId, actor } = scoped;
  return {
    /** Stores a document instead of the oldest ones of the workspace. Returns null if all workspaces have too many. */
    put: (inspected: InspectedDocument): Promise<StoredInspection | null> =>
      putInspection(system, { workspaceId, principal: identityOf(actor), ...inspected }),

    /** Returns null if it has expired, or belongs to another principal. */
    async get(inspectionId: string): Promise<(Omit<InspectedDocument, 'document'> & { document: string }) | null> {
      const row = await queryRow<{ document: string; url: string | null; pick: PickOperations | null }>(scoped, {
        text: `SELECT document, url, pick FROM integration_inspection
          WHERE workspace_id = $1 AND inspection_id = $2 AND principal = $3 AND expires_at > clock_timestamp()`,
        values: [inspectionId, identityOf(actor)],
      });
      return row && { document: row.document, url: row.url ?? undefined, pick: row.pick ?? undefined };
    },

    async remove(inspectionId: string): Promise<void> {
      await queryRow(scoped, {
        text: 'DELETE FROM integration_inspection WHERE workspace_id = $1 AND inspection_id = $2',
        values: [inspectionId],
      });
    },
  };
}

const putInspection = (
  system: Pool,
  { workspaceId, principal, document, url, pick }: InspectedDocument & { workspaceId: string; principal: string },
): Promise<StoredInspection | null> =>
  withTransaction(system, async (client) => {
    // Each of several concurrent requests counts those before it.
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.inspections', 0))`);
    await client.query(
      `DELETE FROM integration_inspection WHERE expires_at <= clock_timestamp() OR workspace_id = $1 AND inspection_id IN (
         SELECT inspection_id FROM integration_inspection WHERE workspace_id = $1 ORDER BY inspection_id DESC OFFSET $2)`,
      [workspaceId, MAX_OF_WORKSPACE - 1],
    );
    const { rows } = await client.query<StoredInspection>(
      `INSERT INTO integration_inspection (workspace_id, inspection_id, principal, url, document, pick, bytes, expires_at)
       SELECT $1, $2, $3, $4, $5::text, $6::jsonb, octet_length($5::text), clock_timestamp() + interval '${MINUTES} minutes'
       WHERE (SELECT coalesce(sum(bytes), 0) FROM integration_inspection) + octet_length($5::text) <= ${MAX_BYTES}
       RETURNING inspection_id AS "inspectionId", expires_at AS "expiresAt"`,
      [workspaceId, newId(), principal, url ?? null, document, pick ? JSON.stringify(pick) : null],
    );
    return rows[0] ?? null;
  });

/** Returns the number of removed documents. */
export const removeExpiredInspections = (pool: Pool): Promise<number> =>
  changedRows(pool, { text: 'DELETE FROM integration_inspection WHERE expires_at <= clock_timestamp()' });
