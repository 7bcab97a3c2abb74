import { type RunScope, readEvents } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';
import { LOG_PAGE } from './channel.ts';
import { ReplayedPage, StreamFrame } from './stream-frame.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let pool: pg.Pool;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  pool = new pg.Pool({ connectionString: engines.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});

test('a replay reads the calls of many events in one statement, and those that do not fit alone', async () => {
  // The answers of steps 60 and 61 exceed together what one statement reads.
  service.behaviours.look = ({ args }) => {
    const { n } = args as { n: number };
    return { n, pad: 'x'.repeat(n === 60 || n === 61 ? 50_000 : 10) };
  };
  const steps = Array.from({ length: 100 }, (_, n) => [`s${n}`, 'look', { n }] as [string, string, object]);
  const { run, workspaceId } = await finish(
    await engines.engine(service.toolbox),
    aRun({ plan: aPlan(steps as never) }),
  );
  expect(run.status).toBe('SUCCESS');
  let statements = 0;
  const query = (...args: Parameters<pg.Pool['query']>) => {
    statements++;
    return pool.query(...args);
  };
  const scope = { pool: { query }, workspaceId } as unknown as RunScope;
  const { rows } = await readEvents(scope, run.runId, 0, LOG_PAGE);
  expect(rows).toHaveLength(102);

  const alone: string[] = [];
  for (const row of rows) alone.push(await new StreamFrame(scope, run.runId, row).text(true));
  statements = 0;
  const page = new ReplayedPage(scope, run.runId, rows);
  const together: string[] = [];
  for (const index of rows.keys()) together.push(await page.frame(index).text(true));
  expect(together).toEqual(alone);
  expect(alone.filter((text) => text.includes('x'.repeat(50_000)))).toHaveLength(2);
  // Two statements for 100 calls, and one for each call of the second batch that comes after the first large one.
  expect(statements).toBeLessThan(60);

  statements = 0;
  const rest = new ReplayedPage(scope, run.runId, rows.slice(75));
  for (const index of rows.slice(75).keys()) await rest.frame(index).text(true);
  expect(statements).toBe(1);
});
