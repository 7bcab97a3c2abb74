import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { listRuns } from './list/list.ts';

const workspaceId = newId();
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  await seedRuns(pool, workspaceId, 5000, { whole: false });
  await pool.query('ANALYZE');
  await pool.end();
}, 60_000);
afterAll(() => database.drop());

test.each([{ offset: 0 }, { after: { runId: newId() } }])(
  'Postgres keeps one plan for pages of any size without a filter: %j',
  async (from) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    onTestFinished(() => client.end());
    const scope = { pool: client as unknown as pg.Pool, workspaceId };
    for (let i = 1; i <= 10; i++) {
      const rows = await listRuns(scope, {}, { pageSize: 10 * i, ...from }, { maxBytes: 2 ** 23, requests: 10 });
      expect(rows).toHaveLength(10 * i + 1);
    }
    const { rows } = await client.query(
      'SELECT custom_plans::int AS custom, generic_plans::int AS generic FROM pg_prepared_statements',
    );
    expect(rows).toEqual([{ custom: 5, generic: 5 }]);
  },
);
