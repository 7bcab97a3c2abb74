// A run that is created from a step of an ended run gets copies of its calls, in the statement that stores it.
import type pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../statements/scope.ts';
import { aCall, aNewRun, aStart } from '../testing/a-new-run.ts';
import { claimOne } from '../testing/claim-one.ts';
import { openTestPool } from '../testing/database.ts';
import { endedRuns } from '../usage/count.ts';
import { createRun, EarlierCallsGone } from './create.ts';
import { countEffects, type LedgerEntry, readLedger, readLedgerEntry, readOutputs } from './ledger.ts';
import { readClaim } from './queue/claim.ts';
import { applyTransition } from './transitions/transitions.ts';

let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 2 });
  ({ pool } = opened);
  scope = { pool, workspaceId: newId() };
  return opened.close;
});

const callOf = (stepId: string, more: Partial<LedgerEntry> = {}) => aCall({ key: stepId, stepId, ...more });
const WRITE = { effect: 'write', idempotencyKey: 'k1' } as const;

async function anEndedRun(calls: readonly LedgerEntry[], over: Parameters<typeof aNewRun>[0] = {}): Promise<string> {
  const { runId } = await createRun(scope, aNewRun(over));
  const { epoch } = (await claimOne(scope, runId))!.run;
  const end = { result: 1, error: null };
  await applyTransition(scope, { runId, epoch }, { to: 'SUCCESS', events: [], ledger: calls, end });
  return runId;
}
const from = (runId: string, ...stepIds: string[]) => aNewRun({ rerunOf: runId, takeOver: { runId, stepIds } });

test('done calls of the named steps are copied, whatever their size, and no other calls', async () => {
  const large = JSON.stringify('x'.repeat(3_000_000));
  const runId = await anEndedRun([
    callOf('read', { output: large, link: { page: 2 } }),
    callOf('pay', { ...WRITE, attempts: 2 }),
    callOf('other', WRITE),
    callOf('pay2', { ...WRITE, state: 'UNCERTAIN' }),
    callOf('pay3', { ...WRITE, state: 'FAILED', error: { code: 'tool_failed', message: 'No.' } }),
    callOf('fill', { key: 'fill:pay:/to', kind: 'model', stepId: 'pay', tool: null, output: '"Ana"' }),
  ]);
  const rerun = await createRun(scope, from(runId, 'read', 'pay', 'pay2', 'pay3'));
  const rows = await readLedger(scope, rerun.runId);
  expect(rows.map(({ key, state, takenFrom }) => [key, state, takenFrom])).toEqual(
    ['fill:pay:/to', 'pay', 'read'].map((key) => [key, 'DONE', runId]),
  );
  const before = await readLedger(scope, runId);
  for (const row of rows) expect({ ...row, takenFrom: null }).toEqual(before.find(({ key }) => key === row.key));
  expect((await readOutputs(scope, rerun.runId, [{ key: 'read', bytes: large.length }])).get('read')).toBe(large);
  // Copied writes are effects of the run that made them.
  expect([await countEffects(scope, runId), await countEffects(scope, rerun.runId)]).toEqual([3, 0]);
});

test('the first claim of the run reads the copied calls', async () => {
  const runId = await anEndedRun([callOf('read')]);
  const atOnce = { worker: 'w1', slots: 60, startEvent: aStart };
  const { claimed } = await createRun(scope, from(runId, 'read'), atOnce);
  expect((await readClaim(scope, claimed!)).ledger).toMatchObject([{ key: 'read', takenFrom: runId }]);
  const later = await createRun(scope, from(runId, 'read'));
  const claim = await claimOne(scope, later.runId);
  expect((await readClaim(scope, claim!)).ledger).toMatchObject([{ key: 'read', takenFrom: runId }]);
});

test('a copy of a copy names the run that made the call', async () => {
  const runId = await anEndedRun([callOf('read')]);
  const second = from(runId, 'read');
  await anEndedRun([], second);
  const third = await createRun(scope, from(second.runId, 'read'));
  expect(await readLedger(scope, third.runId)).toMatchObject([{ key: 'read', takenFrom: runId }]);
  await pool.query('DELETE FROM ledger WHERE run_id = ANY($1)', [[runId, second.runId]]);
  expect((await readLedgerEntry(scope, third.runId, 'read'))!.output).toBe('{"items":[]}');
});

test('a run with removed outputs, a removed run, and a run of another workspace give nothing', async () => {
  const count = async () => (await pool.query('SELECT count(*)::int AS n FROM run')).rows[0].n;
  const [emptied, partly, removed] = [
    await anEndedRun([callOf('read')]),
    await anEndedRun([callOf('read'), callOf('pay')]),
    await anEndedRun([callOf('read')]),
  ];
  await pool.query('UPDATE run SET outputs_removed_at = now() WHERE run_id = $1', [emptied]);
  await pool.query(`UPDATE ledger SET args = NULL, output = NULL WHERE run_id = $1 AND key = 'pay'`, [partly]);
  await pool.query('DELETE FROM run WHERE run_id = $1', [removed]);
  const before = await count();
  for (const runId of [emptied, partly, removed])
    await expect(createRun(scope, from(runId, 'read', 'pay'))).rejects.toThrow(EarlierCallsGone);
  const elsewhere = { pool, workspaceId: newId() };
  await expect(createRun(elsewhere, from(partly, 'read'))).rejects.toThrow(EarlierCallsGone);
  expect(await count()).toBe(before);
  // A step with calls that are still stored.
  expect(await readLedger(scope, (await createRun(scope, from(partly, 'read'))).runId)).toHaveLength(1);
});

test('copied calls are not counted as usage of the new run', async () => {
  const first = await anEndedRun([callOf('read')]);
  const second = from(first, 'read');
  await anEndedRun([callOf('other')], second);
  const usage = async (runId: string) => {
    const { rows } = await pool.query(endedRuns(`SELECT * FROM run WHERE run_id = '${runId}'`));
    return rows[0].calls;
  };
  const one = [{ tool: 'crm_1a2b3c4d.listDeals', n: 1, errors: 0 }];
  expect([await usage(first), await usage(second.runId)]).toMatchObject([one, one]);
});
