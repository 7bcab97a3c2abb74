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

/** The process of the service, by its lock of the data folder. */
const servicePid = (dataDir: string) =>
  Number(/^server\.(\d+)\..*lock$/m.exec(readdirSync(dataDir).join('\n'))?.[1] ?? Number.NaN);

test('when the service or its Postgres is killed it starts it again; Ctrl-C leaves nothing running', async () => {
  const dataDir = aDataDir();
  const started = start(dataDir);
  await started.printed(/Ctrl-C stops everything/);
  const { url } = JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8'));
  process.kill(servicePid(dataDir), 'SIGKILL');

  await started.printed(/started again/);
  expect(started.errors()).toMatch(
    /^The service has ended: it was ended by SIGKILL after \d+\.\d s\. The last lines of /m,
  );
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  const postmaster = Number(readFileSync(join(dataDir, 'postgres/cluster/data/postmaster.pid'), 'utf8').split('\n')[0]);
  process.kill(postmaster, 'SIGKILL');
  await started.printed(/started again[\s\S]*started again/);
  expect(started.errors()).toContain(`Postgres (process ${postmaster}) has ended, and the service with it`);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);

  pressCtrlC(started);
  expect(await started.ended).toMatchObject({ code: 0, signal: null });
  expect(started.left()).toEqual([]);
});
