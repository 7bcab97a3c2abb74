import { setTimeout as pause } from 'node:timers/promises';
import { system } from '@errand/contracts';
import type { Client } from 'pg';
import { auditRow, writeAuditRows } from '../audit/write.ts';

/** The tables that keep the rows of a removed workspace: the audit log, which nobody may change, and its chain. */
export const KEPT_TABLES: readonly string[] = ['audit', 'audit_seal', 'audit_unsealed'];
/** A process accepts keys of a suspended workspace for up to this time. */
const GRACE_SECONDS = 60;
const ROWS_AT_ONCE = 2000;

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('errand.workspace_removal', 0)) AS mine`;
// Background work: it waits only briefly for locks, and is repeated after a crash. The plans use the keys of the tables.
const SESSION = `SET lock_timeout = '500ms'; SET statement_timeout = '60s'; SET enable_seqscan = off; SET enable_hashjoin = off;
  SET enable_mergejoin = off`;

// Tables that refer to others come first, so that no cascade deletes more than a batch.
const TABLES = `WITH RECURSIVE tables AS (
    SELECT c.oid, c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'workspace' AND c.relname <> ALL($1)
  ), depths AS (
    SELECT oid, 0 AS depth FROM tables
    UNION SELECT f.conrelid, depths.depth + 1 FROM depths JOIN pg_constraint f
      ON f.confrelid = depths.oid AND f.contype = 'f' AND f.conrelid <> f.confrelid AND depths.depth < 20
  )
  SELECT quote_ident(tables.relname) AS name, (
    SELECT array_agg(quote_ident(a.attname)) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
    WHERE i.indrelid = tables.oid AND i.indisprimary) AS keys
  FROM tables JOIN depths USING (oid) GROUP BY tables.oid, tables.relname ORDER BY max(depths.depth) DESC, tables.relname`;

type Table = { name: string; keys: string[] };
type Removal = { client: Client; workspaceId: string; tables: readonly Table[]; rowsAtOnce: number };

// A run that a worker holds is completed first; no worker claims another one.
const NEXT = `SELECT workspace_id AS "workspaceId" FROM workspace w WHERE deleting_at IS NOT NULL
  AND suspended_at < now() - interval '${GRACE_SECONDS} seconds' AND workspace_id <> ALL($1::uuid[])
  AND NOT EXISTS (SELECT FROM run WHERE run.workspace_id = w.workspace_id AND run.lease IS NOT NULL)
  ORDER BY deleting_at LIMIT 1`;

/**
 * Removes workspaces that are being deleted, in small transactions with pauses of the same length. One process at a time does so;
 * after a crash the next one continues with the remaining rows. Returns the number of removed workspaces.
 * @param connect opens a connection outside the pool
 * @param signal stops it after the current transaction
 * @throws database errors, such as a lock timeout; the next call continues
 */
export async function removeWorkspaces(
  connect: () => Promise<Client>,
  signal: AbortSignal,
  rowsAtOnce = ROWS_AT_ONCE,
): Promise<number> {
  const client = await connect();
  const removed: string[] = [];
  try {
    await client.query(SESSION);
    if (!(await client.query<{ mine: boolean }>(LOCK)).rows[0]!.mine) return 0;
    const { rows: tables } = await client.query<Table>(TABLES, [KEPT_TABLES]);
    while (!signal.aborted) {
      const { rows } = await client.query<{ workspaceId: string }>(NEXT, [removed]);
      const workspaceId = rows[0]?.workspaceId;
      if (workspaceId === undefined) break;
      if (await removeWorkspace({ client, workspaceId, tables, rowsAtOnce }, signal)) removed.push(workspaceId);
    }
    return removed.length;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Removes all rows, then the workspace. Returns false if the signal stopped it. */
async function removeWorkspace(removal: Removal, signal: AbortSignal): Promise<boolean> {
  do {
    for (const table of removal.tables) await emptyTable(removal, table, signal);
    if (signal.aborted) return false;
  } while (!(await removeEmptied(removal)));
  return true;
}

async function emptyTable(removal: Removal, table: Table, signal: AbortSignal): Promise<void> {
  for (let rows = removal.rowsAtOnce; rows === removal.rowsAtOnce && !signal.aborted; ) {
    const from = performance.now();
    rows = await deleteBatch(removal, table);
    if (rows > 0) await pause(performance.now() - from, undefined, { signal }).catch(() => {});
  }
}

async function deleteBatch({ client, workspaceId, rowsAtOnce }: Removal, { name, keys }: Table): Promise<number> {
  const columns = (alias: string) => keys.map((key) => `${alias}.${key}`).join(', ');
  const { rowCount } = await client.query(
    `DELETE FROM ${name} AS t USING (SELECT ${columns('s')} FROM ${name} AS s WHERE s.workspace_id = $1 LIMIT $2) AS batch
     WHERE (${columns('t')}) = (${columns('batch')})`,
    [workspaceId, rowsAtOnce],
  );
  return rowCount ?? 0;
}

/** Removes the row of a workspace, unless rows were written meanwhile: then it deletes those, and returns false. */
async function removeEmptied(removal: Removal): Promise<boolean> {
  const { client, workspaceId, tables } = removal;
  await client.query('BEGIN');
  try {
    // A count of usage that has read runs of the workspace ends first.
    await client.query('SELECT FROM usage_progress FOR UPDATE');
    let late = 0;
    for (const table of tables) late += await deleteBatch(removal, table);
    if (late === 0) {
      const { rows } = await client.query<{ name: string }>(
        'DELETE FROM workspace WHERE workspace_id = $1 RETURNING name',
        [workspaceId],
      );
      const note = { actor: system, action: 'workspace.removed', target: workspaceId } as const;
      if (rows[0]) await writeAuditRows(client, [auditRow(workspaceId, { ...note, details: { name: rows[0].name } })]);
    }
    await client.query('COMMIT');
    return late === 0;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
