import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { createTestDatabase } from '../testing/database.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { readEventsOfRuns } from './events.ts';

const LIMIT = { limit: 200, bytes: 100_000 };

test('one statement reads the events of several runs after their positions, in their order and within their limit', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  const workspaceId = newId();
  await seedRuns(pool, workspaceId, 3, { whole: true });
  const { rows } = await pool.query<{ runId: string }>('SELECT run_id AS "runId" FROM run ORDER BY run_id DESC');
  const [a, b] = rows.map(({ runId }) => runId) as [string, string];

  const positions = [
    { workspaceId, runId: a, seq: 4 },
    { workspaceId: newId(), runId: a, seq: 0 },
    { workspaceId, runId: b, seq: 0 },
    { workspaceId, runId: newId(), seq: 0 },
  ];
  const pages = await readEventsOfRuns(pool, positions, LIMIT);
  const seqs = pages.map((page) => page.rows.map(({ seq }) => seq));
  expect(seqs).toEqual([[5, 6, 7], [], [1, 2, 3, 4, 5, 6, 7], []]);
  expect(pages.map(({ hasMore }) => hasMore)).toEqual([false, false, false, false]);

  const [first] = await readEventsOfRuns(pool, positions, { limit: 200, bytes: 1 });
  expect([first!.rows.map(({ seq }) => seq), first!.hasMore]).toEqual([[5], true]);
});
