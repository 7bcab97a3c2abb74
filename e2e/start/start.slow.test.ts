// `pnpm start` for a person: when it is stopped while it starts, started twice at once, or loses its service.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { aDataDir, pressCtrlC, start } from './start-program.ts';

vi.setConfig({ testTimeout: 120_000 });

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

test('of two concurrent starts one wins, and the other waits for it; a kill leaves nothing running', async () => {
  const dataDir = aDataDir();
  const first = start(dataDir);
  await first.printed(/Ctrl-C stops everything/);
  const { apiKey } = JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8'));
  pressCtrlC(first);
  await first.ended;

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
