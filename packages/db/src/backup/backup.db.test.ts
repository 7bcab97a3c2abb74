// A backup holds everything of one moment, and a restore gives it back or nothing.
import { copyFile, mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@errand/contracts';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { verifyAuditAt } from '../audit/verify.ts';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { anIntegration, aTarget } from '../testing/an-integration.ts';
import { changedCopy, entriesOf } from '../testing/backup-files.ts';
import { claimOne } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { openBackup } from './read-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { openKeys, sealKeys } from './sealed-keys.ts';
import { readTables } from './tables.ts';
import { writeBackup } from './write-backup.ts';

const key = masterKey();
const TOKEN = 'canary-token-2f9d';
/** With the one that `seedRuns` lets wait. */
const OPEN_RUNS = 4;

let original: TestDatabase;
let db: Db;
let sql: pg.Pool;
let workspaceId: string;
let apiKey: string;
let integrationId: string;
let folder: string;
let file: string;
const targets: TestDatabase[] = [];

beforeAll(async () => {
  original = await createTestDatabase(inject('postgres'));
  sql = new pg.Pool({ connectionString: original.url, max: 4 });
  db = openDatabase({ ...original.logins, masterKeys: [key] });
  await db.ready();
  ({ workspaceId } = await db.workspaces.create('acme'));
  ({ key: apiKey } = await db.apiKeys.create(workspaceId, { name: 'k', scopes: ['runs:read'] }));
  const { integrations, credentials, webhooks } = db.forWorkspace(workspaceId);
  ({ customerIntegrationId: integrationId } = await integrations.create(anIntegration()));
  await credentials.putUserToken(aTarget(integrationId), 'ada', new Secret(TOKEN));
  await webhooks.create({ url: 'https://a.example.com/', events: ['run.end'], active: true });
  await seedRuns(sql, workspaceId, 200, { whole: true });
  // Backslashes, line ends and other characters that the format escapes.
  const odd = { intent: 'A\tb\\N\r\n"ü" \\. 日本' };
  for (let n = 1; n < OPEN_RUNS; n++) await createRun({ pool: db.pool, workspaceId }, aNewRun(odd));
  while ((await db.sealAudit()) > 0);
  await db.forWorkspace(workspaceId).audit.add({ action: 'api_key.created', target: 'not sealed yet' });
});
afterAll(async () => {
  await sql.end();
  await db.close();
  await original.drop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-backup-'));
  file = join(folder, 'backup.zip');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  for (const target of targets.splice(0)) await target.drop();
});

const write = (more: Partial<Parameters<typeof writeBackup>[0]> = {}) =>
  writeBackup({ url: original.logins.url, file, ...more });

async function anEmptyDatabase(): Promise<TestDatabase> {
  const target = await createTestDatabase(inject('postgres'), { empty: true });
  targets.push(target);
  return target;
}

type Changes = Partial<Omit<Parameters<typeof restoreBackup>[0], 'backup'>>;
async function restore(target: TestDatabase, path = file, changes: Changes = {}) {
  const backup = await openBackup(path);
  try {
    return await restoreBackup({ ownerUrl: target.logins.ownerUrl, backup, masterKeys: [key], ...changes });
  } finally {
    backup.close();
  }
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/** A hash of all rows of each table. */
async function contentOf(url: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const hashes: Record<string, string> = {};
  for (const { name, columns } of await readTables(client)) {
    // A restore marks open runs and due lists.
    const compared = columns.filter((column) => !['restored_at', 'list_at'].includes(column)).join(', ');
    const { rows } = await client.query<{ hash: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS hash FROM (SELECT ${compared} FROM ${name}) AS t`,
    );
    hashes[name] = rows[0]!.hash;
  }
  await client.end();
  return hashes;
}

test('everything comes back: rows of each table, keys, credentials and audit chains', async () => {
  const { manifest } = await write();
  const target = await anEmptyDatabase();
  const restored = await restore(target);

  expect(await contentOf(target.url)).toEqual(await contentOf(original.url));
  expect(restored).toMatchObject({ openRuns: OPEN_RUNS, migrated: [] });
  expect(restored.rows).toBe(manifest.tables.reduce((sum, { rows }) => sum + rows, 0));
  const copy = openDatabase({ ...target.logins, masterKeys: [key] });
  await copy.ready();
  expect((await copy.apiKeys.verify(apiKey))?.workspaceId).toBe(workspaceId);
  const credential = await copy.forWorkspace(workspaceId).credentials.open(aTarget(integrationId), 'ada');
  expect((credential as { token: Secret }).token.reveal()).toBe(TOKEN);
  while ((await copy.sealAudit()) > 0);
  const { breaches, checked } = await verifyAuditAt(target.logins.url, manifest.auditHeads);
  expect(breaches).toEqual([]);
  expect(checked).toBeGreaterThan(4);
  await copy.close();
});

/** Everything about tables that a restore changes for a while, or could forget. */
const CATALOG = `SELECT c.oid::regclass::text AS name, c.relrowsecurity, c.relforcerowsecurity, c.relacl::text, c.relpersistence::text,
    array_to_string(c.reloptions, ',') AS options,
    (SELECT array_agg(t.tgname::text || t.tgenabled::text ORDER BY 1) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers,
    (SELECT array_agg(k.contype::text || k.conname::text || k.convalidated ORDER BY 1) FROM pg_constraint k WHERE k.conrelid = c.oid) AS constraints,
    (SELECT array_agg(pg_get_indexdef(i.indexrelid) || i.indisvalid ORDER BY 1) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes,
    (SELECT array_agg(p.polname::text || pg_get_expr(p.polqual, p.polrelid) ORDER BY 1) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
    (SELECT array_agg(a.attname::text || format_type(a.atttypid, a.atttypmod) || a.attnotnull || a.attstorage::text || coalesce(a.attacl::text, '') ORDER BY 1)
       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'errand_partitions') AND c.relkind IN ('r', 'p') ORDER BY 1`;

test('tables, policies, triggers, keys and rights are as after a migration', async () => {
  await write();
  const target = await anEmptyDatabase();
  await restore(target);
  const catalog = await query(target.url, CATALOG);
  expect(catalog).toEqual(await query(original.url, CATALOG));
  expect(catalog.length).toBeGreaterThan(40);
});

test('rows come back into the partitions that they had', async () => {
  const at = new Date(Date.now() - 50 * 86_400_000);
  const partitions = `SELECT 'ledger' AS parent, tableoid::regclass::text AS partition, count(*) FROM ledger GROUP BY 2
    UNION ALL SELECT 'run_event', tableoid::regclass::text, count(*) FROM run_event GROUP BY 2 ORDER BY 1, 2`;
  await query(original.url, `SELECT errand_partitions.ensure('ledger', '${at.toISOString()}', 'week')`);
  await query(
    original.url,
    `INSERT INTO ledger (workspace_id, run_id, key, kind, state) VALUES (gen_random_uuid(), errand_partitions.uuid_floor('${at.toISOString()}'), 'old', 'tool', 'DONE')`,
  );
  const { manifest } = await write();
  expect(manifest.partitions!.length).toBeGreaterThan(4);
  const target = await anEmptyDatabase();
  await restore(target);
  expect(await query(target.url, partitions)).toEqual(await query(original.url, partitions));
  await query(original.url, `DELETE FROM ledger WHERE key = 'old'`);
});

test('a backup has every table, or the reason to leave it out is that it belongs to processes', async () => {
  const { manifest } = await write();
  const rows = await query<{ name: string }>(
    original.url,
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1`,
  );
  const missing = rows.map(({ name }) => name).filter((name) => !manifest.tables.some((table) => table.name === name));
  expect(missing).toEqual([
    '_prisma_migrations',
    'call_quota',
    'open_run_claim',
    'request_quota',
    'restore',
    'stream_lease',
    'vault_reader',
    'worker_pool',
  ]);
});

test('a backup under load is of one moment', async () => {
  let isWriting = true;
  let transactions = 0;
  // Each transaction writes to one of the first and to one of the last tables.
  const writers = Array.from({ length: 3 }, async () => {
    for (; isWriting; transactions++)
      await sql.query(
        `WITH entry AS (INSERT INTO audit (workspace_id, audit_id, actor_type, actor_label, action, target)
           VALUES ($1, errand_audit.new_id(), 'system', 'x', 'paired', gen_random_uuid()) RETURNING target)
         INSERT INTO workspace_origin (workspace_id, origin, created_by) SELECT $1, target, 'paired' FROM entry`,
        [workspaceId],
      );
  });
  await expect.poll(() => transactions).toBeGreaterThan(10);
  const before = transactions;
  let during = 0;
  await write({ onProgress: () => (during = transactions - before) });
  isWriting = false;
  await Promise.all(writers);
  expect(during).toBeGreaterThan(0);

  const target = await anEmptyDatabase();
  await restore(target);
  const counts = `SELECT count(a.target)::int AS entries, count(o.origin)::int AS origins, count(*)::int AS either
    FROM (SELECT target FROM audit WHERE action = 'paired') AS a
    FULL JOIN (SELECT origin FROM workspace_origin WHERE created_by = 'paired') AS o ON o.origin = a.target`;
  const [{ entries, origins, either }] = (await query(target.url, counts)) as [Record<string, number>];
  expect(entries).toBeGreaterThanOrEqual(before);
  expect([entries, origins]).toEqual([either, either]);
});

test('neither the master key nor a secret is in a backup, unless it was asked for', async () => {
  await write();
  const all = Buffer.concat([...(await entriesOf(file)).values()]);
  const secret = key.split(':')[1]!;
  for (const text of [secret, TOKEN, apiKey]) expect(all.includes(text), text).toBe(false);
  const raw = Buffer.from(secret, 'base64');
  expect([raw, Buffer.from(raw.toString('hex'))].map((bytes) => all.includes(bytes))).toEqual([false, false]);
  expect(all.includes(workspaceId)).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['backup.zip']);
});

test('master keys come with a passphrase, and open with this one alone', async () => {
  await write({ keys: { masterKeys: key, passphrase: 'correct horse battery' } });
  const { sealedKeys, manifest, close } = await openBackup(file);
  close();
  expect(Buffer.concat([...(await entriesOf(file)).values()]).includes(key.split(':')[1]!)).toBe(false);
  expect(await openKeys(sealedKeys!, 'correct horse battery', manifest.backupId)).toBe(key);
  await expect(openKeys(sealedKeys!, 'correct horse batterz', manifest.backupId)).rejects.toThrow(
    /passphrase does not open/,
  );
  await expect(openKeys(sealedKeys!, 'correct horse battery', 'another')).rejects.toThrow(/passphrase does not open/);
  await expect(sealKeys(key, 'short', 'b')).rejects.toThrow(/shorter than 12 characters/);
});

test('a database with tables is refused, and stays as it is', async () => {
  await write();
  const target = await anEmptyDatabase();
  await restore(target);
  const before = await contentOf(target.url);
  await expect(restore(target)).rejects.toThrow(
    /is not empty: it has the table _prisma_migrations. Restore into a new database/,
  );
  expect(await contentOf(target.url)).toEqual(before);
});

test('a damaged, a cut and a foreign file are refused, and leave an empty database', async () => {
  await write();
  const target = await anEmptyDatabase();
  const copy = join(folder, 'copy.zip');
  const attempt = async (refusal: RegExp) => {
    await expect(restore(target, copy)).rejects.toThrow(refusal);
    expect(await query(target.url, `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).toEqual(
      [],
    );
    await rm(copy);
  };
  await changedCopy(file, copy, 'tables/workspace.copy', (text) => text.replace('acme', 'evil'));
  await attempt(/is damaged: its content does not fit its manifest/);
  await changedCopy(file, copy, 'tables/workspace.copy', (text) => text.replace('acme', 'ac\tme'));
  await attempt(/is damaged: its content does not fit its manifest/);
  await changedCopy(file, copy, 'manifest.json', (text) => text.replace('"rows": 1', '"rows": 2'));
  await attempt(/is damaged: its content does not fit its manifest/);
  await changedCopy(file, copy, 'manifest.json', (text) =>
    text.replace('"name": "workspace"', '"name": "workspace; --"'),
  );
  await attempt(/The manifest of .* is damaged/);
  await changedCopy(file, copy, 'manifest.json', () => '{"format": "other"}');
  await attempt(/is not a backup of Errand/);
  await copyFile(file, copy);
  await truncate(copy, (await stat(file)).size - 30);
  await attempt(/is no whole backup: it has no table of contents/);
  await expect(restore(target, copy)).rejects.toThrow(/There is no file/);

  await restore(target);
});

test('a backup of a newer version, of a later format or with other migrations is refused', async () => {
  await write();
  const target = await anEmptyDatabase();
  const copy = join(folder, 'copy.zip');
  const attempt = async (change: (text: string) => string, refusal: RegExp) => {
    await changedCopy(file, copy, 'manifest.json', change);
    await expect(restore(target, copy)).rejects.toThrow(refusal);
  };
  await attempt(
    (text) => text.replace('"migrations": [', '"migrations": [{"name": "29990101000000_later", "checksum": "x"},'),
    /copy\.zip belongs to .*Errand \d+\.\d+\.\d+: this version, \d+\.\d+\.\d+, has no migration 29990101000000_later\. Use that version or a later one/,
  );
  await attempt(
    (text) => text.replace(/"checksum": "\w+"/, '"checksum": "0"'),
    /baseline of .* differs from the one of this version/,
  );
  await attempt(
    (text) => text.replace('"formatVersion": 1', '"formatVersion": 2'),
    /has the format 2, and this version .* reads format 1/,
  );
});

test('other master keys are refused before anything is visible', async () => {
  await write();
  const target = await anEmptyDatabase();
  await expect(restore(target, file, { masterKeys: [masterKey()] })).rejects.toThrow(
    /"test" is not the one that sealed/,
  );
  await expect(restore(target, file, { masterKeys: [masterKey('k2')] })).rejects.toThrow(
    /master key "test", which is missing/,
  );
  await restore(target);
});

test('a broken audit chain is refused, unless it is accepted', async () => {
  const broken = await createTestDatabase(inject('postgres'), { empty: true });
  targets.push(broken);
  await write();
  await restore(broken);
  await query(
    broken.url,
    `ALTER TABLE audit DISABLE TRIGGER USER; UPDATE audit SET target = 'other'; ALTER TABLE audit ENABLE TRIGGER USER`,
  );
  await writeBackup({ url: broken.logins.url, file: join(folder, 'broken.zip') });
  const target = await anEmptyDatabase();
  await expect(restore(target, join(folder, 'broken.zip'))).rejects.toThrow(/The audit log in .* has \d+ breaches/);
  await restore(target, join(folder, 'broken.zip'), { acceptBreaches: true });
});

test('a file that exists is not replaced, and a failed backup leaves no file', async () => {
  await write();
  await expect(write()).rejects.toThrow(/There is a file .*backup\.zip already/);
  await expect(write({ file: join(folder, 'missing', 'b.zip') })).rejects.toThrow(/There is no folder .*missing/);
  const empty = await anEmptyDatabase();
  await expect(write({ url: empty.logins.url, file: join(folder, 'empty.zip') })).rejects.toThrow(/no data of Errand/);
  expect(await readdir(folder)).toEqual(['backup.zip']);
});

test('a connection that is lost during a backup leaves no file', async () => {
  const onProgress = () => {
    void sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'errand backup'`);
  };
  await expect(write({ onProgress })).rejects.toThrow(/terminat|closed|connection error/i);
  expect(await readdir(folder)).toEqual([]);
});

test('claimed runs are free in the copy, and wait until the hold ends', async () => {
  const scope = { pool: db.pool, workspaceId };
  const { runId } = await createRun(scope, aNewRun());
  const claimed = await claimOne(scope, runId);
  await write();
  const target = await anEmptyDatabase();
  await restore(target);
  const [run] = await query(
    target.url,
    `SELECT lease, due, epoch, restored_at IS NOT NULL AS restored FROM run WHERE run_id = '${runId}'`,
  );
  expect(run).toEqual({ lease: null, due: 2, epoch: claimed!.run.epoch + 1, restored: true });
  expect(
    await query(
      target.url,
      `SELECT count(*)::int AS n FROM run WHERE restored_at IS NOT NULL AND ended_at IS NOT NULL`,
    ),
  ).toEqual([{ n: 0 }]);
});
