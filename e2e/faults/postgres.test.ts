import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from './postgres.ts';

test('a snapshot reads one state, whatever is committed meanwhile', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'errand-snapshot-'));
  const postgres = await startPostgres(dir);
  onTestFinished(async () => {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  });
  await postgres.query('CREATE TABLE message (id int)');
  const read = await postgres.snapshot(async (query) => {
    const before = await query('SELECT id FROM message');
    await postgres.query('INSERT INTO message VALUES (1)');
    return { before, after: await query('SELECT id FROM message') };
  });
  expect(read).toEqual({ before: [], after: [] });
  expect(await postgres.query('SELECT id FROM message')).toEqual([{ id: 1 }]);
});
