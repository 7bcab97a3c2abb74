import type { ClientBase } from 'pg';
import type { Manifest, PartitionBounds } from './manifest.ts';

export type TableShape = { name: string; columns: string[] };

/** Tables that belong to running processes or to one database, not to its data. Unlogged tables are left out too. */
const OF_ONE_DATABASE = ['_prisma_migrations', 'worker_pool', 'vault_reader', 'restore'];

/** The tables of a backup, with the columns that are stored. Partitions are read through their parent. */
export async function readTables(client: ClientBase): Promise<TableShape[]> {
  const { rows } = await client.query<TableShape>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence = 'p'
       AND c.relname <> ALL($1) AND c.relowner = (SELECT relowner FROM pg_class WHERE oid = 'public._prisma_migrations'::regclass)
       AND has_table_privilege('errand_system', c.oid, 'SELECT')
     GROUP BY c.relname ORDER BY c.relname`,
    [OF_ONE_DATABASE],
  );
  return rows;
}

/** The partitions of the tables. In a database that an earlier release migrated, events have partitions of a month, and calls have none. */
export async function readPartitions(client: ClientBase): Promise<Pick<Manifest, 'partitions' | 'months'>> {
  const { rows: states } = await client.query<{ isEarlier: boolean }>(
    `SELECT to_regprocedure('errand_partitions.bounds(text)') IS NULL AS "isEarlier"`,
  );
  if (states[0]!.isEarlier) return { months: await readMonths(client) };
  const { rows: partitions } = await client.query<PartitionBounds>(
    `SELECT parent, low, high FROM unnest('{run_event,ledger}'::text[]) AS parent, errand_partitions.bounds(parent) ORDER BY parent, low`,
  );
  return { partitions };
}

/** The months with a partition of events, as YYYYMM. */
async function readMonths(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ month: string }>(
    `SELECT substr(c.relname, 11) AS month FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'public.run_event'::regclass AND c.relname ~ '^run_event_[0-9]{6}$' ORDER BY 1`,
  );
  return rows.map(({ month }) => month);
}

/** Sorts tables so that each follows the tables to which its foreign keys refer. @throws Error for a cycle */
export async function parentsFirst<Table extends { name: string }>(
  client: ClientBase,
  tables: readonly Table[],
): Promise<Table[]> {
  const { rows } = await client.query<{ child: string; parent: string }>(
    `SELECT DISTINCT child.relname AS child, parent.relname AS parent FROM pg_constraint k
     JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
     WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND child.relnamespace = 'public'::regnamespace`,
  );
  const names = new Set(tables.map(({ name }) => name));
  const waiting = new Map(tables.map((table) => [table.name, table]));
  const sorted: Table[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(
      ({ name }) => !rows.some(({ child, parent }) => child === name && names.has(parent) && waiting.has(parent)),
    );
    if (ready.length === 0) throw new Error(`The foreign keys of ${[...waiting.keys()].join(', ')} form a cycle.`);
    for (const table of ready) {
      waiting.delete(table.name);
      sorted.push(table);
    }
  }
  return sorted;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const columnList = (columns: readonly string[]): string => columns.map(quoted).join(', ');
