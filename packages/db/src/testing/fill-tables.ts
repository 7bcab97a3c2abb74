import type pg from 'pg';
import { newId } from '../statements/scope.ts';

/** SQL for a value of a type; `n` is the number of the row. */
function sampleOf(type: string): string {
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type.endsWith('[]') || type.startsWith('json')) return `'{}'`;
  if (type.startsWith('timestamp') || type === 'date') return 'now()';
  if (type === 'boolean') return 'false';
  if (type === 'bytea') return 'uuid_send(gen_random_uuid())';
  if (type === 'tsvector') return `''`;
  return type === 'text' ? 'gen_random_uuid()::text' : 'n';
}

/** Tables that a test of removals fills by itself, and the audit log. */
const OTHER_TABLES = ['run', 'user_erasure', 'audit', 'audit_seal', 'audit_unsealed', 'usage_day'];

/** The columns that refer to a run or its user, in tables of the catalog. */
const COLUMNS = `SELECT c.relname AS "table", quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
    a.attnotnull AND NOT a.atthasdef AS "isRequired"
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> ALL($1)
    AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname IN ('run_id', 'user_id', 'execution_plan_id') AND NOT o.attisdropped)
    AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = c.oid AND o.attname = 'workspace_id' AND NOT o.attisdropped)`;

type Column = { table: string; name: string; type: string; isRequired: boolean };

/** Drops all checks, so that rows may have any values. */
export async function dropChecks(owner: pg.Client): Promise<void> {
  const { rows: checks } = await owner.query<{ text: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS text FROM pg_constraint
     WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND coninhcount = 0`,
  );
  for (const { text } of checks) await owner.query(text);
}

/** An ended run with rows in each table that refers to runs, plans of runs, or users. The tables come from the catalog. */
export async function addFullRun(
  owner: pg.Client,
  {
    workspaceId,
    userId,
    rows = 3,
    runId = newId(),
  }: { workspaceId: string; userId: string; rows?: number; runId?: string },
): Promise<string> {
  const planId = newId();
  const values: Record<string, string> = {
    workspace_id: `'${workspaceId}'::uuid`,
    run_id: `'${runId}'::uuid`,
    execution_plan_id: `'${planId}'::uuid`,
    user_id: `'${userId}'`,
  };
  const { rows: columns } = await owner.query<Column>(COLUMNS, [OTHER_TABLES]);
  await owner.query("SET session_replication_role = 'replica'");
  for (const table of new Set(columns.map((column) => column.table))) {
    const ofTable = columns.filter((column) => column.table === table && (column.isRequired || values[column.name]));
    const names = ofTable.map(({ name }) => name).join(', ');
    const samples = ofTable.map(({ name, type }) => values[name] ?? sampleOf(type)).join(', ');
    await owner.query(
      `INSERT INTO ${table} (${names}) SELECT ${samples} FROM generate_series(1, $1::int) AS n ON CONFLICT DO NOTHING`,
      [rows],
    );
  }
  await owner.query("SET session_replication_role = 'origin'");
  await owner.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, status, intent, user_id, selected, signature, seq, tool_calls, due, started_at, ended_at,
       integrations) VALUES ($1, $2, $3, 'SUCCESS', 'Sum up', $4, '{}', '\\x00', $5, $5, 0, now(), clock_timestamp(),
       ARRAY(SELECT customer_integration_id FROM run_integration WHERE run_id = $2))`,
    [workspaceId, runId, planId, userId, rows],
  );
  return runId;
}

/** Tables of sums and of positions in all runs. */
const NOT_OF_RUNS = ['_prisma_migrations', 'usage_day', 'usage_progress', 'retention'];

/** The number of rows that contain a text, by table; only tables with such rows. */
export async function rowsWith(owner: pg.Client, text: string): Promise<Record<string, number>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND c.relname <> ALL($1) ORDER BY 1`,
    [NOT_OF_RUNS],
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const count = `SELECT count(*)::int AS n FROM ${name} AS t WHERE strpos(t::text, $1) > 0`;
    const { n } = (await owner.query<{ n: number }>(count, [text])).rows[0]!;
    if (n > 0) counts[name] = n;
  }
  return counts;
}
