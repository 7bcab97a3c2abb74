// Commands that open the database or the data folder find them by errand.config.json and .env, as `errand up` does.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@errand/db/testing';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { commandLineForTest, type Outcome } from '../fixtures/cli.ts';
import { aFolder } from '../fixtures/program.ts';
import { databaseEnv, type Server, startServer } from '../fixtures/server.ts';

const CONFIG = 'errand.config.json';

/** A command of the operator in a folder, with no setting in the environment but these. */
function operate(folder: string, [program, ...args]: readonly string[], env: Record<string, string> = {}) {
  const path = fileURLToPath(new URL(`../../apps/server/dist/${program}.js`, import.meta.url));
  const options = { cwd: folder, env: { PATH: process.env.PATH, ...env } };
  return new Promise<Outcome>((resolve) => {
    execFile(process.execPath, [path, ...args], options, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

/** A folder with a file of settings. */
function aFolderWith(name: string, content: string | object): string {
  const folder = aFolder();
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

let server: Server;
/** The folder of the product: the data of its service are elsewhere. */
let folder: string;
beforeAll(async () => {
  server = await startServer({});
  folder = mkdtempSync(join(tmpdir(), 'errand-product-'));
  writeFileSync(join(folder, CONFIG), JSON.stringify({ ERRAND_DATA_DIR: server.dataDir }));
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
});

test.each([
  [['login-link'], /http:\/\/127\.0\.0\.1:\d+\/console\/#/],
  [['platform-key', 'list'], /There are no platform keys\./],
  [['workspace', 'create', 'Acme'], /Created the workspace "Acme"/],
  [['verify-audit'], /^[0-9a-f-]{36}:\d+:[0-9a-f]{64}$/m],
  [['reseal'], /sealed again, 0 could not be opened/],
])('%s finds the data folder by the settings of the folder', async (command, expected) => {
  const { code, out, err } = await operate(folder, command);
  expect([code, out], err).toEqual([0, expect.stringMatching(expected)]);
  expect(readdirSync(folder)).toEqual([CONFIG]);
});

test('errand backup, restore, resume and --local find it, too', async () => {
  const errand = commandLineForTest();
  expect(await errand(['whoami', '--local'], { cwd: folder })).toMatchObject({
    code: 0,
    out: expect.stringContaining(server.url),
  });
  const file = join(aFolder(), 'all.zip');
  expect(await errand(['backup', file], { cwd: folder })).toMatchObject({ code: 0 });
  expect(await errand(['resume'], { cwd: folder })).toMatchObject({
    code: 0,
    out: expect.stringContaining('not held'),
  });

  const dataDir = join(aFolder(), 'restored');
  const keys = readFileSync(join(server.dataDir, 'master-keys'), 'utf8').trim();
  const target = aFolderWith('.env', `ERRAND_DATA_DIR=${dataDir}\nERRAND_MASTER_KEYS=${keys}\n`);
  expect(await errand(['restore', file], { cwd: target })).toMatchObject({ code: 0 });
  expect(await errand(['resume'], { cwd: target })).toMatchObject({ code: 0, out: expect.stringContaining('Resumed') });
  expect([readdirSync(target), readdirSync(dataDir)]).toEqual([['.env'], expect.arrayContaining(['postgres'])]);
});

test('errand migrate and the commands of the operator find the database', async () => {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
  onTestFinished(() => database.drop());
  const settings = { ...databaseEnv(database.url), PUBLIC_URL: 'https://errand.example.com' };
  const target = aFolderWith(CONFIG, {
    ...settings,
    ERRAND_MASTER_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  });
  const errand = commandLineForTest();
  const { code, out } = await errand(['migrate', '--json'], { cwd: target });
  expect([code, JSON.parse(out).applied.length > 0]).toEqual([0, true]);
  expect(await errand(['migrate'], { cwd: target })).toMatchObject({ code: 0, out: 'Nothing to apply.\n' });
  expect(await operate(target, ['platform-key', 'list'])).toMatchObject({ code: 0, err: '' });
  expect(readdirSync(target)).toEqual([CONFIG]);
});

test('the environment has priority over the files, and an option over both', async () => {
  const errand = commandLineForTest();
  const wrong = aFolderWith(CONFIG, { ERRAND_DATA_DIR: join(aFolder(), 'nothing') });
  const env = { ERRAND_DATA_DIR: server.dataDir };
  expect(await errand(['resume'], { cwd: wrong })).toMatchObject({ code: 1, err: expect.stringContaining('nothing') });
  expect(await errand(['resume'], { cwd: wrong, env })).toMatchObject({ code: 0 });
  expect(await errand(['resume', '--data', server.dataDir], { cwd: wrong })).toMatchObject({ code: 0 });
  expect(await errand(['whoami', '--local'], { cwd: wrong, env })).toMatchObject({ code: 0 });
  expect(await operate(wrong, ['platform-key', 'list'], env)).toMatchObject({ code: 0 });
});

test('a misspelt name ends each command with a suggestion', async () => {
  const errand = commandLineForTest();
  const misspelt = aFolderWith(CONFIG, { ERRAND_DATA_DRI: server.dataDir });
  const refusal = { code: 1, err: expect.stringContaining('Did you mean ERRAND_DATA_DIR?') };
  for (const args of [['backup'], ['restore', 'x.zip'], ['resume'], ['migrate']])
    expect(await errand(args, { cwd: misspelt }), args[0]).toMatchObject(refusal);
  for (const program of ['login-link', 'reseal', 'verify-audit'])
    expect(await operate(misspelt, [program]), program).toMatchObject(refusal);
});
