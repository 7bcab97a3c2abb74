import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { childrenOf, isAlive, processorMs } from '../testing/processes.ts';
import type { JobFailure } from './job-failure.ts';
import { KillLimit, Pool } from './pool.ts';
import type { Work } from './protocol.ts';

// Starts of processes take seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });
afterAll(() => vi.resetConfig());

const MINUTE = 60_000;

/** A pool and its processes, without processes of other tests. */
function aPool(most: number, killLimit?: KillLimit) {
  const others = childrenOf(process.pid);
  const pool = new Pool({ children: most, heapMb: 128, stackMb: 4, ...(killLimit && { killLimit }) });
  onTestFinished(() => pool.close());
  return { pool, children: () => childrenOf(process.pid).filter((pid) => !others.includes(pid)) };
}

const evaluating = (expression: string): Work => ({ op: 'evaluate', expressions: [expression], scope: '{}' });
const easy = evaluating('1 + 1');
const TWO = '[{"ok":true,"value":2,"missing":false}]';

/** A single call that compares each item with all others. It takes minutes, and nothing in it checks the clock. */
const endless = evaluating('$distinct([1..200000])');

/** Starts a job and waits until its child works on it. */
async function busyChild({ pool, children }: ReturnType<typeof aPool>, work: Work) {
  await pool.run(easy, 'a', 20_000);
  const [pid] = children() as [number];
  const before = processorMs(pid)!;
  const answer = pool.run(work, 'a', 20_000);
  answer.catch(() => {});
  await expect.poll(() => processorMs(pid)! - before, { timeout: 60_000, interval: 5 }).toBeGreaterThan(30);
  return { pid, answer };
}

test('after the jobs of a tenant ended five children within a minute, this tenant alone waits', async () => {
  let now = 0;
  const { pool } = aPool(1, new KillLimit(() => now));
  for (let n = 0; n < 5; n += 1) {
    await expect(pool.run(endless, 'a', 50)).rejects.toMatchObject({ why: 'timeout' });
    now += 1000;
  }
  const refused = {
    why: 'paused',
    message: expect.stringContaining('ended five processes within a minute; try again in 55 s'),
  };
  await expect(pool.run(easy, 'a', 1000)).rejects.toMatchObject(refused);
  expect(await pool.run(easy, 'b', 20_000)).toBe(TWO);
  now = MINUTE;
  expect(await pool.run(easy, 'a', 20_000)).toBe(TWO);
});

test('jobs that a tenant queued before its fifth death do not run either', async () => {
  const { pool } = aPool(1);
  const queued = Array.from({ length: 30 }, () => pool.run(endless, 'a', 50).catch((error: JobFailure) => error.why));
  const unaffected = pool.run(easy, 'b', 20_000);
  const whys = await Promise.all(queued);
  expect(whys.filter((why) => why === 'timeout')).toHaveLength(5);
  expect(whys.filter((why) => why === 'paused')).toHaveLength(25);
  expect(await unaffected).toBe(TWO);
});

test('the number of tenants with remembered deaths is bounded', () => {
  const killLimit = new KillLimit(() => 0);
  for (let n = 0; n < 5; n += 1) killLimit.add('first');
  expect(killLimit.waitMs('first')).toBe(MINUTE);
  for (let n = 0; n < 10_000; n += 1) killLimit.add(`tenant ${n}`);
  expect(killLimit.waitMs('first')).toBe(0);
});

test('a job under which a used child dies runs again on a fresh one, once', async () => {
  const owned = aPool(1);
  const slow = evaluating('$sum($map([1..50000], function($n){ $n * 2 }))');
  const { pid, answer } = await busyChild(owned, slow);
  process.kill(pid, 'SIGABRT');
  expect(await answer).toContain('"value":2500050000');

  const again = await busyChild(owned, endless);
  process.kill(again.pid, 'SIGABRT');
  await expect.poll(() => owned.children().some((child) => child !== again.pid)).toBe(true);
  const [fresh] = owned.children() as [number];
  const used = processorMs(fresh)!;
  await expect.poll(() => (processorMs(fresh) ?? 0) - used, { timeout: 60_000, interval: 5 }).toBeGreaterThan(400);
  process.kill(fresh, 'SIGABRT');
  await expect(again.answer).rejects.toMatchObject({ why: 'memory' });
});

test('a child that ends otherwise rejects its job with the reason', async () => {
  const owned = aPool(1);
  const { pid, answer } = await busyChild(owned, endless);
  process.kill(pid, 'SIGSEGV');
  await expect(answer).rejects.toMatchObject({ why: 'crash', message: 'ended its process (SIGSEGV)' });
  expect(await owned.pool.run(easy, 'a', 20_000)).toBe(TWO);
});

test('there are never more processes than allowed, and none is left when the pool is closed', async () => {
  const { pool, children } = aPool(2);
  const counts = new Set<number>();
  const watch = setInterval(() => counts.add(children().length), 5);
  const jobs = Array.from({ length: 12 }, (_, n) =>
    pool.run(n % 2 ? endless : easy, `tenant ${n}`, 60).catch(() => null),
  );
  await Promise.all(jobs);
  const busy = pool.run(endless, 'last', 20_000).catch((error: JobFailure) => error.why);
  const waiting = pool.run(easy, 'last', 20_000).catch((error: JobFailure) => error.why);
  const before = children();
  await pool.close();
  clearInterval(watch);
  expect([await busy, await waiting]).toEqual(['closed', expect.anything()]);
  expect(Math.max(...counts)).toBeLessThanOrEqual(2);
  expect(before.filter(isAlive)).toEqual([]);
  expect(children()).toEqual([]);
});

test('a job that is larger than a message may be is refused before it is sent', async () => {
  const { pool } = aPool(1);
  const scope = `{"x":"${'x'.repeat(64 * 1024 * 1024)}"}`;
  await expect(pool.run({ op: 'evaluate', expressions: ['1'], scope }, 'a', 1000)).rejects.toMatchObject({
    message: 'reads more than 64 MiB',
  });
});
