// `errand doctor` on healthy and on broken set-ups: each fault has exactly one line, and the command ends with 1.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { commandLineForTest, inTerminal } from '../fixtures/cli.ts';
import { slowTest } from '../fixtures/combine.ts';
import { unpackDataFolder } from '../fixtures/data-folder.ts';
import { freePort } from '../fixtures/free-port.ts';
import { newPlatformKey } from '../fixtures/operator.ts';
import { aFolder } from '../fixtures/program.ts';
import { databaseEnv, startServer } from '../fixtures/server.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';

const KEPT = { ERRAND_RUN_DAYS: '30' };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: KEPT });
});
afterAll(() => stack.close());

type Examined = { code: number | null; lines: string[]; stderr: string };

/** Runs the command in an empty folder with these settings alone. */
async function doctor(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Examined> {
  const { code, out, err } = await commandLineForTest()(['doctor', ...args], { env });
  return { code, lines: out.split('\n').filter(Boolean), stderr: err };
}

/** The settings of the running service. */
const running = () => ({
  ...KEPT,
  ...databaseEnv(stack.databaseUrl),
  ERRAND_DATA_DIR: stack.dataDir,
  ERRAND_EGRESS_ALLOW: stack.crm.url,
});

/** The same without its data folder, so that the command knows the database and no service. */
const withoutService = () => {
  const masterKeys = readFileSync(join(stack.dataDir, 'master-keys'), 'utf8').trim();
  return { ...running(), ERRAND_DATA_DIR: join(aFolder(), 'data'), ERRAND_MASTER_KEYS: masterKeys, PORT: '0' };
};

const broken = ({ lines }: Examined) => lines.filter((line) => line.startsWith('✗'));

function expectOneFault(examined: Examined, fault: RegExp): void {
  expect(broken(examined)).toEqual([expect.stringMatching(fault)]);
  expect(examined.code).toBe(1);
}

async function asAdmin(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function anotherDatabase(): Promise<string> {
  const { url, drop } = await createTestDatabase(inject('postgres'));
  onTestFinished(drop);
  return url;
}

test('a healthy set-up has no fault and no warning, and ends with 0', async () => {
  const examined = await doctor(running());
  expect(examined.lines.filter((line) => !line.startsWith('✓'))).toEqual([]);
  expect(examined.code).toBe(0);
  const checks = examined.lines.map((line) => line.split(/ +/)[1]);
  expect(checks).toEqual([
    ...['node', 'settings', 'disk', 'port', 'database', 'migrations', 'keys', 'hold', 'clock', 'standby'],
    ...[
      'workers',
      'queue',
      'retention',
      'snapshot',
      'indexes',
      'webhooks',
      'service',
      'integrations',
      'egress',
      'model',
    ],
  ]);
});

slowTest('a taken port is named', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => other.once('listening', done));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  expectOneFault(await doctor({ ...withoutService(), PORT: String(port) }), new RegExp(`port .*${port} .* taken`));
});

/** Whether a small file system can be created here: root can, most containers cannot. */
const canMount = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'errand-doctor-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

test.runIf(canMount)('a disk that is nearly full is named', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'errand-doctor-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', dataDir]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', dataDir]);
    rmSync(dataDir, { recursive: true, force: true });
  });
  expectOneFault(await doctor({ ...withoutService(), ERRAND_DATA_DIR: dataDir }), /disk .*Only 6\d MiB are free/);
});

slowTest('a database that is away is named, without the password', async () => {
  const port = await freePort();
  const url = `postgresql://ada:hunter2-secret@127.0.0.1:${port}/errand`;
  const examined = await doctor({ ...KEPT, DATABASE_URL: url, ERRAND_DATA_DIR: join(aFolder(), 'data'), PORT: '0' });
  expectOneFault(examined, new RegExp(`database .*No Postgres listens on 127.0.0.1:${port}\\. Start it`));
  expect(examined.stderr).toContain(
    'Not checked: migrations, keys, hold, clock, standby, workers, queue, snapshot, indexes, webhooks, egress',
  );
  expect(examined.lines.join() + examined.stderr).not.toContain('hunter2');
});

