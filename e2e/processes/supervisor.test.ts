// The supervisor as a program: its start, its faults, its end.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { slowTest } from '../fixtures/combine.ts';
import { aFolder, type Program } from '../fixtures/program.ts';
import { processesOf } from './supervised-site.ts';
import { aDatabase, main, startSupervisor } from './supervisor-program.ts';

const urlOf = (dataDir: string): string =>
  (JSON.parse(readFileSync(join(dataDir, 'dev.json'), 'utf8')) as { url: string }).url;

/** The service processes that are left, without their sandboxes. */
const servicesOf = (program: Program): string[] => program.left().filter((command) => command.includes(main));

test('it starts its own Postgres, prints the memory of its processes, and SIGTERM ends all of them with 0', async () => {
  const dataDir = join(aFolder(), 'data');
  const program = startSupervisor(dataDir, {});
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

slowTest('when it is killed its processes end', async () => {
  const program = startSupervisor(join(aFolder(), 'data'), await aDatabase());
  await program.printed(/all processes are ready/);
  expect(servicesOf(program)).toHaveLength(3);
  const exited = once(program.child, 'exit');
  program.child.kill('SIGKILL');
  await exited;
  await expect.poll(() => program.left(), { timeout: 10_000 }).toEqual([]);
});

test('it refuses to start when its processes could open more connections than Postgres accepts', async () => {
  const env = { ...(await aDatabase()), ERRAND_PROCESSES: '20', ERRAND_POOL_SIZE: '1000' };
  const program = startSupervisor(join(aFolder(), 'data'), env);
  expect(await program.ended).toMatchObject({ code: 1 });
  expect(program.errors()).toMatch(
    /^20 processes with ERRAND_POOL_SIZE=1000 may open 20140 connections, and Postgres accepts \d+\. Lower .*\n$/,
  );
  expect(program.left()).toEqual([]);
});

/** As a later version leaves it. */
const planted = async () => {
  const env = await aDatabase();
  const sql = new pg.Client(env.ERRAND_OWNER_DATABASE_URL);
  await sql.connect();
  onTestFinished(() => sql.end());
  const plant = () =>
    sql.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, logs) VALUES ('later', 'x', '29990101000000_later', now(), 'Errand 9.8.7')`,
    );
  return { env, plant };
};
const REFUSAL =
  /^The database belongs to Errand 9\.8\.7: this version, \d\S+, has no migration 29990101000000_later\. Use that version or a later one, .*\n$/;

test('it refuses a database that a later version has migrated, with one sentence and a code for no restart', async () => {
  const { env, plant } = await planted();
  await plant();
  const program = startSupervisor(join(aFolder(), 'data'), env);
  expect(await program.ended).toMatchObject({ code: 78 });
  expect(program.errors()).toMatch(REFUSAL);
  expect(program.left()).toEqual([]);
});

slowTest(
  'after a later version has migrated, its processes go on, are not started again, and it ends with the last',
  async () => {
    const { env, plant } = await planted();
    const program = startSupervisor(join(aFolder(), 'data'), env);
    await program.printed(/all processes are ready/);
    await plant();
    const kill = () => process.kill(processesOf({ pid: program.child.pid! })[0]!, 'SIGKILL');
    const refusals = () => program.output().split('so it is not started again').length - 1;
    kill();
    await expect.poll(refusals).toBe(1);
    expect(processesOf({ pid: program.child.pid! })).toHaveLength(1);
    kill();
    expect(await program.ended).toMatchObject({ code: 78 });
    expect(refusals()).toBe(2);
    expect(program.left()).toEqual([]);
  },
);

slowTest('a process that is still starting does not outlive the order to stop', async () => {
  const program = startSupervisor(join(aFolder(), 'data'), await aDatabase());
  await program.printed(/all processes are ready/);
  const [first] = processesOf({ pid: program.child.pid! });
  process.kill(first!, 'SIGKILL');
  await program.printed(/another one is started/);
  await expect.poll(() => processesOf({ pid: program.child.pid! }).length, { interval: 5 }).toBe(2);
  const begun = performance.now();
  program.child.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 0 });
  // The supervisor kills what is left after 28 s.
  expect(performance.now() - begun).toBeLessThan(25_000);
});
