import type { Pool } from 'pg';

/** A tool may have 120 KiB: so many are read in one go. */
export const TOOLS_AT_ONCE = 16;

/** Where a tool stands in its integration. */
export type Position = { position: number; operation: string };

type Row = Position & { text: string | null; brief: string | null };
type Columns = { text: () => string; brief?: string };
type Only = { enabled?: true; registrationId?: string; begin?: Position };

/**
 * The tools of an integration as they are at one moment, as texts, some at a time.
 * @param columns SQL of their texts; `text` is asked before each slice
 */
export async function* slices(
  pool: Pool,
  { text, brief = 'NULL' }: Columns,
  integration: [workspaceId: string, customerIntegrationId: string],
  { enabled, registrationId, begin = { position: -1, operation: '' } }: Only = {},
): AsyncGenerator<readonly Row[]> {
  const client = await pool.connect();
  let done = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (let last = begin; ; ) {
      // Texts are made of those that are wanted alone: sorting all would read all.
      const { rows } = await client.query<Row>(
        `SELECT t.position, t.operation, ${text()} AS text, ${brief} AS brief FROM integration i JOIN (
           SELECT * FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND (position, operation) > ($3, $4)
             ${enabled ? 'AND enabled' : ''} ORDER BY position, operation LIMIT ${TOOLS_AT_ONCE}
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
    done = true;
  } finally {
    // One that was left in the middle of it is not given to anybody else.
    client.release(!done);
  }
}