slowTest('a database that never answers is named', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((done) => silent.once('listening', done));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const DATABASE_URL = `postgresql://ada@127.0.0.1:${port}/errand`;
  const examined = await doctor({ ...KEPT, DATABASE_URL, ERRAND_DATA_DIR: join(aFolder(), 'data'), PORT: '0' });
  expectOneFault(examined, /database .*does not answer/);
});

slowTest('a read-only database is named', async () => {
  const url = await anotherDatabase();
  await asAdmin(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`);
  expectOneFault(await doctor({ ...withoutService(), ...databaseEnv(url) }), /database .*is read-only/);
});

test('a wrong master key is named, and is not printed', async () => {
  const wrongKey = masterKey('k1');
  const examined = await doctor({ ...running(), ERRAND_MASTER_KEYS: wrongKey });
  expectOneFault(examined, /keys .*"k1" is not the one that sealed this database/);
  expect(examined.lines.join()).not.toContain(wrongKey.slice(3));
});

slowTest('missing master keys are named, and none are created', async () => {
  const { ERRAND_MASTER_KEYS, ...settings } = withoutService();
  expectOneFault(await doctor(settings), /keys .*There are no master keys\. This database was sealed with .*k1/);
  expect(existsSync(settings.ERRAND_DATA_DIR)).toBe(false);
});

slowTest('a pending migration is named', async () => {
  const newest = 'SELECT max(migration_name) FROM "_prisma_migrations"';
  await asAdmin(
    stack.databaseUrl,
    'CREATE TABLE removed AS SELECT * FROM "_prisma_migrations"',
    `DELETE FROM "_prisma_migrations" WHERE migration_name = (${newest})`,
  );
  onTestFinished(() =>
    asAdmin(
      stack.databaseUrl,
      'INSERT INTO "_prisma_migrations" SELECT * FROM removed ON CONFLICT DO NOTHING',
      'DROP TABLE removed',
    ),
  );
  expectOneFault(await doctor(running()), /migrations .*lacks 1 of the migrations of this version: \d{14}_/);
});

const addMigration = (name: string) =>
  `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, finished_at) VALUES ('${name.slice(0, 14)}', 'x', E'${name}', now())`;

slowTest('migrations of another version and of a later one are named, without control characters', async () => {
  const url = await anotherDatabase();
  await asAdmin(url, addMigration('29990101000000_later\\x1b[31m'));
  const later = await doctor({ ...withoutService(), ...databaseEnv(url) });
  expect(broken(later)).toContainEqual(
    expect.stringMatching(/migrations .*no migration 29990101000000_later\\x1b\[31m\. Use/),
  );
  const accepting = {
    ...withoutService(),
    ...databaseEnv(url),
    ERRAND_ACCEPTED_MIGRATION: '29990101000000_later\u001b[31m',
  };
  expect(broken(await doctor(accepting)).join()).not.toContain('migrations');
  await asAdmin(url, addMigration('20000101000000_foreign'));
  const foreign = await doctor({ ...withoutService(), ...databaseEnv(url) });
  expect(broken(foreign)).toContainEqual(expect.stringMatching(/migrations .*no migration 20000101000000_foreign/));
});

slowTest('a restored database that nobody resumed is named', async () => {
  const id = '00000000-0000-7000-8000-000000000001';
  await asAdmin(
    stack.databaseUrl,
    `INSERT INTO restore (restore_id, backup_id, taken_at) VALUES ('${id}', '${id}', now())`,
  );
  onTestFinished(() => asAdmin(stack.databaseUrl, 'DELETE FROM restore'));
  expectOneFault(await doctor(running()), /hold .*restored from the backup of .*run errand resume/);
});

slowTest('a database without a worker is named', async () => {
  const url = await anotherDatabase();
  expectOneFault(await doctor({ ...withoutService(), ...databaseEnv(url) }), /workers .*No worker is alive/);
});

slowTest('a service without a worker is named by its state, with the platform key alone', async () => {
  const databaseUrl = await anotherDatabase();
  const server = await startServer({ databaseUrl, env: { ...KEPT, ERRAND_ROLE: 'http' } });
  onTestFinished(async () => void (await server.stop()));
  const apiKey = await newPlatformKey({ ...server, databaseUrl });
  const examined = await doctor({
    ERRAND_URL: server.url,
    ERRAND_API_KEY: apiKey,
    ERRAND_DATA_DIR: join(aFolder(), 'x'),
  });
  expectOneFault(examined, /workers .*No worker is alive/);
  expect(examined.lines).toContainEqual(expect.stringMatching(/^✓ retention .*30 days/));
  expect(examined.lines.join()).not.toContain(apiKey);
});

slowTest('data without a time limit are named', async () => {
  const { ERRAND_RUN_DAYS, ...settings } = running();
  expectOneFault(await doctor(settings), /retention .*without limit\. Set ERRAND_RUN_DAYS/);
});

slowTest('an integration that the guard refuses is named, with the setting that allows it', async () => {
  const { ERRAND_EGRESS_ALLOW, ...settings } = running();
  const remote = { ...settings, HOST: '0.0.0.0' };
  expectOneFault(await doctor(remote), /egress .*CRM at http:\/\/127\.0\.0\.1:\d+: .*ERRAND_EGRESS_ALLOW/);
});

slowTest('a model that refuses the key is named, and the key is not printed', async () => {
  const { createServer: createHttpServer } = await import('node:http');
  const model = createHttpServer((_, response) => response.writeHead(401).end('{}')).listen(0, '127.0.0.1');
  await new Promise((done) => model.once('listening', done));
  onTestFinished(() => void model.close());
  const origin = `http://127.0.0.1:${(model.address() as { port: number }).port}`;
  const settings = {
    ERRAND_MODEL_PROVIDER: 'openai-compatible',
    ERRAND_MODEL: 'm',
    ERRAND_MODEL_BASE_URL: `${origin}/v1`,
    ERRAND_MODEL_API_KEY: 'sk-of-the-model',
    ERRAND_EGRESS_ALLOW: `${stack.crm.url},${origin}`,
  };
  const examined = await doctor({ ...running(), ...settings });
  expectOneFault(examined, /model .*refuses the API key \(401\)/);
  expect(examined.lines.join()).not.toContain('sk-of');
});

