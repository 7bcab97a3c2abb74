// The supervisor as a program: its start, its faults, its end.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aFolder, type Program, startProgram } from '../fixtures/program.ts';
import { databaseEnv } from '../fixtures/server.ts';

const main = fileURLToPath(new URL('../../apps/server/dist/main.js', import.meta.url));

const start = (dataDir: string, env: Record<string, string>): Program =>
  startProgram(dataDir, [main], { env: { ERRAND_PORT: '0', ERRAND_PROCESSES: '2', ...env } });

async function aDatabase(): Promise<Record<string, string>> {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return databaseEnv(database.url);
}

const urlOf = (dataDir: string): string =>
  (JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8')) as { url: string }).url;

/** The service processes that are left, without their sandboxes. */
const servicesOf = (program: Program): string[] => program.left().filter((command) => command.includes(main));

test('it starts its own Postgres, prints the memory of its processes, and SIGTERM ends all of them with 0', async () => {
  const dataDir = join(aFolder(), 'data');
  const program = start(dataDir, {});
  await program.printed(/all processes are ready/);
  const line = program
    .output()
    .split('\n')
    .find((text) => text.includes('all processes are ready'))!;
  const { processes, memoryMib } = JSON.parse(line) as { processes: { memoryMib: number }[]; memoryMib: number };
  expect(processes).toHaveLength(2);
  expect(memoryMib).toBeGreaterThan(processes[0]!.memoryMib);
  expect((await fetch(`${urlOf(dataDir)}/readyz`)).status).toBe(200);
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
  expect(program.left()).toEqual([]);
});

test('Ctrl-C, which signals all processes at once, ends all of them with 0', async () => {
  const program = start(join(aFolder(), 'data'), await aDatabase());
  await program.printed(/all processes are ready/);
  process.kill(-program.child.pid!, 'SIGINT');
  expect(await program.ended).toMatchObject({ code: 0 });
  expect(program.left()).toEqual([]);
});

test('when it is killed its processes end', async () => {
  const program = start(join(aFolder(), 'data'), await aDatabase());
  await program.printed(/all processes are ready/);
  expect(servicesOf(program)).toHaveLength(3);
  const exited = once(program.child, 'exit');
  program.child.kill('SIGKILL');
  await exited;
  await expect.poll(() => program.left(), { timeout: 10_000 }).toEqual([]);
});

test('it refuses to start when its processes could open more connections than Postgres accepts', async () => {
  const env = { ...(await aDatabase()), ERRAND_PROCESSES: '20', ERRAND_POOL_SIZE: '1000' };
  const program = start(join(aFolder(), 'data'), env);
  expect(await program.ended).toMatchObject({ code: 1 });
  expect(program.errors()).toMatch(
    /^20 processes with ERRAND_POOL_SIZE=1000 may open 20140 connections, and Postgres accepts \d+\. Lower .*\n$/,
  );
  expect(program.left()).toEqual([]);
});

test('when its processes cannot start, it ends with their reason', async () => {
  const keys = { ERRAND_MASTER_KEYS: 'k1:c2hvcnQ=' };
  const program = start(join(aFolder(), 'data'), { ...(await aDatabase()), ...keys });
  expect(await program.ended).toMatchObject({ code: 1 });
  expect(program.errors()).toMatch(/One of 2 processes could not start; see its message\./);
  expect(program.left()).toEqual([]);
});

test('roles may have several processes: workers without a port', async () => {
  const program = start(join(aFolder(), 'data'), { ...(await aDatabase()), ERRAND_ROLE: 'worker' });
  await program.printed(/all processes are ready/);
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
});
