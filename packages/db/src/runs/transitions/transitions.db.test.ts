import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../../statements/scope.ts';
import { aCall, aNewRun, aStep } from '../../testing/a-new-run.ts';
import { claimOne } from '../../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { createRun } from '../create.ts';
import { readEvents } from '../events.ts';
import { readLedger } from '../ledger.ts';
import { releaseRun } from '../queue/queue.ts';
import { readRunForResponse } from '../run-for-response.ts';
import type { Transition } from './transition.ts';
import { applyTransition, batchPoolOptions, Transitions } from './transitions.ts';

let database: TestDatabase;
let pool: pg.Pool;
let batchPool: pg.Pool;
let scope: RunScope;
let transitions: Transitions;
/** Names of the statements that the batch pool executed. */
let statements: string[];

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  const options = Object.entries(batchPoolOptions).map(([name, value]) => `-c ${name}=${value}`);
  batchPool = new pg.Pool({ connectionString: database.url, max: 1, options: options.join(' ') });
  batchPool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      statements.push((args[0] as { name: string }).name);
      return query(...args);
    }) as typeof client.query;
  });
});
afterAll(async () => {
  await Promise.all([pool.end(), batchPool.end()]);
  await database.drop();
});
beforeEach(() => {
  scope = { pool, workspaceId: newId() };
  transitions = new Transitions(batchPool);
  statements = [];
});

type ClaimedRef = { in: RunScope; runId: string; epoch: number };

async function aClaimed(within = scope): Promise<ClaimedRef> {
  const { runId } = await createRun(within, aNewRun());
  const claim = await claimOne(within, runId);
  return { in: within, runId, epoch: claim!.run.epoch };
}
async function claimed(count: number): Promise<ClaimedRef[]> {
  const runs: ClaimedRef[] = [];
  while (runs.length < count) runs.push(await aClaimed());
  return runs;
}
/** The price of every third answer is not known; of others there is none. */
const costOf = (n: number) => (n % 3 === 0 ? null : n % 3 === 1 ? { amount: 0.25, currency: 'EUR' } : undefined);
const step = (n: number, changes: Partial<Transition> = {}): Transition => ({
  to: 'RUNNING',
  events: [aStep(n)],
  ledger: [aCall({ key: `s${n}`, startedAt: new Date(n), output: JSON.stringify({ found: `"${n}", \\ {} ü` }) })],
  usage: {
    steps: 1,
    toolCalls: 2,
    activeMs: 1.4,
    inputTokens: n,
    cachedInputTokens: 1,
    outputTokens: 2,
    cost: costOf(n),
  },
  ...changes,
});
const end = (changes: Partial<Transition> = {}): Transition =>
  step(9, {
    to: 'SUCCESS',
    end: { result: { sum: [1, null, 'a"b'] }, error: null, summary: 'Found "3" deals.' },
    ...changes,
  });
const apply = (run: ClaimedRef, change: Transition, by = transitions) => by.apply(run.in, run, change);
const applyAlone = (run: ClaimedRef, change: Transition) => applyTransition(run.in, run, change);
/** All stored data of a run, except for ids and times. */
async function stored({ in: within, runId }: ClaimedRef) {
  const { rows } = await pool.query(
    `SELECT status, seq, epoch, lease, due, not_before, deaths, steps, tool_calls, active_ms, input_tokens,
     cached_input_tokens, output_tokens, cost, cost_currency, result, error, summary, ended_at IS NULL AS open FROM run WHERE run_id = $1`,
    [runId],
  );
  const events = (await readEvents(within, runId, 0, { limit: 100, bytes: 100_000 })).rows.map(
    ({ createdAt: _, ...event }) => event,
  );
  const ledger = (await readLedger(within, runId)).map(({ endedAt, ...entry }) => ({
    ...entry,
    ended: endedAt !== null,
  }));
  return { row: rows[0], events, ledger };
}

test('a batch of transitions has the same effect as each of them alone', async () => {
  const elsewhere = { pool, workspaceId: newId() };
  const together = [...(await claimed(9)), await aClaimed(elsewhere)];
  const alone = await claimed(10);
  for (const n of [1, 2]) {
    await Promise.all(together.map((run) => apply(run, step(n))));
    for (const run of alone) await applyAlone(run, step(n));
  }
  const last = (i: number) =>
    i % 3 === 0 ? step(3, { events: [] }) : i % 3 === 1 ? end() : end({ to: 'FAILED', end: failed });
  const failed = { result: undefined, error: { code: 'internal', message: 'It broke.' } };
  await Promise.all(together.map((run, i) => apply(run, last(i))));
  for (const [i, run] of alone.entries()) await applyAlone(run, last(i));
  expect(await Promise.all(together.map(stored))).toEqual(await Promise.all(alone.map(stored)));
  expect(new Set(statements)).toEqual(new Set(['run_transitions', 'run_transitions_ends']));
});

test('a batch that finishes entries of writes updates them; one that comes to an entry of a read again writes it alone', async () => {
  const runs = await claimed(5);
  const write = (state: 'INTENDED' | 'DONE') => step(1, { ledger: [aCall({ key: 'w', effect: 'write', state })] });
  const read = step(2, { ledger: [aCall({ key: 'r', effect: 'read' })] });
  for (const change of [write('INTENDED'), write('DONE'), read, read]) {
    const before = await aClaimed(); // goes alone, so that the others go together
    await Promise.all([apply(before, change), ...runs.map((run) => apply(run, change))]);
  }
  expect(statements).toEqual(['run_transitions', 'run_transitions_upsert', 'run_transitions', 'run_transitions']);
  for (const { row, ledger } of await Promise.all(runs.map(stored))) {
    expect(row.seq).toBe(5);
    expect(ledger.map(({ key, state }) => [key, state])).toEqual([
      ['r', 'DONE'],
      ['w', 'DONE'],
    ]);
  }
});

