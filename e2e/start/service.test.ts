// `node apps/server/dist/main.js` when it cannot start: it prints the reason in one line and exits.
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@errand/db/testing';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';

const main = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

/** Starts it like a script, with a channel, which must not keep it alive. */
const start = (env: Record<string, string>, dataDir = join(aFolder(), 'data')): Program & { dataDir: string } => ({
  ...startProgram(dataDir, [main], { env: { ERRAND_PORT: '0', ...env }, ipc: true }),
  dataDir,
});

async function portInUse(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as { port: number }).port);
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await once(server.close(), 'close');
  return String(port);
}

async function database(): Promise<string> {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return database.url;
}

const faults: Record<string, { says: RegExp; start: () => Promise<Program & { dataDir: string }> }> = {
  'its port is taken': {
    says: /^Port \d+ on 127\.0\.0\.1 is taken\. Stop the program that uses it, or set PORT to another one\.\n$/,
    start: async () => start({ ERRAND_PORT: await portInUse() }),
  },
  'HOST is not an address of this machine': {
    says: /^HOST is 203\.0\.113\.7, which is not an address of this machine\. Set HOST to 127\.0\.0\.1 .*\.\n$/,
    start: async () => start({ HOST: '203.0.113.7' }),
  },
  'no Postgres listens': {
    says: /^No Postgres listens on 127\.0\.0\.1:1\. Start it, or correct DATABASE_URL\.\n$/,
    start: async () => start({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/errand' }),
  },
  'Postgres refuses the password': {
    says: /^Postgres on \S+ refuses the user \S+ or the password\. Correct DATABASE_URL\.\n$/,
    start: async () => start({ DATABASE_URL: Object.assign(new URL(await database()), { password: 'wrong' }).href }),
  },
  'the database is not there': {
    says: /^Postgres on \S+ has no database nowhere\. Create it, or correct DATABASE_URL\.\n$/,
    start: async () => start({ DATABASE_URL: Object.assign(new URL(await database()), { pathname: 'nowhere' }).href }),
  },
  'Postgres is read-only': {
    says: /^Postgres on \S+ is read-only\. Point DATABASE_URL to the primary, or turn default_transaction_read_only off\.\n$/,
    start: async () => {
      const options = encodeURIComponent('-c default_transaction_read_only=on');
      return start({ DATABASE_URL: `${await database()}?options=${options}` });
    },
  },
  'a setting is bad': {
    says: /^ERRAND_RATE_LIMIT must be a whole number .*, not "many"\.\n$/,
    start: async () => start({ ERRAND_RATE_LIMIT: 'many' }),
  },
  'a file stands where its folder should be': {
    says: /^\S+ cannot be a folder: a file has this path\. .* ERRAND_DATA_DIR to another folder\.\n$/,
    start: async () => {
      const file = join(aFolder(), 'file');
      writeFileSync(file, '');
      return start({}, join(file, 'data'));
    },
  },
  'the file of master keys is empty': {
    says: /^The file \S+master-keys is empty\. .*restore it from a backup.*\n$/,
    start: async () => {
      const dataDir = join(aFolder(), 'data');
      mkdirSync(dataDir);
      writeFileSync(join(dataDir, 'master-keys'), '');
      return start({}, dataDir);
    },
  },
};

describe('a start that fails', () => {
  test.each(Object.entries(faults))('because %s reports that and exits', async (_, fault) => {
    const { errors, ended, left: leftovers, dataDir } = await fault.start();

    expect(await ended).toMatchObject({ code: 1 });
    expect(errors()).toMatch(fault.says);
    expect(leftovers()).toEqual([]);
    expect(existsSync(join(dataDir, 'postgres')), 'Postgres was not started for nothing').toBe(false);
  });
});

test('a master key that is not the one of the database is refused', async () => {
  const DATABASE_URL = await database();
  const key = (byte: number) => `k1:${Buffer.alloc(32, byte).toString('base64')}`;
  const first = start({ DATABASE_URL, ERRAND_MASTER_KEYS: key(1) });
  await once(first.child, 'message');
  first.child.kill('SIGTERM');
  expect(await first.ended).toMatchObject({ code: 0 });

  const second = start({ DATABASE_URL, ERRAND_MASTER_KEYS: key(2) });

  expect(await second.ended).toMatchObject({ code: 1 });
  expect(second.errors()).toMatch(
    /^Master key "k1" is not the one that sealed this database; provide the right one\.\n$/,
  );
});

test('during the start its port answers with that state; a signal ends it, with its Postgres', async () => {
  const port = await freePort();
  const starting = start({ ERRAND_PORT: port });
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).then((response) => response.status);

  await expect.poll(() => ask('/readyz').catch(() => 0), { timeout: 60_000, interval: 20 }).toBe(503);
  expect(await ask('/healthz')).toBe(200);
  starting.child.kill('SIGTERM');

  expect(await starting.ended).toMatchObject({ code: 0, signal: null });
  expect(starting.errors()).toBe('');
  expect(starting.left()).toEqual([]);
});

test('it ends with the process that started it, even during the start', async () => {
  const starting = start({});
  starting.child.disconnect();
  expect(await starting.ended).toMatchObject({ code: 0, signal: null });
  expect(starting.left()).toEqual([]);
});
