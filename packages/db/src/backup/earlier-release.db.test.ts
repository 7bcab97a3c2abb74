// A backup of a database that a release with monthly partitions of events, and none of calls, has migrated.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { openBackup } from './read-backup.ts';
import { restoreBackup } from './restore-backup.ts';
import { writeBackup } from './write-backup.ts';

const MIGRATIONS = new URL('../../../../prisma/migrations', import.meta.url).pathname;
/** The first migration of the partitions of calls. */
const PARTITIONS = '20261130220000';

async function anEmptyDatabase() {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
  const sql = new pg.Pool({ connectionString: database.url, max: 1 });
  onTestFinished(async () => {
    await sql.end();
    await database.drop();
  });
  return { logins: database.logins, sql };
}

test('it is restored with all events and calls, and migrated to partitions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-earlier-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const earlier = join(folder, 'migrations');
  const isEarlier = (path: string) => (/\/(\d{14})_[^/]*$/.exec(path)?.[1] ?? '') < PARTITIONS;
  await cp(MIGRATIONS, earlier, { recursive: true, filter: isEarlier });
  const [original, target] = await Promise.all([anEmptyDatabase(), anEmptyDatabase()]);
  await migrate(original.logins.ownerUrl, { dir: earlier });
  await original.sql.query('SELECT errand_partitions.ensure_run_event()');
  const workspaceId = '00000000-0000-7000-8000-000000000001';
  await original.sql.query(`INSERT INTO workspace (workspace_id, name) VALUES ('${workspaceId}', 'acme')`);
  await seedRuns(original.sql, workspaceId, 20, { whole: true });

  const file = join(folder, 'backup.zip');
  const { manifest } = await writeBackup({ url: original.logins.url, file });
  expect(manifest).toMatchObject({ months: expect.arrayContaining([expect.stringMatching(/^\d{6}$/)]) });
  expect(manifest.partitions).toBe(undefined);
  const backup = await openBackup(file);
  const masterKeys = [masterKey()];
  const { migrated } = await restoreBackup({ ownerUrl: target.logins.ownerUrl, backup, masterKeys });
  backup.close();

  expect(migrated[0]).toContain(PARTITIONS);
  for (const table of ['run', 'run_event', 'ledger']) {
    const text = `SELECT count(*)::int AS rows, md5(string_agg(run_id::text, ',' ORDER BY run_id)) AS ids FROM ${table}`;
    const [before, after] = await Promise.all(
      [original, target].map(async ({ sql }) => (await sql.query(text)).rows[0]),
    );
    expect(after).toEqual(before);
    expect(after.rows).toBeGreaterThan(19);
  }
});
