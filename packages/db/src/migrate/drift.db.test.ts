import { readFileSync } from 'node:fs';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { createTestDatabase } from '../testing/index.ts';

const schema = readFileSync(new URL('../../../../prisma/schema.prisma', import.meta.url), 'utf8');
const sqlTypes: Record<string, string> = {
  String: 'text',
  Int: 'int4',
  Float: 'float8',
  Boolean: 'bool',
  Json: 'jsonb',
  Bytes: 'bytea',
  Unsupported: 'tsvector',
  BigInt: 'int8',
  '@db.Date': 'date',
  '@db.Uuid': 'uuid',
  '@db.Json': 'json',
  '@db.SmallInt': 'int2',
  '@db.Timestamptz(3)': 'timestamptz(3)',
};

/** `table.column type [null]`, as the Prisma schema has them. */
function expectedSchema() {
  const models = [...schema.matchAll(/^model (\w+) \{\n([\s\S]*?)^\}/gm)];
  const names = new Set(models.map((model) => model[1]));
  return models.flatMap(([, , body = '']) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    return [...body.matchAll(/^ {2}(\w+)\s+(\w+)(\?|\[\])?(.*)$/gm)].flatMap(
      ([, field, type = '', arity, attributes = '']) => {
        if (names.has(type)) return []; // a relation is no column
        const native = /@db\.\w+(\(\d+\))?/.exec(attributes)?.[0];
        const sqlType = sqlTypes[native ?? type] ?? `unknown ${native ?? type}`;
        const column = /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? field;
        return `${table}.${column} ${sqlType}${arity === '[]' ? '[]' : ''}${arity === '?' ? ' null' : ''}`;
      },
    );
  });
}

/** The same, as the migrated database has them. */
async function actualSchema(client: pg.Client) {
  const { rows } = await client.query<{ line: string }>(`
    SELECT c.relname || '.' || a.attname || ' ' ||
      CASE WHEN t.typcategory = 'A' THEN e.typname || '[]' ELSE t.typname END ||
      CASE WHEN t.typname = 'timestamptz' THEN '(' || a.atttypmod || ')' ELSE '' END ||
      CASE WHEN a.attnotnull THEN '' ELSE ' null' END AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_type e ON e.oid = t.typelem
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
      AND a.attnum > 0 AND NOT a.attisdropped`);
  return rows.map((row) => row.line);
}

test('the migrations make the tables of the Prisma schema, column by column', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const columns = await actualSchema(client);
  await client.end();
  await database.drop();
  expect(columns.length).toBeGreaterThan(100);
  expect(columns.sort()).toEqual(expectedSchema().sort());
});

test('every key but those that tell the workspace starts with it', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(`
    SELECT i.indexrelid::regclass::text AS key
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND a.attname <> 'workspace_id' ORDER BY 1`);
  await client.end();
  await database.drop();
  expect(rows.map((row) => row.key)).toEqual([
    '_prisma_migrations_pkey',
    'api_key_hmac_key',
    // People belong to no workspace, and their secrets tell who calls.
    'console_link_hmac_key',
    'console_link_pkey',
    'console_login_pkey',
    'console_login_state_hmac_key',
    'console_login_ticket_hmac_key',
    'console_session_cookie_hmac_key',
    'console_session_pkey',
    'person_identity_pkey',
    'person_pkey',
    'platform_key_hmac_key',
    'platform_key_pkey',
    'restore_pkey',
    'retention_pkey',
    'usage_progress_pkey',
    // It tells the user and the workspace.
    'user_token_hmac_key',
    'vault_canary_pkey',
    'vault_reader_pkey',
    // The outbox: its ids are made here, and it is taken in their order over all workspaces.
    'webhook_message_pkey',
    'worker_pool_pkey',
  ]);
});

test('outputs are compressed with lz4 if the server has it', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(`
    SELECT (SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression') AS available,
      attcompression = 'l' AS used FROM pg_attribute WHERE attrelid = 'ledger'::regclass AND attname = 'output'`);
  await client.end();
  await database.drop();
  expect(rows[0].used).toBe(rows[0].available);
});
