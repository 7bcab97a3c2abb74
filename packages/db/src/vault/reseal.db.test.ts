import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createTestDatabase } from '../testing/index.ts';
import { sealedColumns } from './locations.ts';

test('every column for sealed values is listed, with the complete key of its row', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ name: string; key: string[] }>(`
    SELECT c.relname || '.' || a.attname AS name, ARRAY(
      SELECT k.attname::text FROM pg_index i, pg_attribute k
      WHERE i.indrelid = c.oid AND i.indisprimary AND k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
      ORDER BY array_position(i.indkey::int2[], k.attnum)) AS key
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'bytea'::regtype
      AND a.attname LIKE '%sealed%' AND c.relname NOT IN ('vault_canary', 'console_login') ORDER BY 1`);
  await client.end();
  await database.drop();
  const columns = sealedColumns.map(({ table, column, keys }) => ({
    name: `${table}.${column}`,
    key: ['workspace_id', ...Object.keys(keys)],
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(columns.sort(byName)).toEqual(rows.sort(byName));
});
