import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { BackupTable } from './manifest.ts';
import { Meter } from './meter.ts';
import { damaged, type OpenBackup } from './read-backup.ts';
import { columnList, parentsFirst, quoted } from './tables.ts';

/**
 * Loads all rows of a backup as the owner of the tables, in its transaction. Meanwhile row-level security does not apply to the owner, and
 * the triggers that write audit entries and messages are off; afterwards both are as before.
 * @throws ExplainedError if a table is not as the manifest says
 */
export async function loadTables(
  owner: ClientBase,
  backup: OpenBackup,
  onProgress: (table: string, bytes: number) => void,
): Promise<void> {
  const tables = await parentsFirst(owner, backup.manifest.tables);
  const opened = await openForLoading(
    owner,
    tables.map(({ name }) => name),
  );
  // Migrations insert some rows, which the backup has too.
  for (const { name } of tables.toReversed()) await owner.query(`DELETE FROM public.${quoted(name)}`);
  for (const table of tables) await loadTable(owner, backup, table, (bytes) => onProgress(table.name, bytes));
  for (const text of opened) await owner.query(text);
  await checkCounts(owner, backup);
}

/** @returns the statements that undo it */
async function openForLoading(owner: ClientBase, names: readonly string[]): Promise<string[]> {
  const { rows: forced } = await owner.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = ANY($1) AND relforcerowsecurity`,
    [names],
  );
  const { rows: triggers } = await owner.query<{ table: string; trigger: string }>(
    `SELECT c.relname AS table, t.tgname AS trigger FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1) AND NOT t.tgisinternal AND t.tgenabled = 'O' AND t.tgparentid = 0`,
    [names],
  );
  const changes = [
    ...forced.map(({ name }) => [name, 'NO FORCE ROW LEVEL SECURITY', 'FORCE ROW LEVEL SECURITY'] as const),
    ...triggers.map(({ table, trigger }) => {
      return [table, `DISABLE TRIGGER ${quoted(trigger)}`, `ENABLE TRIGGER ${quoted(trigger)}`] as const;
    }),
  ];
  for (const [table, change] of changes) await owner.query(`ALTER TABLE public.${quoted(table)} ${change}`);
  return changes.map(([table, , undo]) => `ALTER TABLE public.${quoted(table)} ${undo}`);
}

async function loadTable(
  owner: ClientBase,
  { file, openTable }: OpenBackup,
  { name, columns, rows, sha256 }: BackupTable,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const meter = new Meter(onBytes);
  const target = owner.query(copyFrom(`COPY public.${quoted(name)} (${columnList(columns)}) FROM STDIN`));
  const content = await openTable(name);
  await pipeline(content, meter, target).catch((error) => {
    throw isOfContent(error) ? damaged(file, error) : error;
  });
  if (meter.sha256() !== sha256 || target.rowCount !== rows) throw damaged(file);
}

/** Postgres refuses a damaged row (SQLSTATE 22 and 23) before the hash is known; zlib and the reader of the file refuse damaged bytes. */
const isOfContent = ({ code, message }: { code?: string; message: string }): boolean =>
  /^(22|23|Z_)/.test(code ?? '') || /bytes in the stream/.test(message);

async function checkCounts(owner: ClientBase, { file, manifest }: OpenBackup): Promise<void> {
  for (const { name, rows } of manifest.tables) {
    const { rows: counted } = await owner.query<{ n: string }>(`SELECT count(*) AS n FROM public.${quoted(name)}`);
    if (Number(counted[0]?.n) !== rows) throw damaged(file);
  }
}
