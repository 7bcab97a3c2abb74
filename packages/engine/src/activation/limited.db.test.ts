// Calls that wait because their service limits requests or fails.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run, ToolOutcome } from '@errand/contracts';
import { newId, readLedger } from '@errand/db';
import type { Toolbox } from '@errand/ports/toolbox';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

type Failure = Extract<ToolOutcome, { ok: false }>;

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;
/** The outcomes of the next calls except of `find`, before any is sent to the service. */
let outcomes: Failure[] = [];

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  const toolbox: Toolbox = {
    ...service.toolbox,
    call: async (request) =>
      (request.tool.operation === 'find' ? undefined : outcomes.shift()) ?? service.toolbox.call(request),
  };
  engine = await engines.engine(toolbox, { callPolicy: { backoffMs: 5 } });
  pool = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  outcomes = [];
});

const refused = (more: Partial<Failure>): Failure => ({
  ok: false,
  code: 'upstream_error',
  message: 'The service limits requests (status 429).',
  retryable: true,
  effectKnown: 'no',
  limited: true,
  ...more,
});
const unsent = (retryAfterMs: number, more: Partial<Failure> = {}): Failure =>
  refused({ code: 'upstream_paused', unsent: true, retryAfterMs, ...more });
async function ended(workspaceId: string, runId: string): Promise<Run> {
  await engine.waitForRun(workspaceId, runId, 20_000);
  return (await engine.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false })).value();
}
async function untilAsleep(runId: string): Promise<void> {
  const isAsleep = async () =>
    (await pool.query('SELECT FROM run WHERE run_id = $1 AND not_before IS NOT NULL', [runId])).rowCount === 1;
  while (!(await isAsleep())) await sleep(10);
}
const ledgerOf = (workspaceId: string, runId: string) => readLedger({ pool, workspaceId }, runId);

test.each(['look', 'make'])('calls that were not sent are neither attempts nor calls: %s', async (operation) => {
  outcomes = Array.from({ length: 7 }, () => unsent(10));
  const { run, workspaceId, created } = await finish(engine, aRun({ plan: aPlan([['a', operation]]) }));
  expect(run).toMatchObject({ status: 'SUCCESS', usage: { toolCalls: 1 } });
  expect(await ledgerOf(workspaceId, created.runId)).toMatchObject([{ state: 'DONE', attempts: 1 }]);
  expect(service.seen).toHaveLength(1);
});

test('calls that the service limits are calls, but no attempts', async () => {
  outcomes = [
    ...Array.from({ length: 4 }, () => refused({ status: 429, retryAfterMs: 5 })),
    refused({ limited: false }),
  ];
  const { run, workspaceId, created } = await finish(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  expect(run).toMatchObject({ status: 'SUCCESS', usage: { toolCalls: 6 } });
  expect(await ledgerOf(workspaceId, created.runId)).toMatchObject([{ state: 'DONE', attempts: 2 }]);
});

test('a limited call counts in the budget of its run', async () => {
  outcomes = Array.from({ length: 50 }, () => refused({ status: 429, retryAfterMs: 1 }));
  const plan = aPlan([['a', 'look']]);
  const { run } = await finish(engine, aRun({ plan, budget: { maxToolCalls: 5 } }));
  expect(run).toMatchObject({ status: 'FAILED', usage: { toolCalls: 5 } });
  expect(outcomes).toHaveLength(45);
});

test.each(['look', 'make'])(
  'a run sleeps during a long pause, and makes only the call that is left: %s',
  async (last) => {
    outcomes = [unsent(60_000)];
    const workspaceId = newId();
    const plan = aPlan([
      ['a', last],
      ['b', 'find'],
    ]);
    const { runId } = await engine.create(workspaceId, aRun({ plan }));
    const row = async () =>
      (
        await pool.query<{ lease: string | null; status: string; left: number; calls: number }>(
          `SELECT lease, status, extract(epoch FROM not_before - now())::float AS left, tool_calls AS calls FROM run WHERE run_id = $1`,
          [runId],
        )
      ).rows[0]!;
    await untilAsleep(runId);
    expect(await row()).toMatchObject({ lease: null, status: 'RUNNING', calls: 1 });
    expect((await row()).left).toBeGreaterThan(55);
    const before = await ledgerOf(workspaceId, runId);
    expect(before.map(({ stepId, state, attempts }) => [stepId, state, attempts]).sort()).toEqual([
      ['a', 'REFUSED', 0],
      ['b', 'DONE', 1],
    ]);
    expect(service.seen.map(({ operation }) => operation)).toEqual(['find']);
    await pool.query(`UPDATE run SET not_before = now() WHERE run_id = $1`, [runId]);
    expect(await ended(workspaceId, runId)).toMatchObject({ status: 'SUCCESS' });
    expect(service.seen.map(({ operation }) => operation)).toEqual(['find', last]);
  },
);

test('a call ends after it has waited too long', async () => {
  outcomes = [unsent(60_000, { limited: false }), unsent(60_000, { limited: false })];
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'make']]) }));
  await untilAsleep(runId);
  await pool.query(`UPDATE ledger SET started_at = started_at - interval '5 minutes' WHERE run_id = $1`, [runId]);
  await pool.query(`UPDATE run SET not_before = now() WHERE run_id = $1`, [runId]);
  expect(await ended(workspaceId, runId)).toMatchObject({
    status: 'FAILED',
    error: { code: 'upstream_paused' },
  });
  expect(service.seen).toHaveLength(0);
});

test('a sleeping run can be cancelled', async () => {
  outcomes = [unsent(60_000)];
  const workspaceId = newId();
  const { runId } = await engine.create(workspaceId, aRun({ plan: aPlan([['a', 'make']]) }));
  await untilAsleep(runId);
  expect(await engine.cancel(workspaceId, runId)).toMatchObject({ status: 'CANCELED' });
  expect(service.seen).toHaveLength(0);
});
