import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ChangeRequest, startPair } from './pair.ts';

const unheard = {
  onCutOff: async () => {},
  onGone: () => {},
  onPromoting: () => {},
  onLed: () => {},
  onPaired: async () => {},
};

test('every commit is on both servers through failovers and switchovers', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'errand-pair-'));
  const pair = await startPair(dir);
  onTestFinished(async () => {
    await pair.stop();
    for (const folder of [dir, ...pair.folders]) await rm(folder, { recursive: true, force: true });
  });
  const changes: ChangeRequest[] = [
    { kind: 'failover', downMs: 0, waits: false },
    { kind: 'switchover', misledMs: 0, waits: true },
    { kind: 'failover', downMs: 100, waits: true },
    { kind: 'switchover', misledMs: 200, waits: false },
  ];
  await pair.query('CREATE TABLE kept (n int)');
  const ports = [pair.port];
  for (const [n, change] of changes.entries()) {
    await pair.query('INSERT INTO kept VALUES ($1)', [n]);
    await pair.change(change, unheard);
    ports.push(pair.port);
  }
  expect(await pair.query('SELECT n FROM kept ORDER BY n')).toEqual(changes.map((_, n) => ({ n })));
  expect(ports.map((port) => port === ports[0])).toEqual([true, false, true, false, true]);
  expect(new Set(ports).size).toBe(2);
}, 120_000);
