import type { StoredRun } from '@errand/db';
import { expect, test } from 'vitest';
import { Admission } from './admit.ts';
import { defaultQueueOptions } from './backlog.ts';

/** A table of runs in which others may have some, too; each store takes a moment. */
function aTable(places: number) {
  const table = { held: 0, waiting: 0, asked: 0 };
  const store = async (ask: boolean): Promise<StoredRun> => {
    const { held } = table;
    const admitted = !ask || (table.waiting === 0 && held < places);
    if (ask) table.asked++;
    if (admitted) table.held++;
    else table.waiting++;
    await new Promise(setImmediate);
    return { row: {} as StoredRun['row'], admitted, held: table.waiting > 1 ? null : held };
  };
  return { table, store };
}

const all = <T>(n: number, work: () => Promise<T>) => Promise.all(Array.from({ length: n }, work));

test('a burst takes every place and no more, and asks for few of them', async () => {
  const { table, store } = aTable(60);
  const admission = new Admission({ ...defaultQueueOptions, places: 60 });
  await all(100, () => admission.admit('w', store));
  expect([table.held, table.waiting]).toEqual([60, 40]);

  const calm = aTable(60);
  await all(50, () => new Admission({ ...defaultQueueOptions, places: 60 }).admit('w', calm.store));
  expect(calm.table.held).toBe(50);
});

test('far from the limit runs that end make room without asking', async () => {
  const { table, store } = aTable(60);
  const admission = new Admission({ ...defaultQueueOptions, places: 60 });
  for (let i = 0; i < 500; i++) {
    await admission.admit('w', store);
    table.held--;
    admission.ended('w');
  }
  expect(table.asked).toBeLessThanOrEqual(2);
});

test('workspaces are told apart, and a store that fails keeps nobody waiting', async () => {
  const { table, store } = aTable(1);
  const admission = new Admission({ ...defaultQueueOptions, places: 1 });
  const failed = admission.admit('w', () => Promise.reject(new Error('no database')));
  const next = admission.admit('w', store);
  await expect(failed).rejects.toThrow('no database');
  expect((await next).admitted).toBe(true);
  expect((await admission.admit('w', store)).admitted).toBe(false);
  expect(table).toMatchObject({ held: 1, waiting: 1 });
  expect((await admission.admit('another', aTable(1).store)).admitted).toBe(true);
});