slowTest('a misspelt setting is named with the right one', async () => {
  expectOneFault(await doctor({ ...running(), ERRAND_RUN_DAY: '3' }), /settings .*Did you mean ERRAND_RUN_DAYS\?/);
});

slowTest('a stopped service with its own Postgres is examined, and nothing runs afterwards', async () => {
  const dataDir = unpackDataFolder('2026-11-25');
  const examined = await doctor(KEPT, ['--data', dataDir]);
  expect(broken(examined)).toEqual([
    expect.stringMatching(/migrations .*lacks \d+ of the migrations of this version/),
    expect.stringMatching(/workers .*No worker is alive/),
  ]);
  expect(examined.lines).toContainEqual(expect.stringMatching(/^✓ keys .*k1/));
  expect(examined.lines).toContainEqual(expect.stringMatching(/^! service .*Start it with errand up/));
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.lock'))).toEqual([]);
  expect(existsSync(join(dataDir, 'postgres', 'cluster', 'data', 'postmaster.pid'))).toBe(false);
});

slowTest('a narrow terminal shows every line within its width', async () => {
  const terminal = await inTerminal(commandLineForTest(), ['doctor'], { columns: 50, env: { NO_COLOR: '1' } });
  const lines = terminal.shown.trimEnd().split('\n');
  expect(lines.filter((line) => line.length > 50)).toEqual([]);
  expect(lines).toContainEqual(expect.stringMatching(/^✗ retention {4}Runs, their events/));
});

test('--json has every check, also those that were skipped', async () => {
  const { code, lines } = await doctor({ ...KEPT, ERRAND_DATA_DIR: join(aFolder(), 'data'), PORT: '0' }, ['--json']);
  const answer = JSON.parse(lines.join('\n')) as { ok: boolean; findings: { check: string; status: string }[] };
  expect([code, answer.ok]).toEqual([0, true]);
  expect(answer.findings).toContainEqual(expect.objectContaining({ check: 'workers', status: 'skipped' }));
});
