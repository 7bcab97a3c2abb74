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
  onChunk?: (copied: number) => void;
};

/**
 * Copies runs with all their rows, oldest first. For the time of the copying commits are not synchronous.
 * @param client of the owner of the tables, without other sessions that write
 */
export async function copyRuns(
  client: pg.ClientBase,
  { workspaceId, templates, runs, spacingMs, onChunk }: Copies,
): Promise<void> {
  await client.query(`SET synchronous_commit = off; SET work_mem = '64MB';
    CREATE TEMP TABLE copied (n int, from_run uuid, to_run uuid, to_plan uuid, shift interval)`);
  const statements = await Promise.all(TABLES.map((table) => copyStatement(client, table)));
  const { rows } = await client.query<{ now: Date }>('SELECT now()');
  for (let from = 0; from < runs; from += CHUNK) {
    const until = Math.min(from + CHUNK, runs);
    await client.query('BEGIN');
    await client.query('TRUNCATE copied');
    await client.query(
      `INSERT INTO copied SELECT n, run.run_id, ${idAt}, ${idAt}, made.at - run.created_at
       FROM generate_series($3::int, $4::int - 1) AS n
       JOIN run ON run.workspace_id = $1 AND run.run_id = ($2::uuid[])[1 + n % cardinality($2::uuid[])],
       LATERAL (SELECT $5::timestamptz + (n - $6::int) * $7::float8 * interval '1 millisecond' AS at) AS made`,
      [workspaceId, templates, from, until, rows[0]!.now, runs, spacingMs],
    );
    for (const statement of statements) await client.query(statement, [workspaceId]);
    await client.query('COMMIT');
    onChunk?.(until);
  }
  await client.query('DROP TABLE copied; RESET synchronous_commit; RESET work_mem');
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
    FROM copied c JOIN ${table} t ON t.workspace_id = $1 AND t.run_id = c.from_run ORDER BY c.n`;
}
