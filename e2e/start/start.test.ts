// `pnpm start` for a person: its messages when it cannot start, when it already runs, and when it is stopped.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';

const script = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

const start = (dataDir: string, env: Record<string, string> = {}): Program =>
  startProgram(dataDir, [script], { env: { PORT: '0', ...env } });

const aDataDir = () => join(aFolder(), 'data');

/** Like Ctrl-C: a signal to the whole group. */
const pressCtrlC = ({ child }: Program) => process.kill(-child.pid!, 'SIGINT');

async function portInUse(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return String((server.address() as { port: number }).port);
}

// Whole starts take long on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 });

describe('a start that cannot succeed reports the reason within three seconds, before anything is built', () => {
  test.each([
    [
      'the port is taken',
      async () => ({ PORT: await portInUse() }),
      /^Port \d+ on 127\.0\.0\.1 is taken\. .* PORT .*\.\n$/,
    ],
    ['the host is not this machine', () => ({ HOST: '203.0.113.7' }), /^HOST is 203\.0\.113\.7, which .*\.\n$/],
    ['the port is no number', () => ({ PORT: 'http' }), /^PORT must be a whole number .*\.\n$/],
    [
      'no Postgres listens',
      () => ({ DATABASE_URL: 'postgres://u:p@127.0.0.1:1/errand' }),
      /^No Postgres listens on 127\.0\.0\.1:1\. Start it, or correct DATABASE_URL\.\n$/,
    ],
    [
      'the folder cannot be made',
      () => ({ ERRAND_DATA_DIR: `${fileURLToPath(import.meta.url)}/data` }),
      /^\S+ cannot be a folder: a file has this path\. .*\.\n$/,
    ],
    [
      'nothing can be made where the folder is to be',
      () => ({ ERRAND_DATA_DIR: '/proc/errand' }),
      /^The folder \/proc\/errand cannot be created\. Set ERRAND_DATA_DIR to another folder\.\n$/,
    ],
  ])('%s', async (_, env, says) => {
    const failing = start(aDataDir(), await env());

    const { code, ms } = await failing.ended;
    expect(failing.output()).toMatch(says);
    expect(code).toBe(1);
    expect(ms).toBeLessThan(3000);
    expect(failing.left()).toEqual([]);
  });
});

test('a refusal by the service is reported, and neither it nor the demo CRM is left running', async () => {
  const failing = start(aDataDir(), { ERRAND_RATE_LIMIT: 'many' });

  expect(await failing.ended).toMatchObject({ code: 1 });
  expect(failing.errors()).toMatch(/^ERRAND_RATE_LIMIT must be a whole number .*, not "many"\.\n$/);
  expect(failing.left()).toEqual([]);
});

test('Ctrl-C while Postgres starts, and while the service starts, ends all of it', async () => {
  const dataDir = aDataDir();
  for (const step of [/Build .* up to date|Build .* \d+ of/, /✔ Postgres/]) {
    const starting = start(dataDir);
    await starting.printed(step);
    pressCtrlC(starting);

    expect(await starting.ended, starting.output()).toMatchObject({ code: 0, signal: null });
    expect(starting.output()).toMatch(/\nStopped\.\n$/);
    expect(starting.errors()).toBe('');
    // The build calls git, which ends on its own.
    await expect.poll(() => starting.left(), { timeout: 2_000 }).toEqual([]);
  }
});

test('it shows four steps and its key once, a second start its address; Ctrl-C ends it, a kill leaves nothing running', async () => {
  const dataDir = aDataDir();
  const first = start(dataDir);
  await first.printed(/Ctrl-C stops everything/);
  const { url, apiKey } = JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8'));
  const steps = ['Install', 'Build', 'Postgres', 'Service'].map((name) => `✔ ${name} +\\d+\\.\\d s.*\\n`);
  expect(first.output()).toMatch(new RegExp(steps.join('(?:  .*\\n)?')));
  expect(first.output().split(apiKey)).toHaveLength(2);
  expect(first.output()).toMatch(/^Planner +the built-in one/m);
  expect(first.output()).not.toContain('\x1b');

  const second = start(dataDir);
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(second.output()).toContain(`Errand already runs at ${url}`);
  expect(second.output()).not.toContain(apiKey);

  pressCtrlC(first);
  expect(await first.ended).toMatchObject({ code: 0, signal: null });
  expect(first.output()).toMatch(/\nStopping …\nStopped\.\n$/);
  expect(first.left()).toEqual([]);

  // Of two concurrent starts one wins, and the other waits for it.
  const both = [start(dataDir), start(dataDir)];
  const winner = await Promise.any(
    both.map((attempt) => attempt.printed(/Ctrl-C stops everything/).then(() => attempt)),
  );
  const loser = both.find((attempt) => attempt !== winner)!;
  expect(await loser.ended).toMatchObject({ code: 0 });
  expect(loser.output()).toMatch(/Errand already runs at/);
  expect(loser.output()).not.toMatch(/Postgres/);
  expect(winner.output()).not.toContain(apiKey);

  winner.child.kill('SIGKILL');
  await expect.poll(() => winner.left(), { timeout: 60_000, interval: 50 }).toEqual([]);
});

test('when the service is killed it reports that, and ends with nothing left running, not even Postgres', async () => {
  const dataDir = aDataDir();
  const started = start(dataDir);
  await started.printed(/Ctrl-C stops everything/);
  const lock = readdirSync(dataDir).find((name) => /^server\.\d+\..*lock$/.test(name))!;
  process.kill(Number(lock.split('.')[1]), 'SIGKILL');

  expect(await started.ended).toMatchObject({ code: 1 });
  expect(started.errors()).toMatch(/^The service has ended by itself\. \S+server\.log says why\.\n$/);
  expect(started.left()).toEqual([]);
});
