import { newId, readLedger } from '@errand/db';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { approvalsOf, by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';
import { OutputMemory, Outputs } from './outputs.ts';

const limits = { memoryBytes: 100_000, readingBytes: 50_000 };
const text = 'x'.repeat(20_000);

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let pool: pg.Pool;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { outputs: limits });
  pool = new pg.Pool({ connectionString: engines.url, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

/** So many calls of one step, and what is read of their outputs. */
const many = (count: number, result: unknown) =>
  aPlan([['a', 'look', { n: { $: 'item' } }, { forEach: { $: `[1..${count}]` } }]], result);

test('a run whose outputs exceed its budget ends, and the message names bytes', async () => {
  service.behaviours.look = () => text;
  const budget = { maxOutputBytes: 100_000 };
  const { run, events, workspaceId } = await finish(
    engine,
    aRun({ budget, plan: many(500, { n: { $: '$count(steps.a.output)' } }) }),
  );
  expect(run).toMatchObject({ status: 'PARTIAL_SUCCESS', result: { n: 500 }, error: { code: 'budget_exhausted' } });
  expect(run.error?.message).toBe('The outputs of the run came to more than 100000 bytes (maxOutputBytes).');
  // Five had room; those that were under way when it was passed are kept, too.
  expect(service.calls('look')).toBeGreaterThanOrEqual(5);
  expect(service.calls('look')).toBeLessThan(5 + 8);
  const rows = await readLedger({ pool, workspaceId }, run.runId);
  expect(rows.filter(({ state }) => state === 'DONE').length).toBe(service.calls('look'));
  expect(events.filter(({ type }) => type === 'step').length).toBe(1);
});

test('arguments count as outputs do, and a run may not raise what the server allows', async () => {
  service.behaviours.look = () => 1;
  const freshEngines = await startEngines(inject('postgres'));
  const poor = await freshEngines.engine(service.toolbox, { limits: { maxOutputBytes: 50_000 } });
  const plan = aPlan([['a', 'look', { n: { $: 'item' }, text }, { forEach: { $: '[1..50]' } }]]);
  const { run } = await finish(poor, aRun({ budget: { maxOutputBytes: 10_000_000 }, plan }));
  expect(run.error?.message).toContain('50000 bytes');
  expect(service.calls('look')).toBeLessThan(5);
  await freshEngines.close();
});

test('what an earlier activation left counts after it, and is read from the ledger', async () => {
  service.behaviours.look = () => text;
  const plan = aPlan(
    [
      ['a', 'look', { n: { $: 'item' } }, { forEach: { $: '[1..20]' } }],
      ['w', 'make', {}, { dependsOn: ['a'] }],
      ['b', 'look', { n: { $: '$count(steps.a.output)' } }, { dependsOn: ['w'] }],
    ],
    { lengths: { $: '$sum($map(steps.a.output, $length))' }, n: { $: '$count(steps.a.output)' } },
  );
  const resumed = async (budget: object) => {
    const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', budget, plan }));
    await engine.decideApproval(run.workspaceId, { approvalId: approvalsOf(run)[0]!, decision: 'approve' }, by);
    return (await follow(engine, run.workspaceId, run.runId)).at(-1);
  };
  expect(await resumed({})).toMatchObject({ runStatus: 'SUCCESS', result: { lengths: 400_000, n: 20 } });
  expect(service.calls('look')).toBe(21);
  // The last one has room alone, and none beside the others.
  const end = await resumed({ maxOutputBytes: 20 * 20_050 });
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'budget_exhausted' } });
  expect(service.calls('look')).toBe(42);
});

test('runs whose outputs have no room in memory together all succeed', async () => {
  service.behaviours.look = ({ args }) => ({ n: (args as { n: number }).n, text });
  const plan = many(30, { sum: { $: '$sum(steps.a.output.n)' }, last: { $: 'steps.a.output[29].n' } });
  const ends = await Promise.all(Array.from({ length: 12 }, () => finish(engine, aRun({ plan }))));
  for (const { run } of ends) expect(run).toMatchObject({ status: 'SUCCESS', result: { sum: 465, last: 30 } });
});

test('a result that would need more than 8 MiB of outputs fails with a clear error, and so does one without a plan for it', async () => {
  service.behaviours.look = () => Array.from({ length: 80_000 }, () => ({}));
  for (const [result, expected] of [
    [{ all: { $: 'steps.a.output.x' } }, 'it reads more than 8 MiB of outputs'],
    [undefined, 'gives more than 1 MiB'],
  ] as const) {
    const { run } = await finish(engine, aRun({ plan: many(36, result) }));
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'expression_failed' } });
    expect(run.error?.message).toContain(expected);
  }
});

test('outputs leave memory once they are written, longest unread first, and come back when they are read', async () => {
  service.behaviours.look = () => text;
  const { run, workspaceId } = await finish(engine, aRun({ plan: many(12, 'done') }));
  const memory = new OutputMemory(limits);
  const outputs = new Outputs(memory, { pool, workspaceId }, run.runId, async () => {});
  const all = Array.from({ length: 12 }, (_, n) => outputs.addNew(`a.${n}`, text));
  expect(memory.isFull).toBe(true);
  await outputs.limitUnwritten();
  expect(memory.isFull).toBe(false);
  expect(all.map((output) => output.text !== undefined).indexOf(true)).toBe(8);

  const read = await outputs.withTexts(all.slice(6, 10), async (texts) => texts.map((text) => text.length));
  expect(read).toEqual([20_002, 20_002, 20_002, 20_002]);
  expect(memory.bytes).toBeLessThanOrEqual(limits.memoryBytes);
  outputs.close();
  expect(memory.bytes).toBe(0);
  // A call that comes to its end after its activation is kept by nobody.
  outputs.addNew('late', text);
  expect(memory.bytes).toBe(0);
});

test('an output that the ledger no longer has is not taken for null', async () => {
  const scope = { pool, workspaceId: newId() };
  const outputs = new Outputs(new OutputMemory(limits), scope, newId(), async () => {});
  const gone = outputs.withTexts([outputs.fromLedger('a', 10)], async (texts) => texts);
  await expect(gone).rejects.toThrow('no output of a');
});
