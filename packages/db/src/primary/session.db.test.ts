import { expect, inject, test } from 'vitest';
import { createTestDatabase } from '../testing/database.ts';
import { withSession } from './session.ts';

test('both sides of a session look after silent ones, and options of the URL have priority', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const url = new URL(database.url);
  url.searchParams.set('options', '-c tcp_keepalives_count=4 -c work_mem=7MB');
  const settings = await withSession(url.href, 'errand test', async (client) => {
    const { rows } = await client.query(
      `SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%' OR name IN ('application_name', 'work_mem') ORDER BY name`,
    );
    return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
  });
  expect(settings).toEqual({
    application_name: 'errand test',
    tcp_keepalives_count: '4',
    tcp_keepalives_idle: '5',
    tcp_keepalives_interval: '2',
    tcp_user_timeout: '9000',
    work_mem: '7168',
  });
  await database.drop();
});

test('a session ends with its work, also if that fails', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const failure = withSession(database.url, 'errand failing', () => Promise.reject(new Error('no')));
  await expect(failure).rejects.toThrow('no');
  await withSession(database.url, 'errand test', async (client) => {
    const left = () => client.query(`SELECT FROM pg_stat_activity WHERE application_name = 'errand failing'`);
    await expect.poll(async () => (await left()).rowCount).toBe(0);
  });
  await database.drop();
});
