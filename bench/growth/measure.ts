// Figures of a database with millions of runs: sizes, and the rows, blocks and log that lists, claims, removals and VACUUM take.
import { type ClaimOptions, claimRuns, listRuns, type RunScope } from '@errand/db';
import type pg from 'pg';
import { type Figures, round } from '../figures.ts';

type Node = {
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: Node[];
};
type Read = { rows: number; blocks: number };

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The rows that the scans of a plan read, and its blocks. */
function readsOf(plan: Node): Read {
  const scans = nodesOf(plan).filter(
    (node) => /Scan/.test(node['Node Type']) && !/CTE|Subquery|Function/.test(node['Node Type']),
  );
  const rows = scans.reduce(
    (sum, node) => sum + (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    0,
  );
  return { rows: Math.round(rows), blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] };
}

/** A pool that also explains its statements. */
const explaining = (pool: pg.Pool, reads: Read[]) => ({
  async query(statement: { text: string; values: unknown[] }) {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement.text}`, statement.values);
    reads.push(readsOf(rows[0]['QUERY PLAN'][0].Plan));
    return pool.query(statement.text, statement.values);
  },
});

const sum = (reads: readonly Read[]): Read => ({
  rows: reads.reduce((total, { rows }) => total + rows, 0),
  blocks: reads.reduce((total, { blocks }) => total + blocks, 0),
});

/** Bytes a run, of each table with its indexes, and of the largest indexes. Partitions count for their table. */
export async function sizes(client: pg.ClientBase): Promise<Figures> {
  const { rows } = await client.query<{ table: string; index: string | null; bytes: number }>(
    `WITH part AS (SELECT c.oid, coalesce(p.relname, c.relname) AS table FROM pg_class c
       LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
       WHERE c.relkind = 'r' AND c.relnamespace IN ('public'::regnamespace, 'errand_partitions'::regnamespace))
     SELECT "table", NULL AS index, sum(pg_total_relation_size(oid))::float8 AS bytes FROM part GROUP BY 1
     UNION ALL SELECT "table", regexp_replace(x.indexrelid::regclass::text, '.*_(20\\d{6}|earlier|default)_', '') , sum(pg_relation_size(x.indexrelid))::float8
       FROM part JOIN pg_index x ON x.indrelid = part.oid GROUP BY 1, 2 ORDER BY 3 DESC`,
  );
  const { rows: counted } = await client.query<{ runs: number; all: number }>(
    'SELECT count(*)::float8 AS runs, pg_database_size(current_database())::float8 AS all FROM run',
  );
  const { runs, all } = counted[0]!;
  const perRun = (bytes: number) => Math.round(bytes / runs);
  const tables = rows.filter(({ index, bytes }) => index === null && bytes / runs >= 1);
  const indexes = rows.filter(({ index, bytes }) => index !== null && bytes / runs >= 10);
  return {
    runs,
    databaseGigabytes: round(all / 1e9),
    bytesPerRun: perRun(all),
    tables: Object.fromEntries(tables.map(({ table, bytes }) => [table, perRun(bytes)])),
    indexes: Object.fromEntries(indexes.map(({ table, index, bytes }) => [`${table}.${index}`, perRun(bytes)])),
  };
}

/** The rows and blocks that first pages of lists read. */
export async function lists(pool: pg.Pool, workspaceId: string, tool: string): Promise<Record<string, Read>> {
  const filters = {
    all: {},
    succeeded: { status: ['SUCCESS' as const] },
    failed: { status: ['FAILED' as const] },
    ofAUser: { userId: 'user-7' },
    ofATool: { tool },
    ofAToolThatNoRunCalled: { tool: `${tool}s` },
    ofAnIntegration: { customerIntegrationIds: [tool.split('.')[0]!] },
  };
  const figures: Record<string, Read> = {};
  for (const [name, filter] of Object.entries(filters)) {
    for (let warm = 0; warm < 2; warm++) {
      const reads: Read[] = [];
      const scope = { pool: explaining(pool, reads), workspaceId } as unknown as RunScope;
      await listRuns(scope, filter, { pageSize: 20 }, { maxBytes: 2 ** 22, requests: 10 });
      figures[name] = sum(reads);
    }
  }
  return figures;
}

/** The rows and blocks that a claim of 16 of some due runs reads. */
export async function claim(pool: pg.Pool): Promise<Read> {
  const options: ClaimOptions = {
    worker: 'pool-bench',
    maxRuns: 16,
    slots: 1000,
    maxBeyondSlots: 0,
    mayTakeSuspect: true,
    oldest: false,
    cursor: null,
  };
  let last: Read = { rows: 0, blocks: 0 };
  for (let warm = 0; warm < 2; warm++) {
    const reads: Read[] = [];
    await claimRuns(explaining(pool, reads) as unknown as pg.Pool, options, {
      type: 'start',
      data: '{}',
      toolCalls: null,
    });
    last = sum(reads);
  }
  return last;
}

type Cost = { seconds: number; walMegabytes: number };

/** The time and the write-ahead log of some work. */
export async function costOf<T>(client: pg.ClientBase, work: () => Promise<T>): Promise<Cost & { result: T }> {
  const wal = async () => Number((await client.query(`SELECT pg_current_wal_insert_lsn() - '0/0' AS wal`)).rows[0].wal);
  const before = await wal();
  const from = performance.now();
  const result = await work();
  const seconds = (performance.now() - from) / 1000;
  return { seconds: round(seconds), walMegabytes: round(((await wal()) - before) / 1e6), result };
}

const TABLES = ['run', 'run_event', 'ledger', 'execution_plan', 'run_text', 'run_integration'];

/** The stored rows of each table. */
export async function countRows(client: pg.ClientBase): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) {
    const { rows } = await client.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ${table}`);
    counts[table] = rows[0]!.n;
  }
  return counts;
}
