import { laneOptions, newId } from '@errand/db';
import { createTestDatabase, seedDueRuns, type TestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { Dequeuer } from './queue.ts';

let database: TestDatabase;
let lane: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const options = Object.entries(laneOptions).map(([name, value]) => `-c ${name}=${value}`);
  lane = new pg.Pool({ connectionString: database.url, max: 4, options: options.join(' ') });
});
afterAll(async () => {
  await lane.end();
  await database.drop();
});
beforeEach(() => lane.query('TRUNCATE run CASCADE'));

const log = { debug() {}, info() {}, warn() {}, error() {} };
const end = `UPDATE run SET status = 'SUCCESS', lease = NULL, due = 0 WHERE run_id = $1`;

/** A worker that ends each run as soon as it has it. @returns the runs in the order in which it took them */
async function takeAll(count: number, concurrency: number): Promise<string[]> {
  const taken: string[] = [];
  const queue = new Dequeuer(lane, 'pool-a', { concurrency, slots: 60, pollMs: 60_000 }, log, {
    mayTake: async () => true,
    begin: (claimed) => {
      const { workspaceId, epoch } = claimed;
      const { runId } = claimed.run;
      taken.push(runId);
      const ended = lane.query(end, [runId]).then(() => {});
      return { activation: { workspaceId, runId, epoch, claimed, abort() {}, look() {} }, ended };
    },
  });
  queue.nudge();
  await expect.poll(() => taken.length, { timeout: 10_000 }).toBe(count);
  await queue.stop();
  await queue.idle();
  return taken;
}

test('one claim in eight takes the oldest run, so that a stream of important ones starves nobody', async () => {
  const ids = await seedDueRuns(lane, [newId()], 40);
  await lane.query('UPDATE run SET priority = CASE WHEN run_id = $1 THEN -10 ELSE 10 END', [ids[0]]);
  const taken = await takeAll(40, 1);
  expect(taken.indexOf(ids[0]!)).toBe(7);
  expect(new Set(taken).size).toBe(40);
});

test('one nudge is enough for all that is due, however many workspaces and however little room', async () => {
  const ids = await seedDueRuns(
    lane,
    Array.from({ length: 100 }, () => newId()),
    2,
  );
  expect((await takeAll(200, 10)).sort()).toEqual(ids);
});
