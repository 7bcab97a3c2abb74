// Processes that are killed in the middle of a backup, of a restore and of a migration: nothing half is taken for whole.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@errand/db';
import { createTestDatabase, loginsOf, seedRuns, type TestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { beforeEach, expect, inject, onTestFinished, test } from 'vitest';
import { unpackDataFolder } from '../fixtures/data-folder.ts';
import { startProgram } from '../fixtures/program.ts';
import { databaseEnv, startServer } from '../fixtures/server.ts';
import { refusalOf } from '../start/refusal-of.ts';
import { answerOf, errand } from './errand.ts';

const ERRAND = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const SERVER = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const MASTER_KEY = `k1:${Buffer.alloc(32, 3).toString('base64')}`;
const within = { timeout: 90_000, interval: 5 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'errand-killed-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function aDatabase(empty = true): Promise<{ database: TestDatabase; sql: pg.Pool }> {
  const database = await createTestDatabase(inject('postgres'), { empty });
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });
  onTestFinished(async () => {
    await sql.end();
    await database.drop();
  });
  return { database, sql };
}

/** A database with some 30 MB of rows, and its settings. */
async function aFullDatabase() {
  const { database, sql } = await aDatabase(false);
  const { rows } = await sql.query(
    `INSERT INTO workspace (workspace_id, name) VALUES (gen_random_uuid(), 'w') RETURNING workspace_id AS id`,
  );
  await seedRuns(sql, rows[0].id, 4000, { whole: true });
  return { sql, env: { ...databaseEnv(database.url), ERRAND_MASTER_KEYS: MASTER_KEY } };
}

function start(program: string, args: string[], env: Readonly<Record<string, string>>): ChildProcess {
  const child = fork(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

const tablesOf = async (sql: pg.Pool): Promise<number> =>
  (await sql.query(`SELECT count(*)::int AS n FROM pg_class WHERE relnamespace = 'public'::regnamespace`)).rows[0].n;
/** Sessions of a killed process end when Postgres notices. */
const sessionsOf = async (sql: pg.Pool, name: string): Promise<number> =>
  (
    await sql.query(
      'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
      [name],
    )
  ).rows[0].n;

test('of a killed backup only a part remains, which no restore accepts', async () => {
  const { env } = await aFullDatabase();
  const file = join(folder, 'backup.zip');
  const backup = start(ERRAND, ['backup', file], env);
  const parts = async () => (await readdir(folder)).filter((name) => name.endsWith('.part'));
  const written = async () => {
    const [part] = await parts();
    return part === undefined ? 0 : (await stat(join(folder, part))).size;
  };
  await expect.poll(written, within).toBeGreaterThan(50_000);
  await kill(backup);

  expect(await readdir(folder)).toEqual(await parts());
  const { database, sql } = await aDatabase();
  const target = { ...env, ...databaseEnv(database.url) };
  const refused = await errand(['restore', join(folder, (await parts())[0]!)], { env: target });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is no whole backup')]);
  expect(await tablesOf(sql)).toBe(0);
  expect((await answerOf(['backup', file], { env })).file).toBe(file);
});

test('Ctrl-C during a backup leaves neither a part nor the Postgres that the command started', async () => {
  const dataDir = unpackDataFolder('2026-11-29');
  const backup = startProgram(dataDir, [ERRAND, 'backup', join(folder, 'backup.zip'), '--data', dataDir]);
  await expect.poll(() => backup.left().some((command) => command.includes('postgres -D')), within).toBe(true);
  backup.child.kill('SIGINT');
  await backup.ended;
  await expect.poll(() => backup.left(), within).toEqual([]);
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('a killed restore leaves the database empty, and can be repeated', async () => {
  const { env } = await aFullDatabase();
  const file = join(folder, 'backup.zip');
  await answerOf(['backup', file], { env });
  const { database, sql } = await aDatabase();
  const target = { ...env, ...databaseEnv(database.url) };
  const restore = start(ERRAND, ['restore', file], target);
  const loading = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'errand restore' AND query LIKE 'COPY%run_event%'`;
  await expect.poll(async () => (await sql.query(loading)).rows[0].n, within).toBe(1);
  await kill(restore);

  await expect.poll(() => sessionsOf(sql, 'errand restore'), within).toBe(0);
  expect(await tablesOf(sql)).toBe(0);
  expect((await answerOf(['restore', file], { env: target })).rows).toBeGreaterThan(20_000);
});

test('a data folder with a killed restore starts no empty service, and the restore can be repeated', async () => {
  const { env } = await aFullDatabase();
  const file = join(folder, 'backup.zip');
  await answerOf(['backup', file], { env });
  const dataDir = join(folder, 'data');
  const keys = { ERRAND_MASTER_KEYS: MASTER_KEY };
  const restore = start(ERRAND, ['restore', file, '--data', dataDir], keys);
  const isMarked = async () => (await readdir(dataDir).catch((): string[] => [])).includes('restore-incomplete');
  await expect.poll(isMarked, within).toBe(true);
  await kill(restore);

  expect(await refusalOf(startServer({ dataDir, env: keys }))).toMatch(
    /A restore into .* has not finished\. Run errand restore again/,
  );
  await answerOf(['restore', file, '--data', dataDir], { env: keys });
  expect(await isMarked()).toBe(false);
  const server = await startServer({ dataDir, env: keys });
  expect(server.log()).toContain('is held');
  await server.end();
});

test('a migration whose process is killed is rolled back, and the next start applies it', async () => {
  const { database, sql } = await aDatabase();
  const { ownerUrl } = loginsOf(database.url);
  const released = (await readFile(join(MIGRATIONS, '..', 'released-migrations.txt'), 'utf8')).split('\n');
  const names = released.map((line) => line.split(' ')[0]!);
  const ofRelease = join(folder, 'migrations');
  for (const name of (await readdir(MIGRATIONS)).filter((entry) => names.includes(entry)))
    await cp(join(MIGRATIONS, name), join(ofRelease, name), { recursive: true });
  await migrate(ownerUrl!, { dir: ofRelease });
  const migrationsIn = async () => (await sql.query('SELECT count(*)::int AS n FROM _prisma_migrations')).rows[0].n;
  const before = await migrationsIn();
  // The first migration that changes this table waits for this lock, after those before it.
  const locker = await sql.connect();
  await locker.query('BEGIN; LOCK TABLE run IN ACCESS EXCLUSIVE MODE');
  const env = {
    ...databaseEnv(database.url),
    ERRAND_MASTER_KEYS: MASTER_KEY,
    ERRAND_PORT: '0',
    ERRAND_DATA_DIR: folder,
  };
  const server = start(SERVER, [], env);
  const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'errand migrate' AND wait_event_type = 'Lock'`;
  await expect.poll(async () => (await sql.query(waiting)).rows[0].n, within).toBe(1);
  await kill(server);
  const applied = await migrationsIn();
  await locker.query('ROLLBACK');
  locker.release();

  await expect.poll(() => sessionsOf(sql, 'errand migrate'), within).toBe(0);
  expect(await migrationsIn()).toBe(applied);
  expect(applied).toBeGreaterThanOrEqual(before);
  const next = await startServer({ databaseUrl: database.url, env: { ERRAND_MASTER_KEYS: MASTER_KEY } });
  expect(await migrationsIn()).toBe((await readdir(MIGRATIONS)).filter((name) => /^\d/.test(name)).length);
  await next.stop();
});
