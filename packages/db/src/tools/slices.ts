import type { Pool } from 'pg';

/** A tool may have 120 KiB. */
export const SLICE_SIZE = 16;

export type Position = { position: number; operation: string };

type SliceRow = Position & { text: string | null; brief: string | null };
type Columns = { text: () => string; brief?: string };
/** `begin`: the position before the first tool; `limit`: the maximum number of tools. */
type SliceFilter = { enabled?: true; registrationId?: string; begin?: Position | undefined; limit?: number };

/** Yields tools in slices from one snapshot. @param columns SQL of their texts; `text` is called for each slice */
export async function* readSlices(
  pool: Pool,
  { text, brief = 'NULL' }: Columns,
  integration: [workspaceId: string, customerIntegrationId: string],
  {
    enabled,
    registrationId,
    begin = { position: -1, operation: '' },
    limit = Number.POSITIVE_INFINITY,
  }: SliceFilter = {},
): AsyncGenerator<readonly SliceRow[]> {
  const client = await pool.connect();
  let isCommitted = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (let last = begin, left = limit; left > 0; left -= SLICE_SIZE) {
      // Creates only the texts of this slice: a sort over all tools would create all.
      const { rows } = await client.query<SliceRow>(
        `SELECT t.position, t.operation, ${text()} AS text, ${brief} AS brief FROM integration i JOIN (
           SELECT * FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND (position, operation) > ($3, $4)
             ${enabled ? 'AND enabled' : ''} ORDER BY position, operation LIMIT ${Math.min(SLICE_SIZE, left)}
         ) AS t USING (workspace_id, customer_integration_id) WHERE i.registration_id = coalesce($5, i.registration_id)
         ORDER BY t.position, t.operation`,
        [...integration, last.position, last.operation, registrationId ?? null],
      );
      const [end] = rows.slice(-1);
      if (end === undefined) break;
      last = end;
      yield rows;
    }
    await client.query('COMMIT');
    isCommitted = true;
  } finally {
    // A connection with an open transaction is not reused.
    client.release(!isCommitted);
  }
}
