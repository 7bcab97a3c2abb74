// The stored state of a workspace, to detect changes.
import pg from 'pg';
import type { Tenant } from './tenants.ts';

type State = Readonly<Record<string, string>>;
type Owner = Pick<Tenant, 'workspaceId'>;

/** A hash of each table's rows of a workspace. Tables without rows are left out. */
export async function stateOf(sql: pg.Pool, workspace: Owner): Promise<State> {
  return (await statesOf(sql, [workspace]))[0]!;
}

/** The states of workspaces, read in one statement. */
export async function statesOf(sql: pg.Pool, workspaces: readonly Owner[]): Promise<State[]> {
  const ids = workspaces.map(({ workspaceId }) => workspaceId);
  const { rows } = await sql.query<{ workspaceId: string; state: State }>({
    name: 'states',
    text: await statesStatement(sql),
    values: [ids],
  });
  return ids.map((id) => rows.find(({ workspaceId }) => workspaceId === id)!.state);
}

/** Cached: no table is created meanwhile. */
const statements = new WeakMap<pg.Pool, string>();

async function statesStatement(sql: pg.Pool): Promise<string> {
  const knownStatement = statements.get(sql);
  if (knownStatement !== undefined) return knownStatement;
  const { rows } = await sql.query<{ name: string; uses: boolean }>(
    `SELECT c.oid::regclass::text AS name,
       EXISTS (SELECT 1 FROM pg_attribute u WHERE u.attrelid = c.oid AND u.attname = 'last_used_at') AS uses
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p' ORDER BY 1`,
  );
  const tables = rows.filter(({ name }) => !(name in late));
  // A key stores its last use, and a credential its last use by a run.
  const hashes = tables.map(({ name, uses }) => {
    const lateColumn = uses ? 'last_used_at' : lateColumns[name];
    return `SELECT workspace_id, ${pg.escapeLiteral(name)} AS name, md5(string_agg(row, '' ORDER BY row COLLATE "C")) AS hash
       FROM (SELECT workspace_id, md5(${lateColumn ? `(to_jsonb(t) - '${lateColumn}')::text` : 't::text'}) AS row FROM ${name} AS t
         WHERE workspace_id = ANY($1::uuid[]) ${partlyLate[name] ?? ''}) AS kept GROUP BY workspace_id`;
  });
  const statement = `SELECT workspace_id AS "workspaceId", json_object_agg(name, hash) AS state
    FROM (${hashes.join(' UNION ALL ')}) AS hashes GROUP BY workspace_id`;
  statements.set(sql, statement);
  return statement;
}

/** Columns that are written some seconds after the event. */
const lateColumns: Readonly<Record<string, string>> = { integration_user: 'used_at' };

/** Tables with some rows that are written later; the condition selects the others. */
const partlyLate: Readonly<Record<string, string>> = { audit: `AND action <> 'credential.used'` };

/** Tables that are written some time after the event. */
const late: Readonly<Record<string, string>> = {
  audit_seal: 'audit entries are sealed later',
  audit_unsealed: 'those that are not yet',
  integration_calls: 'calls are counted every ten seconds',
  run_text: 'words of results are added once a minute',
  usage_day: 'ended runs are counted once a minute',
};
