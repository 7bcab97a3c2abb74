import { randomUUID } from 'node:crypto';
import { adminScopes } from '@errand/contracts';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase } from '../database.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { dueSchedules } from './due-schedules.ts';

test('a schedule of release 0.2.0, which writes the id of a key alone, is due with its maker', async () => {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  onTestFinished(() => db.close());
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  onTestFinished(() => pool.end());
  const { workspaceId } = await db.workspaces.first('default');
  const { apiKeyId } = await db.apiKeys.create(workspaceId, { name: 'key', scopes: adminScopes });
  const { rows } = await pool.query('SELECT principal_id AS id FROM api_key WHERE api_key_id = $1', [apiKeyId]);
  const [{ id }] = rows as [{ id: string }];
  await pool.query(
    `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, next_at, made_by, created_by)
     VALUES ($1, $2, 'each hour', '0 * * * *', 'UTC', '{}', 'skip', now(), $3, 'key')`,
    [workspaceId, randomUUID(), id],
  );
  const [due] = await dueSchedules(db.pool, 1);
  expect(due?.maker).toEqual({ kind: 'api_key', id, label: 'key' });
});
