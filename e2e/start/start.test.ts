// `pnpm start` for a person: its messages when it cannot start, when it already runs, and when it is stopped.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { aDataDir, pressCtrlC, start } from './start-program.ts';

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

test('it shows four steps and its key once, a second start its address; Ctrl-C ends it', async () => {
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
});
