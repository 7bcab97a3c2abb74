import { newId } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { aPlan, aRun, finish, startEngines } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
});
afterAll(() => engines.close());

test('while a read is under way nothing has been written since the run began, and its call is counted with its end', async () => {
  const db = new pg.Client({ connectionString: engines.url });
  await db.connect();
  const untouched: unknown[] = [];
  const service = await startService({
    look: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      // A row names the transaction that wrote it: the run's last one is still the one that wrote its first event.
      const { rows } = await db.query('SELECT run.xmin = e.xmin AS untouched FROM run JOIN run_event e USING (run_id)');
      untouched.push(rows[0].untouched);
      return {};
    },
  });
  try {
    const engine = await engines.engine(service.toolbox);
    const plan = aPlan([['a', 'look']]);
    const { run } = await finish(engine, aRun({ plan }), newId());
    expect(untouched).toEqual([true]);
    expect(run).toMatchObject({ status: 'SUCCESS', usage: { steps: 1, toolCalls: 1 } });
  } finally {
    await db.end();
    await service.close();
  }
});