test('a cost is a sum until a price is not known', async () => {
  const run = await aClaimed();
  const cost = async () => {
    const { row } = await stored(run);
    return [row.cost, row.cost_currency, row.cached_input_tokens];
  };
  expect(await cost()).toEqual([0, null, 0]);
  await apply(run, step(1));
  await applyAlone(run, step(4));
  await apply(run, step(5));
  expect(await cost()).toEqual([0.5, 'EUR', 3]);
  await apply(run, step(6));
  await applyAlone(run, step(7));
  expect(await cost()).toEqual([null, 'EUR', 5]);
});

test('each transition gets a number and time; one with an old epoch gets null', async () => {
  const runs = await claimed(6);
  await applyAlone(runs[2]!, step(1));
  await releaseRun(scope, runs[4]!.runId, runs[4]!.epoch, null);
  await claimOne(scope, runs[4]!.runId);
  const moved = await Promise.all(runs.map((run) => apply(run, step(2, { events: [aStep(2), aStep(3)] }))));
  expect(moved.map((applied) => applied?.seq)).toEqual([3, 3, 4, 3, undefined, 3]);
  expect(moved[4]).toBeNull();
  expect((await stored(runs[4]!)).ledger).toEqual([]);
  for (const [i, run] of runs.entries()) {
    if (moved[i])
      expect((await readRunForResponse(scope, run.runId, { maxBytes: 0, requests: 0 }))?.updatedAt).toEqual(
        moved[i].createdAt,
      );
  }
});

test('a transition that Postgres rejects does not prevent the others', async () => {
  const runs = await claimed(5);
  const bad = { type: 'step', data: '{"a": "\\u0000', toolCalls: null };
  const ended = await Promise.allSettled(runs.map((run, i) => apply(run, step(1, i === 3 ? { events: [bad] } : {}))));
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await Promise.all(runs.map(async (run) => (await stored(run)).row.seq))).toEqual([2, 2, 2, 1, 2]);
});

// The first is applied alone, the others together.
test.each([0, 1])('a locked run delays only itself, also if it is the first (%i)', async (locked) => {
  const runs = await claimed(4);
  const free = runs.filter((_, i) => i !== locked);
  const holder = await pool.connect();
  await holder.query('BEGIN');
  await holder.query('UPDATE run SET due = 2 WHERE run_id = $1', [runs[locked]!.runId]);
  const all = runs.map((run) => apply(run, step(1)));
  await Promise.all(all.filter((_, i) => i !== locked));
  await Promise.all(free.map((run) => apply(run, step(2))));
  expect((await stored(runs[locked]!)).row.seq).toBe(1);
  await holder.query('COMMIT');
  holder.release();
  expect((await all[locked])?.seq).toBe(2);
});

test('two concurrent transitions of one run are both applied, without a gap', async () => {
  const [locked, run] = (await claimed(2)) as [ClaimedRef, ClaimedRef];
  const all = [apply(locked, step(1)), ...[1, 2, 3].map((n) => apply(run, step(n)))];
  expect((await Promise.all(all.slice(1))).map((applied) => applied!.seq).sort()).toEqual([2, 3, 4]);
  await all[0];
  expect((await stored(run)).events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('ends of many runs release their leases, due or not, and other runs keep theirs', async () => {
  const runs = await claimed(5);
  await pool.query('UPDATE run SET due = 2, deaths = 1 WHERE run_id = ANY($1)', [runs.map(({ runId }) => runId)]);
  const before = await aClaimed(); // goes alone, so that the others go together
  await Promise.all([apply(before, step(1)), ...runs.map((run, i) => apply(run, i < 3 ? end() : step(1)))]);
  expect(statements).toEqual(['run_transitions_ends']);
  const rows = await Promise.all(runs.map(async (run) => (await stored(run)).row));
  expect(rows.slice(0, 3)).toMatchObject(Array(3).fill({ due: 0, lease: null, not_before: null, deaths: 0 }));
  expect(rows.slice(3)).toMatchObject(Array(2).fill({ due: 2, lease: 'pool-a', not_before: null, deaths: 1 }));
});

test('large transitions are applied alone, and all are applied', async () => {
  const runs = await claimed(5);
  const text = 'x'.repeat(200_000);
  const large = (i: number) =>
    step(1, { ledger: [aCall({ output: JSON.stringify(i === 2 ? text.repeat(3) : text) })] });
  const moved = await Promise.all(runs.map((run, i) => apply(run, large(i))));
  expect(moved.map((applied) => applied?.seq)).toEqual([2, 2, 2, 2, 2]);
  // The first goes at once, the third is too large, the other three weigh too much together.
  expect(statements).toEqual(['run_transitions']);
});

test('without a connection for batches each transition is applied alone', async () => {
  const away = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none', connectionTimeoutMillis: 500 });
  const alone = new Transitions(away);
  const runs = await claimed(4);
  const moved = await Promise.all(runs.map((run) => apply(run, step(1), alone)));
  expect(moved.map((applied) => applied?.seq)).toEqual([2, 2, 2, 2]);
  await away.end();
});
