// Millions of runs as the service writes them: copies of runs that it carried out, with ids and times of their own.
import type pg from 'pg';

/** The tables with rows of an ended run that only read. */
const TABLES = ['run', 'execution_plan', 'run_integration', 'run_text', 'run_event', 'ledger'] as const;
const CHUNK = 20_000;

/** A UUIDv7 of `made.at`. */
const idAt = `(left(errand_partitions.uuid_floor(made.at)::text, 14) || '7' || substr(gen_random_uuid()::text, 16))::uuid`;

export type Copies = {
  workspaceId: string;
  /** The runs to copy, in turn. */
  templates: readonly string[];
  runs: number;
  /** Between two runs. The newest run is of now. */
  spacingMs: number;
  /** Copies that exist already. */
  from?: number;
  /** The time of the newest run. */
  until?: Date;
  onChunk?: (copied: number) => void;
};

/** Drops the indexes that no constraint needs. Returns the statements that create them again. */
async function dropIndexes(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition FROM pg_index i
     WHERE i.indrelid = ANY($1::regclass[]) AND NOT i.indisunique`,
    [TABLES],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}

/**
 * Copies runs with all their rows, oldest first. For the time of the copying commits are not synchronous.
 * @param client of the owner of the tables, without other sessions that write
 */
export async function copyRuns(
  client: pg.ClientBase,
  { workspaceId, templates, runs, spacingMs, from: first = 0, until: newest, onChunk }: Copies,
): Promise<void> {
  const indexes = await dropIndexes(client);
  await client.query(`SET synchronous_commit = off; SET work_mem = '64MB'; SET maintenance_work_mem = '1GB';
    CREATE TEMP TABLE copied (n int, from_run uuid, to_run uuid, to_plan uuid, shift interval)`);
  // Tables of their own: the planner would join with the growing ones.
  for (const table of TABLES)
    await client.query(
      `CREATE TEMP TABLE template_${table} AS SELECT * FROM ${table} WHERE workspace_id = '${workspaceId}' AND run_id = ANY('{${templates.join()}}')`,
    );
  const statements: string[] = [];
  for (const table of TABLES) statements.push(await copyStatement(client, table));
  const { rows } = await client.query<{ now: Date }>('SELECT now()');
  for (let from = first; from < runs; from += CHUNK) {
    const until = Math.min(from + CHUNK, runs);
    await client.query('BEGIN');
    await client.query('TRUNCATE copied');
    await client.query(
      `INSERT INTO copied SELECT n, run.run_id, ${idAt}, ${idAt}, made.at - run.created_at
       FROM generate_series($2::int, $3::int - 1) AS n
       JOIN template_run AS run ON run.run_id = ($1::uuid[])[1 + n % cardinality($1::uuid[])],
       LATERAL (SELECT $4::timestamptz + (n - $5::int) * $6::float8 * interval '1 millisecond' AS at) AS made`,
      [templates, from, until, newest ?? rows[0]!.now, runs, spacingMs],
    );
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
    onChunk?.(until);
  }
  for (const definition of indexes) await client.query(definition);
  await client.query('DISCARD TEMP; RESET synchronous_commit; RESET work_mem; RESET maintenance_work_mem');
}

/** Copies the rows of a table: ids are replaced, times shifted, and one hundred users have the runs. */
async function copyStatement(client: pg.ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [table],
  );
  const value = ({ name, type }: { name: string; type: string }) => {
    if (name === 'run_id') return 'c.to_run';
    if (name === 'execution_plan_id') return 'c.to_plan';
    if (name === 'user_id') return `'user-' || c.n % 100`;
    if (type === 'timestamp with time zone') return `t.${name} + c.shift`;
    return `t.${name}`;
  };
  const names = rows.map(({ name }) => name).join(', ');
  return `INSERT INTO ${table} (${names}) SELECT ${rows.map(value).join(', ')}
    FROM copied c JOIN template_${table} t ON t.run_id = c.from_run ORDER BY c.n`;
}
