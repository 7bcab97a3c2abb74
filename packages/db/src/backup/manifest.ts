import { ExplainedError } from '@errand/basics/explained-error';

export const MANIFEST_NAME = 'manifest.json';
export const KEYS_NAME = 'keys.json';
const FORMAT = 'errand-backup';
const FORMAT_VERSION = 1;

/** The rows of one table: the output of `COPY … TO STDOUT` in text format. */
export type BackupTable = {
  name: string;
  columns: string[];
  rows: number;
  bytes: number;
  sha256: string;
};

export type PartitionBounds = { parent: string; low: string; high: string };

/** The last entry of a backup, written after all others. */
export type Manifest = {
  format: typeof FORMAT;
  formatVersion: typeof FORMAT_VERSION;
  backupId: string;
  /** The time of the snapshot, by the clock of the database. */
  takenAt: string;
  errandVersion: string;
  postgresVersion: string;
  /** The applied migrations, oldest first. */
  migrations: { name: string; checksum: string }[];
  tables: BackupTable[];
  /** The months with a partition of events, as YYYYMM: in backups of releases with partitions of a month. */
  months?: string[];
  /** The partitions, from `low` to below `high`; absent in backups of these releases. */
  partitions?: PartitionBounds[];
  /** The newest link of each audit chain. */
  auditHeads: { workspaceId: string; seq: number; hash: string }[];
  /** The master keys with which secrets were sealed. */
  masterKeyIds: string[];
  /** Whether the backup contains the master keys, sealed with a passphrase. */
  hasKeys: boolean;
};

export const newManifest = (fields: Omit<Manifest, 'format' | 'formatVersion'>): Manifest => ({
  format: FORMAT,
  formatVersion: FORMAT_VERSION,
  ...fields,
});

const isText = (value: unknown) => typeof value === 'string';
const isListOf = <Item>(value: unknown, check: (item: Item) => boolean): value is Item[] =>
  Array.isArray(value) && (value as Item[]).every((item) => check(item));
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_PARTITIONS = 10_000;
const isPartition = ({ parent, low, high }: PartitionBounds): boolean =>
  ['run_event', 'ledger'].includes(parent) && UUID.test(low) && UUID.test(high) && low < high;
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;

/** @throws ExplainedError if the text is no manifest, or one of a later format */
export function parseManifest(text: string, file: string): Manifest {
  const manifest = parseJson(text) as Partial<Manifest> | undefined;
  if (manifest?.format !== FORMAT) throw new ExplainedError(`${file} is not a backup of Errand. Choose another file.`);
  if (manifest.formatVersion !== FORMAT_VERSION)
    throw new ExplainedError(
      `${file} has the format ${manifest.formatVersion}, and this version of Errand reads format ${FORMAT_VERSION}. Restore it with Errand ${manifest.errandVersion}.`,
    );
  if (!isComplete(manifest)) throw new ExplainedError(`The manifest of ${file} is damaged. Use another backup.`);
  return manifest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names become part of statements, so they are checked. */
function isComplete(manifest: Partial<Manifest>): manifest is Manifest {
  const { backupId, takenAt, errandVersion, migrations, tables, months = [], auditHeads, masterKeyIds } = manifest;
  const { partitions = [] } = manifest;
  return (
    [backupId, takenAt, errandVersion].every(isText) &&
    !Number.isNaN(Date.parse(takenAt!)) &&
    isListOf(migrations, ({ name, checksum }: Manifest['migrations'][number]) => isText(name) && isText(checksum)) &&
    isListOf(tables, isTable) &&
    isListOf(months, (month: string) => /^\d{6}$/.test(month)) &&
    isListOf(partitions, isPartition) &&
    partitions.length <= MAX_PARTITIONS &&
    isListOf(auditHeads, ({ workspaceId, seq }: Manifest['auditHeads'][number]) => isText(workspaceId) && seq >= 0) &&
    isListOf(masterKeyIds, isText)
  );
}

const isTable = ({ name, columns, rows, sha256 }: BackupTable): boolean =>
  IDENTIFIER.test(name) &&
  isListOf(columns, (column: string) => IDENTIFIER.test(column)) &&
  Number.isSafeInteger(rows) &&
  isText(sha256);
