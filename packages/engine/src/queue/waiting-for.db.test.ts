// What a run tells of why nobody carries it out.
import { newId } from '@errand/db';
import { expect, inject, test } from 'vitest';
import { aPlan, aRun, finish, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

test('a run tells what it waits for and since when, alone and in lists; one that is held or has ended tells nothing', async () => {
  const engines = await startEngines(inject('postgres'));
  const service = await startService();
  const idle = await engines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const plan = aPlan([['a', 'make']]);
  const created = await idle.create(workspaceId, aRun({ plan }));
  const { runId } = created;
  const read = async () => {
    const view = { includeEvents: false, includeToolCalls: false };
    const run = (await idle.getRun(workspaceId, { ...view, runId })).value();
    const { runs } = (await idle.listRuns(workspaceId, { ...view, page: 1, pageSize: 1 } as never)).value();
    expect(runs[0]!.waitingFor).toEqual(run.waitingFor);
    return run.waitingFor;
  };
  const set = (text: string) => engines.query(`UPDATE run SET ${text} WHERE run_id = $1`, [runId]);
  expect(created.waitingFor).toEqual({ what: 'slot', since: created.createdAt });
  expect(await read()).toEqual({ what: 'slot', since: created.updatedAt });
  await set('deaths = 2');
  expect(await read()).toMatchObject({ what: 'suspect' });
  await set("deaths = 0, due = 0, not_before = now() + interval '1 minute'");
  expect(await read()).toMatchObject({ what: 'start' });
  // It has been carried out before.
  await set('epoch = 1');
  expect(await read()).toMatchObject({ what: 'retry' });
  await set("lease = 'pool-b', not_before = NULL");
  expect(await read()).toBeUndefined();
  await set('lease = NULL, due = 2');
  const engine = await engines.engine(service.toolbox);
  const paused = await untilWaiting(engine, aRun({ plan, approvalStrategy: 'ON_WRITE' }));
  expect(paused.waitingFor).toEqual({ what: 'human', since: paused.updatedAt });
  const done = await finish(engine, aRun({ plan }));
  // Claimed by the statement that stored it, and answered as it was accepted.
  expect(done.created).toMatchObject({ status: 'QUEUED', waitingFor: { what: 'slot' }, usage: { steps: 0 } });
  expect(done.run.waitingFor).toBeUndefined();
  await engines.close();
  await service.close();
});
