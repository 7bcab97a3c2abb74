import pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { arraysOf, type Columns, numbered } from './columns.ts';

let pool: pg.Pool;
beforeAll(() => {
  pool = new pg.Pool({ connectionString: inject('postgres'), max: 1 });
  return () => pool.end();
});

const COLUMNS = {
  n: { type: 'int', value: ({ n }) => n },
  a: { type: 'json', value: ({ text }) => text },
  b: { type: 'jsonb', value: ({ text }) => text },
} satisfies Columns<{ n: number; text: string | null }>;

const stored = async (texts: readonly (string | null)[]) => {
  const rows = texts.map((text, n) => ({ n, text }));
  const text = `SELECT n, a::text, b::text FROM unnest(${numbered(COLUMNS, 1).arrays}) AS t (n, a, b) ORDER BY n`;
  return (await pool.query({ text, values: arraysOf(COLUMNS, rows) })).rows;
};

test('texts of JSON arrive as they are, and nulls', async () => {
  const texts = ['{"a":"\\"\\\\\\n"}', null, ' [1,\n "\u{1f600} ü",{} ]', '"{a,\\"b\\"}"', 'null'];
  const rows = await stored(texts);
  expect(rows.map(({ a }) => a)).toEqual(texts);
  expect(rows.map(({ b }) => b)).toEqual(['{"a": "\\"\\\\\\n"}', null, '[1, "\u{1f600} ü", {}]', texts[3], 'null']);
  expect(await stored([])).toEqual([]);
});

test('a text of four million quotes is sent without escaping each', async () => {
  const text = JSON.stringify('"'.repeat(4_000_000));
  await stored(['1']);
  const before = process.cpuUsage();
  await pool.query({ text: 'SELECT FROM unnest($1::json[])', values: [arraysOf(COLUMNS, [{ n: 0, text }])[1]] });
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(300);
});
