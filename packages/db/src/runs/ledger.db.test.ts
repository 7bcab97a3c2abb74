import type pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { aCall, aNewRun } from '../testing/a-new-run.ts';
import { claimOne } from '../testing/claim-one.ts';
import { openTestPool } from '../testing/database.ts';
import { createRun } from './create.ts';
import { isListed, type LedgerEntry, readLedger, readOutputs } from './ledger.ts';
import { applyTransition } from './transitions/transitions.ts';

let pool: pg.Pool;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 2 });
  ({ pool } = opened);
  return opened.close;
});

test('a ledger is read in pages, and outputs in pages of limited size', async () => {
  const scope = { pool, workspaceId: newId() };
  const { runId } = await createRun(scope, aNewRun());
  const { epoch } = (await claimOne(scope, runId))!.run;
  const target = { runId, epoch };
  const output = JSON.stringify('x'.repeat(200_000));
  const ledger = Array.from({ length: 1203 }, (_, i) => aCall({ key: `s.${i}`, output: i < 24 ? output : '1' }));
  for (let at = 0; at < ledger.length; at += 200)
    await applyTransition(scope, target, { to: 'RUNNING', events: [], ledger: ledger.slice(at, at + 200) });
  const requestedKeys: unknown[][] = [];
  const query = (text: { values: unknown[] }) => {
    requestedKeys.push(text.values);
    return scope.pool.query(text as never);
  };
  const counted = { ...scope, pool: { query } as unknown as typeof scope.pool };

  const rows = await readLedger(counted, runId);
  expect(rows.map(({ key }) => key).sort()).toEqual(ledger.map(({ key }) => key).sort());
  expect(rows.reduce((sum, { outputBytes }) => sum + outputBytes!, 0)).toBe(24 * 200_002 + 1179);
  expect(requestedKeys.length).toBe(3);

  requestedKeys.length = 0;
  const calls = rows.map(({ key, outputBytes }) => ({ key, bytes: outputBytes! }));
  const texts = await readOutputs(counted, runId, calls);
  expect(texts.size).toBe(1203);
  expect(texts.get('s.3')).toBe(output);
  const pages = requestedKeys.map(([, , keys]) =>
    (keys as string[]).reduce((sum, key) => sum + texts.get(key)!.length, 0),
  );
  expect(pages.length).toBeGreaterThan(3);
  expect(Math.max(...pages)).toBeLessThan(2 ** 20 + output.length);
});

test('one call of each run and tool is in the index of tools, however the calls are written', async () => {
  const scope = { pool, workspaceId: newId() };
  const calls = (names: readonly string[], tool: string) => names.map((key) => aCall({ key, tool }));
  const earlier = await createRun(scope, aNewRun());
  const target = { runId: earlier.runId, epoch: (await claimOne(scope, earlier.runId))!.run.epoch };
  const step = (...ledger: LedgerEntry[]) => applyTransition(scope, target, { to: 'RUNNING', events: [], ledger });
  await step(...calls(['a1'], 'a.list'), aCall({ key: 'm1', kind: 'model', tool: null }));
  await step(...calls(['a2'], 'a.list'), ...calls(['b1'], 'b.list'));
  const write = aCall({ key: 'w1', tool: 'b.send', effect: 'write', idempotencyKey: 'k' });
  await step({ ...write, state: 'INTENDED' });
  await step(write, ...calls(['b2'], 'b.list'));
  const listed = async (runId: string) => {
    const text = `SELECT array_agg(key ORDER BY key) AS keys FROM ledger l WHERE run_id = $1 AND ${isListed('l')}`;
    return (await pool.query<{ keys: string[] | null }>(text, [runId])).rows[0]!.keys;
  };
  expect(await listed(earlier.runId)).toEqual(['a1', 'b1', 'w1']);

  await applyTransition(scope, target, { to: 'SUCCESS', events: [], end: { result: 1, error: null } });
  const takeOver = { runId: earlier.runId, stepIds: ['deals'] };
  const rerun = await createRun(scope, aNewRun({ rerunOf: earlier.runId, takeOver }));
  expect(await listed(rerun.runId)).toBeNull();
  const own = { runId: rerun.runId, epoch: (await claimOne(scope, rerun.runId))!.run.epoch };
  const change = { to: 'RUNNING', events: [], ledger: calls(['a3'], 'a.list') } as const;
  await applyTransition(scope, own, change);
  expect(await listed(rerun.runId)).toEqual(['a3']);
});
