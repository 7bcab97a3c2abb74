import { newId } from '@errand/db';
import { createTestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Jobs } from './jobs.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A pool that refuses to note the end of a job, so many times. */
function forgetful(url: string, times: number) {
  const pool = new pg.Pool({ connectionString: url, max: 5 });
  const state = { left: times };
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const text = (args[0] as { text?: string } | undefined)?.text ?? String(args[0]);
      if (!/delete from .*_private_jobs/s.test(text) || state.left === 0) return query(...args);
      state.left--;
      return Promise.reject(Object.assign(new Error('connection lost'), { code: '08006' }));
    }) as typeof client.query;
  });
  return { pool, state };
}

test('ends when it is told to, however often the end of a job could not be noted', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const { pool, state } = forgetful(database.url, 3);
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const begun: string[] = [];
  const release = new Map<string, () => void>();
  const work = async ({ runId }: { runId: string }) => {
    begun.push(runId);
    await new Promise<void>((resolve) => release.set(runId, resolve));
  };
  const jobs = new Jobs(pool, `pool-${newId()}`, work, silent, 5);
  await jobs.start();
  for (const runId of ['a', 'b', 'c', 'd']) {
    await pool.query(`SELECT graphile_worker.add_job('advance', json_build_object('runId', $1::text))`, [runId]);
  }
  await expect.poll(() => begun.length).toBe(4);
  // From the first failure on the runner ends by itself, and waits for the others.
  for (const [i, runId] of ['a', 'b', 'c'].entries()) {
    release.get(runId)!();
    await expect.poll(() => state.left).toBe(2 - i);
  }
  release.get('d')!();

  await jobs.stop();
  expect(begun.sort()).toEqual(['a', 'b', 'c', 'd']);
}, 15_000);
