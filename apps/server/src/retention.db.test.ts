import { openDatabase } from '@errand/db';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import { pino } from 'pino';
import { expect, inject, test } from 'vitest';
import { toConfig } from './config.ts';
import { startRetention } from './retention.ts';

test('what the settings say is past its time is removed, and told in the log; without settings nothing is', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, ended_at)
     SELECT gen_random_uuid(), id, id, 'k', 'SUCCESS', 'Old', 'user-1', '{}', '\\x00', now() - interval '40 days' FROM gen_random_uuid() AS id`,
  );
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => lines.push(line) });
  const runs = async () => (await db.pool.query('SELECT 1 FROM run')).rows.length;

  await startRetention(db, toConfig({}).keep, log, 0)();
  const end = startRetention(db, toConfig({ ERRAND_RUN_DAYS: '30' }).keep, log, 0);
  await expect.poll(runs).toBe(0);
  await expect.poll(() => lines.join('')).toContain('"removed":{"partitions":0,"events":1,"outputs":0,"runs":1}');
  await end();
  await db.close();
  await database.drop();
});
