// The stored state of a workspace, to detect changes.
import pg from 'pg';
import type { Tenant } from './tenants.ts';

/** A hash of each table's rows of a workspace, read in one statement. */
export async function stateOf(
  sql: pg.Pool,
  { workspaceId }: Pick<Tenant, 'workspaceId'>,
): Promise<Record<string, string>> {
  const { rows } = await sql.query<{ state: Record<string, string> }>({
    name: 'state',
    text: await stateStatement(sql),
    values: [workspaceId],
  });
  return rows[0]!.state;
}

/** Cached: no table is created meanwhile. */
const statements = new WeakMap<pg.Pool, string>();

async function stateStatement(sql: pg.Pool): Promise<string> {
  const knownStatement = statements.get(sql);
  if (knownStatement !== undefined) return knownStatement;
  const { rows } = await sql.query<{ name: string; uses: boolean }>(
    `SELECT c.oid::regclass::text AS name,
       EXISTS (SELECT 1 FROM pg_attribute u WHERE u.attrelid = c.oid AND u.attname = 'last_used_at') AS uses
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p' ORDER BY 1`,
  );
  const tables = rows.filter(({ name }) => !(name in late));
  // A key stores its last use.
  const hashes = tables.map(
    ({ name, uses }) =>
      `SELECT ${pg.escapeLiteral(name)} AS name, md5(string_agg(row, '' ORDER BY row COLLATE "C")) AS hash
       FROM (SELECT md5(${uses ? `(to_jsonb(t) - 'last_used_at')::text` : 't::text'}) AS row FROM ${name} AS t
         WHERE workspace_id = $1 ${partlyLate[name] ?? ''}) AS kept`,
  );
  const statement = `SELECT json_object_agg(name, hash) AS state FROM (${hashes.join(' UNION ALL ')}) AS hashes`;
  statements.set(sql, statement);
  return statement;
}

/** Tables with some rows that are written later; the condition selects the others. */
const partlyLate: Readonly<Record<string, string>> = { audit: `AND action <> 'credential.used'` };

/** Tables that are written some time after the event. */
const late: Readonly<Record<string, string>> = {
  audit_seal: 'audit entries are sealed later',
  audit_unsealed: 'those that are not yet',
  run_text: 'words of results are added once a minute',
  usage_day: 'ended runs are counted once a minute',
};
