import { mkdirSync } from 'node:fs';
import { newId, removeOld } from '@errand/db';
import { seedDueRuns } from '@errand/db/testing';
import pg from 'pg';
import { type Figures, round, type Scenario } from '../figures.ts';
import { loop } from '../http.ts';
import { fiveReads, runAndWait } from '../runs.ts';
import { openStack, type Stack } from '../stack.ts';
import { counters } from '../throughput.ts';
import { copyRuns } from './copies.ts';
import { claim, costOf, countRows, lists, sizes } from './measure.ts';

export const growth: Scenario = {
  name: 'growth',
  goal: {
    removalOfADay: 'a drop takes less than 0.4 of the log of a DELETE',
    lists: 'as many rows as without partitions',
  },
};

const CALLERS = 8;
const TEMPLATE_MS = 12_000;
const MAX_TEMPLATES = 200;
const SPACING_MS = 1000;
const DAY_MS = 86_400_000;
const DEFAULT_RUNS = 2_000_000;
const SETTINGS = { max_wal_size: '8GB', shared_buffers: '1GB', autovacuum: 'off' };

/**
 * Runs of five calls, one a second, copied from runs that the service carried out, with partitions of a day. Measures sizes, lists, claims,
 * the removal of a day by DELETE and by DROP, and VACUUM.
 * @param data a folder that keeps the cluster
 */
export async function measureGrowth({
  runs = DEFAULT_RUNS,
  data,
}: {
  runs?: number | undefined;
  data?: string | undefined;
}): Promise<Figures> {
  if (data !== undefined) mkdirSync(data, { recursive: true });
  const stack = await openStack(undefined, SETTINGS, data);
  const client = new pg.Client({ connectionString: stack.admin.options.connectionString });
  try {
    await client.connect();
    const ofARun = await carryOut(stack);
    const days = Math.ceil((runs * SPACING_MS) / DAY_MS);
    for (const parent of ['run_event', 'ledger'])
      await client.query(
        `SELECT errand_partitions.ensure($1, now() - day * interval '1 day', 'day') FROM generate_series(0, $2::int) AS day`,
        [parent, days],
      );
    const { rows } = await client.query<{ id: string }>(
      `SELECT run_id AS id FROM run WHERE workspace_id = $1 AND status = 'SUCCESS' LIMIT ${MAX_TEMPLATES}`,
      [stack.workspaceId],
    );
    const templates = rows.map(({ id }) => id);
    await copyRuns(client, { workspaceId: stack.workspaceId, templates, runs, spacingMs: SPACING_MS });
    for (const table of ['run', 'run_event', 'ledger', 'execution_plan', 'run_text', 'run_integration'])
      await client.query(`VACUUM ANALYZE ${table}`);
    return { ofARun, ...(await sizes(client)), ...(await reads(stack)), ...(await removals(stack, client)) };
  } finally {
    await client.end();
    await stack.close();
  }
}

/** Carries out runs with the service, which is stopped afterwards. Returns what a run costs Postgres. */
async function carryOut(stack: Stack): Promise<Figures> {
  const server = await stack.main();
  const http = stack.client(server.url, CALLERS);
  await runAndWait(http, fiveReads(stack.integration));
  const before = await counters(stack.db.pool);
  const { tookMs } = await loop(CALLERS, TEMPLATE_MS, () => runAndWait(http, fiveReads(stack.integration)));
  const after = await counters(stack.db.pool);
  await server.stop();
  const each = (total: number) => round(total / tookMs.length);
  return { runs: tookMs.length, commits: each(after.commits - before.commits), walBytes: each(after.wal - before.wal) };
}

async function reads({ admin, workspaceId, integration }: Stack): Promise<Figures> {
  await seedDueRuns(admin, [newId()], 100);
  const pool = new pg.Pool({
    connectionString: admin.options.connectionString,
    max: 1,
    options: '-c role=errand_system',
  });
  const figures = { lists: await lists(pool, workspaceId, `${integration}.getItem`), claimOf16: await claim(pool) };
  await pool.end();
  return figures;
}

/** Removes the two oldest whole days: the first one has an open run, so its rows are deleted one by one; the second one is dropped. */
async function removals({ admin }: Stack, client: pg.Client): Promise<Figures> {
  const connect = async () => {
    const session = new pg.Client({
      connectionString: admin.options.connectionString,
      options: '-c role=errand_system',
    });
    await session.connect();
    return session;
  };
  const { rows } = await client.query<{ at: Date }>('SELECT min(created_at) AS at FROM run');
  const first = Math.ceil(rows[0]!.at.getTime() / DAY_MS) * DAY_MS;
  // Rows of the day before, which is not whole, are removed without being measured.
  await remove(connect, first);
  await client.query(
    `UPDATE run SET status = 'PAUSED', ended_at = NULL, not_before = now() + interval '1 day'
     WHERE (workspace_id, run_id) = (SELECT workspace_id, run_id FROM run WHERE created_at >= $1 ORDER BY run_id LIMIT 1)`,
    [new Date(first)],
  );
  const counts = [await countRows(client)];
  const deletion = await costOf(client, () => remove(connect, first + DAY_MS));
  counts.push(await countRows(client));
  const drop = await costOf(client, () => remove(connect, first + 2 * DAY_MS));
  counts.push(await countRows(client));
  const removed = (n: number) =>
    Object.fromEntries(Object.entries(counts[n]!).map(([table, count]) => [table, count - counts[n + 1]![table]!]));
  const { result: _, ...vacuum } = await costOf(client, () => client.query('VACUUM run'));
  return {
    byDelete: { ...deletion, rows: removed(0) },
    byDrop: { ...drop, rows: removed(1) },
    vacuumOfRun: vacuum,
  };
}

const remove = (connect: () => Promise<pg.Client>, until: number) =>
  removeOld(connect, { runDays: (Date.now() - until) / DAY_MS }, new AbortController().signal);
