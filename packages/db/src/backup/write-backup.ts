import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ExplainedError } from '@errand/basics/explained-error';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { ZipFile } from 'yazl';
import { VERSION } from '../migrate/unknown-migration.ts';
import { primaryUrl } from '../primary/primary-choice.ts';
import { type BackupTable, KEYS_NAME, MANIFEST_NAME, type Manifest, newManifest } from './manifest.ts';
import { Meter } from './meter.ts';
import { writeNewFile } from './new-file.ts';
import { sealKeys } from './sealed-keys.ts';
import { columnList, quoted, readPartitions, readTables, type TableShape } from './tables.ts';

export type BackupOptions = {
  /** URL of a login that is a member of errand_system. */
  url: string;
  /** The file to create; it must not exist. */
  file: string;
  /** Includes the master keys, sealed with the passphrase. */
  keys?: { masterKeys: string; passphrase: string };
  onProgress?: (progress: BackupProgress) => void;
};

export type BackupProgress = { table: string; tablesDone: number; tables: number; bytes: number };
export type Backup = { file: string; bytes: number; manifest: Manifest };

/** For the locks of all tables, while migrations or removals hold them, in ms. */
const LOCK_MS = 60_000;
/** Fast: backups run beside the service. */
const COMPRESSION = 3;

/**
 * Writes the data of one moment to a file, while the service runs. Memory does not grow with the data.
 * @throws ExplainedError if the database is not one of Errand, or the file cannot be written
 */
export async function writeBackup(options: BackupOptions): Promise<Backup> {
  const { url, file, keys } = options;
  const backupId = randomUUID();
  const sealedKeys = keys && (await sealKeys(keys.masterKeys, keys.passphrase, backupId));
  const client = await connect(url);
  try {
    const zip = new ZipFile();
    const output = new PassThrough().on('error', () => {}); // the promises below report it
    // yazl reports errors of its sources on itself.
    zip.on('error', (error) => output.destroy(error as Error));
    (zip.outputStream as Readable).on('error', (error) => output.destroy(error)).pipe(output);
    const writing = writeNewFile(file, output);
    const filling = fill(zip, client, { ...options, backupId, hasKeys: keys !== undefined }, (manifest) => {
      if (sealedKeys) zip.addBuffer(jsonBuffer(sealedKeys), KEYS_NAME);
      zip.addBuffer(jsonBuffer(manifest), MANIFEST_NAME);
      zip.end();
    }).catch((error) => {
      output.destroy(error);
      throw error;
    });
    // If the file fails, the error of its stream explains why; otherwise the error of the database.
    writing.catch(() => client.end().catch(() => {}));
    const [written, filled] = await Promise.allSettled([writing, filling]);
    if (filled.status === 'rejected' && !isConsequence(filled.reason)) throw filled.reason;
    if (written.status === 'rejected') throw written.reason;
    if (filled.status === 'rejected') throw filled.reason;
    return { file, bytes: (await stat(file)).size, manifest: filled.value };
  } finally {
    await client.end().catch(() => {});
  }
}

/** Whether the stream only ended because its destination did. */
const isConsequence = (error: unknown): boolean =>
  ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes((error as { code?: string }).code ?? '') ||
  /Connection terminated/.test((error as Error).message);

const jsonBuffer = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`);

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: await primaryUrl(url),
    application_name: 'errand backup',
    connectionTimeoutMillis: 10_000,
  });
  client.on('error', () => {}); // a lost connection also fails the query in flight
  await client.connect();
  return client;
}

type FillOptions = BackupOptions & { backupId: string; hasKeys: boolean };

/** Adds all tables to the zip, in one snapshot. */
async function fill(
  zip: ZipFile,
  client: pg.Client,
  options: FillOptions,
  end: (manifest: Manifest) => void,
): Promise<Manifest> {
  const shapes = await beginSnapshot(client);
  const head = await readHead(client);
  const tables: BackupTable[] = [];
  let bytes = 0;
  for (const shape of shapes) {
    const report = (more: number) => {
      bytes += more;
      options.onProgress?.({ table: shape.name, tablesDone: tables.length, tables: shapes.length, bytes });
    };
    tables.push(await addTable(zip, client, shape, report));
  }
  const { backupId, hasKeys } = options;
  const manifest = newManifest({ backupId, errandVersion: VERSION, hasKeys, ...head, tables });
  await client.query('COMMIT');
  end(manifest);
  return manifest;
}

/** Locks the tables against changes of their columns and partitions, then takes the snapshot: so it has all that it shows. */
async function beginSnapshot(client: pg.Client): Promise<TableShape[]> {
  const { rows } = await client.query<{ mine: boolean }>(`SELECT to_regclass('public._prisma_migrations') IS NOT NULL
    AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'errand_system') AS mine`);
  if (!rows[0]?.mine) throw new ExplainedError('This database has no data of Errand. Check the URL.');
  await client.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = ${LOCK_MS};
    SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; SET timezone = 'UTC'; SET role = 'errand_system'`);
  const before = await readTables(client);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  await client.query(
    `LOCK TABLE ${before.map(({ name }) => `public.${quoted(name)}`).join(', ')} IN ACCESS SHARE MODE`,
  );
  const tables = await readTables(client);
  if (JSON.stringify(tables) !== JSON.stringify(before))
    throw new ExplainedError(
      'The tables changed while the backup began: a migration has just run. Make the backup again.',
    );
  return tables;
}

type Head = Omit<Parameters<typeof newManifest>[0], 'backupId' | 'errandVersion' | 'hasKeys' | 'tables'>;

async function readHead(client: pg.Client): Promise<Head> {
  const { rows: facts } = await client.query<{ takenAt: Date; postgresVersion: string }>(
    `SELECT now() AS "takenAt", current_setting('server_version') AS "postgresVersion"`,
  );
  const { rows: migrations } = await client.query<Manifest['migrations'][number]>(
    `SELECT migration_name AS name, checksum FROM public._prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  const { rows: auditHeads } = await client.query<Manifest['auditHeads'][number]>(
    `SELECT DISTINCT ON (workspace_id) workspace_id AS "workspaceId", seq, hash FROM public.audit_seal
     ORDER BY workspace_id, seq DESC`,
  );
  const { rows: keys } = await client.query<{ id: string }>('SELECT key_id AS id FROM public.vault_canary ORDER BY 1');
  const { takenAt, postgresVersion } = facts[0]!;
  return {
    takenAt: takenAt.toISOString(),
    postgresVersion,
    migrations,
    ...(await readPartitions(client)),
    auditHeads,
    masterKeyIds: keys.map(({ id }) => id),
  };
}

async function addTable(
  zip: ZipFile,
  client: pg.Client,
  { name, columns }: TableShape,
  onBytes: (bytes: number) => void,
): Promise<BackupTable> {
  // A SELECT, because COPY of a table itself does not read the partitions.
  const rows = client.query(copyTo(`COPY (SELECT ${columnList(columns)} FROM public.${quoted(name)}) TO STDOUT`));
  const meter = new Meter(onBytes);
  zip.addReadStream(meter, entryName(name), { mode: 0o100600, compressionLevel: COMPRESSION });
  await pipeline(rows, meter);
  // The number of rows arrives after the rows, before the answer to the next statement.
  await client.query('SELECT');
  return { name, columns, rows: rows.rowCount, bytes: meter.bytes, sha256: meter.sha256() };
}

/** The entry of a table in the zip. */
export const entryName = (table: string): string => `tables/${table}.copy`;
