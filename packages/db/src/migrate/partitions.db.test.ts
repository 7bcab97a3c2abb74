import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { beforeAll, expect, inject, test } from 'vitest';
import { openTestPool } from '../testing/database.ts';

let pool: pg.Pool;
const workspaceId = uuid();

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'));
  ({ pool } = opened);
  return opened.close;
});

async function append(at: string) {
  const runId = uuid({ msecs: Date.parse(at) });
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) VALUES ($1, $2, 1, 'start', '{ "a":1 }')`,
    [workspaceId, runId],
  );
  await pool.query(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, state, args) VALUES ($1, $2, 's', 'tool', 'DONE', '{ "a":1 }')`,
    [workspaceId, runId],
  );
  return runId;
}
const partitionsOf = async (runId: string): Promise<string[]> => {
  const text = `SELECT tableoid::regclass::text AS partition FROM run_event WHERE run_id = $1
    UNION ALL SELECT tableoid::regclass::text FROM ledger WHERE run_id = $1`;
  return (await pool.query<{ partition: string }>(text, [runId])).rows.map(({ partition }) => partition.split('.')[1]!);
};
const ensure = async (parent: string, at: string, span: string): Promise<boolean> =>
  (await pool.query('SELECT errand_partitions.ensure($1, $2, $3) AS made', [parent, at, span])).rows[0].made;
const ensureBoth = async (at: string, span: string) => [
  await ensure('run_event', at, span),
  await ensure('ledger', at, span),
];
const both = (name: string) => [`run_event_${name}`, `ledger_${name}`];

test('rows of now and of tomorrow are in the partitions of their days', async () => {
  for (const at of [new Date(), new Date(Date.now() + 86_400_000)]) {
    const day = at.toISOString().slice(0, 10).replaceAll('-', '');
    expect(await partitionsOf(await append(at.toISOString()))).toEqual(both(day));
  }
});

test.each([
  ['day', '2031-02-10T05:00:00Z', '2031-02-10T00:00:00.000Z', '2031-02-10T23:59:59.999Z'],
  ['week', '2032-03-10T05:00:00Z', '2032-03-08T00:00:00.000Z', '2032-03-14T23:59:59.999Z'],
  ['month', '2033-02-10T05:00:00Z', '2033-02-01T00:00:00.000Z', '2033-02-28T23:59:59.999Z'],
])('the first and the last millisecond of a %s belong to it', async (span, at, first, last) => {
  const name = first.slice(0, 10).replaceAll('-', '');
  expect(await ensureBoth(at, span)).toEqual([true, true]);
  expect(await ensureBoth(first, span)).toEqual([false, false]);
  expect(await partitionsOf(await append(first))).toEqual(both(name));
  expect(await partitionsOf(await append(last))).toEqual(both(name));
  expect(await partitionsOf(await append(new Date(Date.parse(last) + 1).toISOString()))).toEqual(both('default'));
});

test('a longer span takes the rest of the time that shorter ones left', async () => {
  await ensureBoth('2034-05-03T00:00:00Z', 'day');
  await ensureBoth('2034-05-20T00:00:00Z', 'day');
  expect(await ensureBoth('2034-05-10T00:00:00Z', 'month')).toEqual([true, true]);
  expect(await partitionsOf(await append('2034-05-19T23:59:59.999Z'))).toEqual(both('20340504'));
  expect(await partitionsOf(await append('2034-05-20T23:59:59.999Z'))).toEqual(both('20340520'));
  expect(await partitionsOf(await append('2034-05-21T00:00:00.000Z'))).toEqual(both('default'));
});

test('rows without a partition are kept, and moved into theirs once it exists', async () => {
  const early = await append('2040-12-31T23:00:00Z');
  expect(await partitionsOf(early)).toEqual(both('default'));
  for (const parent of ['run_event', 'ledger']) {
    const made = await Promise.all([1, 2].map(() => ensure(parent, '2040-12-31T00:00:00Z', 'day')));
    expect(made.sort()).toEqual([false, true]);
  }
  expect(await partitionsOf(early)).toEqual(both('20401231'));
  const { rows } = await pool.query('SELECT data::text AS data FROM run_event WHERE run_id = $1', [early]);
  expect(rows[0].data).toBe('{ "a":1 }'); // the bytes as they were written
  const ledger = await pool.query('SELECT args::text AS args, args_bytes AS bytes FROM ledger WHERE run_id = $1', [
    early,
  ]);
  expect(ledger.rows).toEqual([{ args: '{ "a":1 }', bytes: 9 }]);
});

test('the function of earlier releases makes the partitions of a day and of the next one', async () => {
  const made = await pool.query(`SELECT errand_partitions.ensure_run_event('2041-01-15T12:00:00Z') AS made`);
  expect(made.rows).toEqual([{ made: 4 }]);
  expect(await partitionsOf(await append('2041-01-16T23:59:00Z'))).toEqual(both('20410116'));
});

test.each([
  ['SELECT errand_partitions.ensure($1, now(), $2)', ['run', 'day'], '22023'],
  ['SELECT errand_partitions.ensure($1, now(), $2)', ['ledger', 'year'], '22023'],
  ['SELECT errand_partitions.ensure($1, now(), $2)', [null, 'day'], '22023'],
  ['SELECT errand_partitions.empty($1, $2, now())', ['run', 'run'], '22023'],
  ['SELECT errand_partitions.drop_empty($1, $2)', ['workspace', 'x'], '22023'],
])('%s refuses %j', async (text, values, code) => {
  await expect(pool.query(text, values)).rejects.toMatchObject({ code });
});

test('only partitions of the table are emptied and dropped, and only without rows', async () => {
  const runId = await append('2042-01-01T00:00:00Z');
  await ensureBoth('2042-01-01T00:00:00Z', 'day');
  const call = async (text: string) => Object.values((await pool.query(text)).rows[0]);
  for (const name of ['run_event_default', 'run_event_20420101', 'ledger', 'no"such']) {
    expect(await call(`SELECT errand_partitions.empty('ledger', '${name}', now())`)).toEqual([false]);
    expect(await call(`SELECT errand_partitions.drop_empty('ledger', '${name}')`)).toEqual([false]);
  }
  expect(await call(`SELECT errand_partitions.drop_empty('ledger', 'ledger_20420101')`)).toEqual([false]);
  expect(await partitionsOf(runId)).toEqual(both('20420101'));
});

test('the service may not make, empty or read partitions but by the functions', async () => {
  const client = new pg.Client({
    connectionString: (pool as unknown as { options: { connectionString: string } }).options.connectionString,
  });
  await client.connect();
  await client.query('SET ROLE errand_system');
  const statements = [
    `SELECT errand_partitions.make('ledger', gen_random_uuid(), gen_random_uuid())`,
    'SELECT FROM errand_partitions.ledger_default',
    'DROP TABLE errand_partitions.ledger_default',
  ];
  for (const text of statements) await expect(client.query(text)).rejects.toMatchObject({ code: '42501' });
  await client.query('SET ROLE errand_app');
  for (const call of [`ensure('ledger', now(), 'day')`, `empty('ledger', 'x', now())`, `drop_empty('ledger', 'x')`])
    await expect(client.query(`SELECT errand_partitions.${call}`)).rejects.toMatchObject({ code: '42501' });
  await client.end();
});
