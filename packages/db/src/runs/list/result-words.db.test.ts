// Lists by the words of results and errors.
import type pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { createTasks } from '../../background/periodic-tasks.ts';
import { newId, type RunScope } from '../../statements/scope.ts';
import { aNewRun } from '../../testing/a-new-run.ts';
import { openTestPool } from '../../testing/database.ts';
import { createRun } from '../create.ts';
import { listRuns } from './list.ts';
import { addResultWords, forgetResultWords } from './result-words.ts';

let pool: pg.Pool;
let scope: RunScope;
beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 4 });
  ({ pool } = opened);
  scope = { pool, workspaceId: newId() };
  return opened.close;
}, 60_000);

const { signal } = new AbortController();
const log = { info() {}, warn() {} };
type End = { result?: unknown; message?: string; userId?: string; secondsAgo?: number };

async function anEndedRun({ result, message, userId = 'user-1', secondsAgo = 0 }: End): Promise<string> {
  const { runId } = await createRun(scope, aNewRun({ intent: 'Sum up the sales', userId }));
  const error = message === undefined ? null : JSON.stringify({ code: 'tool_failed', message, retryable: false });
  const text = `UPDATE run SET status = 'SUCCESS', due = 0, ended_at = clock_timestamp() - $4::int * interval '1 second', result = $2, error = $3
    WHERE run_id = $1`;
  await pool.query(text, [runId, result === undefined ? null : JSON.stringify(result), error, secondsAgo]);
  return runId;
}
const found = async (q: string, of = scope) =>
  (await listRuns(of, { q }, { pageSize: 50 }, { maxBytes: 2 ** 20, requests: 1 })).map(({ runId }) => runId);

test('runs are found by words of their results and errors, together with those of their intents, in their workspace only', async () => {
  const deal = await anEndedRun({ result: { deals: [{ owner: 'Ada Lovelace', note: '客户' }], fieldname: 1 } });
  const failed = await anEndedRun({ message: 'Fabrikam answered with 500.' });
  const large = await anEndedRun({ result: { first: 'Contoso', rest: 'x '.repeat(2 ** 20) } });
  const far = await anEndedRun({ result: ['near', 'y '.repeat(1000), 'faraway'] });
  expect([await found('ADA sales'), await found('fabrikam')]).toEqual([[], []]);
  await addResultWords(pool, signal);
  expect(await found('ADA, sales')).toEqual([deal]);
  expect(await found('客')).toEqual([deal]);
  expect(await found('fabrikam 500')).toEqual([failed]);
  expect([await found('ada fabrikam'), await found('fieldname'), await found('tool_failed')]).toEqual([[], [], []]);
  // Results of more than 1 MiB, and texts beyond the first 2,000 characters, are not searched.
  expect([await found('contoso'), await found('near'), await found('faraway')]).toEqual([[], [far], []]);
  expect(await found('sales')).toEqual([far, large, failed, deal]);
  expect(await found('ada', { pool, workspaceId: newId() })).toEqual([]);
});

test('runs are added in batches, each once, and also those whose transactions become visible late', async () => {
  const ids: string[] = [];
  for (let n = 0; n < 7; n++) ids.unshift(await anEndedRun({ result: `batch${n} batched` }));
  await addResultWords(pool, signal, { atOnce: 3 });
  expect(await found('batched')).toEqual(ids);
  const versions = 'SELECT run_id, xmin FROM run_text WHERE run_id = ANY($1) ORDER BY run_id';
  const before = (await pool.query(versions, [ids])).rows;
  const late = await anEndedRun({ result: 'belated', secondsAgo: 10 });
  await Promise.all([addResultWords(pool, signal, { atOnce: 2 }), addResultWords(pool, signal, { atOnce: 2 })]);
  await addResultWords(pool, signal);
  expect(await found('belated')).toEqual([late]);
  expect((await pool.query(versions, [ids])).rows).toEqual(before);
});

test('the setting turns it off', async () => {
  const runId = await anEndedRun({ result: 'optional' });
  const tasks = (resultWords: boolean) =>
    createTasks({ pool, connect: () => Promise.reject(new Error('It is not needed.')) }, { resultWords }, log, signal);
  await tasks(false).result_words();
  expect(await found('optional')).toEqual([]);
  await tasks(true).result_words();
  expect(await found('optional')).toEqual([runId]);
});

test('the words of a user are removed, those of others and of intents stay', async () => {
  const ofUser: string[] = [];
  for (let n = 0; n < 5; n++) ofUser.unshift(await anEndedRun({ result: 'private', userId: 'erased' }));
  const ofOther = await anEndedRun({ result: 'private', userId: 'other' });
  await addResultWords(pool, signal);
  expect(await found('private')).toEqual([ofOther, ...ofUser]);
  await forgetResultWords(scope, 'erased', 2);
  expect(await found('private')).toEqual([ofOther]);
  expect(await found('sales')).toEqual(expect.arrayContaining(ofUser));
});
