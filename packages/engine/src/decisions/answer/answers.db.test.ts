// Answers that meet a run at its worst moment: as it is about to rest, all together, while the database is in trouble.
import { setTimeout as sleep } from 'node:timers/promises';
import { newId, Transitions } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../../engine.ts';
import { approvalsOf, by, parallel } from '../../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../../testing/engine.ts';
import { INTEGRATION, startService } from '../../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox);
});
afterAll(async () => {
  await engines.close();
  await service.close();
});

const ends = (events: Awaited<ReturnType<typeof follow>>) => {
  const end = events.at(-1)!;
  return end.type === 'end' && end.error ? `${end.runStatus} ${end.error.code}` : end.runStatus;
};

/** An engine of its own; each time a run of it is about to rest, `barrier.atRest` comes first, and `barrier.rests` before it hears that it does. */
async function startResting(toolbox = service.toolbox, overrides: Parameters<typeof engines.engine>[1] = {}) {
  const freshEngines = await startEngines(inject('postgres'));
  const ownPool = new pg.Pool({ connectionString: freshEngines.url, max: 4 });
  const real = new Transitions(ownPool);
  const barrier = { atRest: async () => {}, rests: async () => {} };
  const transitions = {
    apply: async (...args: Parameters<Transitions['apply']>) => {
      if (args[2].suspendUntil) await barrier.atRest();
      const applied = await real.apply(...args);
      if (args[2].suspendUntil) await barrier.rests();
      return applied;
    },
  } as Transitions;
  return {
    barrier,
    engine: await freshEngines.engine(toolbox, { db: { transitions }, ...overrides }),
    async close() {
      await freshEngines.close();
      await ownPool.end();
    },
  };
}

test('a decision that commits just before its run is suspended takes effect, and the run ends as usual', async () => {
  const { engine: resting, barrier, close } = await startResting();
  const workspaceId = newId();
  const created = resting.create(workspaceId, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(3) }));
  barrier.atRest = async () => {
    barrier.atRest = async () => {};
    const { runId } = await created;
    const run = (await resting.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false })).value();
    for (const approvalId of approvalsOf({ ...run, workspaceId })) {
      await resting.decideApproval(workspaceId, { approvalId, decision: 'approve' }, by);
    }
  };
  const events = await follow(resting, workspaceId, (await created).runId);
  expect(ends(events)).toBe('SUCCESS');
  expect(events.filter(({ type }) => type === 'status')).toEqual([]);
  await close();
});

test('a decision that commits before the suspension is confirmed takes effect at once, without polling', async () => {
  const { engine: resting, barrier, close } = await startResting(service.toolbox, { workers: { pollMs: 60_000 } });
  const workspaceId = newId();
  const created = resting.create(workspaceId, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(1) }));
  barrier.rests = async () => {
    const { runId } = await created;
    const run = (await resting.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false })).value();
    const [approvalId] = approvalsOf({ ...run, workspaceId });
    await resting.decideApproval(workspaceId, { approvalId: approvalId!, decision: 'approve' }, by);
  };
  expect(ends(await follow(resting, workspaceId, (await created).runId))).toBe('SUCCESS');
  await close();
});

test('five requests of each run are approved one after another while it runs: each run succeeds', async () => {
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(5) }))),
  );
  const notified = runs.map(async (run, i) => {
    for (const approvalId of approvalsOf(run)) {
      await engine.decideApproval(run.workspaceId, { approvalId, decision: 'approve' }, by);
      // Some at once, some while the run takes up the answer before.
      await sleep((i % 5) * 6);
    }
    return ends(await follow(engine, run.workspaceId, run.runId));
  });
  expect(new Set(await Promise.all(notified))).toEqual(new Set(['SUCCESS']));
});

test('a run whose activation breaks on the database again and again is tried within seconds', async () => {
  const { toolbox } = service;
  let broken = 4;
  const failing = {
    ...toolbox,
    catalog: async (...args: Parameters<typeof toolbox.catalog>) => {
      // What is selected is looked up when the run is created, too.
      if (args[2] && broken-- > 0) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      return toolbox.catalog(...args);
    },
  };
  const freshEngines = await startEngines(inject('postgres'));
  const tried = await freshEngines.engine(failing);
  const { run } = await finish(tried, aRun({ plan: aPlan([['a', 'look']]) }));
  expect([run.status, broken]).toEqual(['SUCCESS', -1]);
  await freshEngines.close();
});

test('a run whose worker died five times is given up, with what it may have changed', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const idle = await freshEngines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const { runId } = await idle.create(workspaceId, aRun({ plan: aPlan([['a', 'look']]) }));
  await freshEngines.query('UPDATE run SET deaths = 5 WHERE run_id = $1', [runId]);
  const before = service.calls('look');
  await freshEngines.engine(service.toolbox);
  const end = (await follow(idle, workspaceId, runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'FAILED', error: { code: 'run_crashed', retryable: false } });
  expect(service.calls('look')).toBe(before);
  await freshEngines.close();
});

test('the events of a run that is given up name the writes with an unknown outcome', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const idle = await freshEngines.engine(service.toolbox, { work: false });
  const workspaceId = newId();
  const { runId } = await idle.create(workspaceId, aRun({ plan: aPlan([['a', 'make']]) }));
  await freshEngines.query(
    `INSERT INTO ledger (workspace_id, run_id, epoch, key, kind, step_id, iteration, tool, args, args_sha256, effect, state, attempts)
      SELECT workspace_id, run_id, 1, 'a', 'tool', 'a', 0, $2, '{}', '', 'write', 'INTENDED', 0 FROM run WHERE run_id = $1`,
    [runId, `${INTEGRATION}.make`],
  );
  await freshEngines.query('UPDATE run SET deaths = 5, epoch = 1 WHERE run_id = $1', [runId]);
  await freshEngines.engine(service.toolbox);
  const [report, end] = (await follow(idle, workspaceId, runId)).slice(-2);
  expect(report).toMatchObject({ step: { stepId: 'a', text: expect.stringContaining('is not known') } });
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'run_crashed', retryable: false } });
  await freshEngines.close();
});

test('a credential that is stored between the check and the suspension is not waited for', async () => {
  const { toolbox } = service;
  let isGiven = false;
  let checks = 0;
  const lacking = {
    ...toolbox,
    missingCredentials: async () => {
      checks++;
      return isGiven ? [] : [{ customerIntegrationId: INTEGRATION, integrationName: 'Service' }];
    },
  };
  const { engine: resting, barrier, close } = await startResting(lacking);
  const workspaceId = newId();
  // Stored after the run has looked twice, and told to the runs that wait, as storing does.
  barrier.atRest = async () => {
    barrier.atRest = async () => {};
    isGiven = true;
    const to = { customerIntegrationId: INTEGRATION, userId: 'ann', success: true, by };
    expect(await resting.decideConsent(workspaceId, to)).toBe(1);
  };
  const { run } = await finish(resting, aRun({ userId: 'ann', plan: aPlan([['a', 'make']]) }), workspaceId);
  expect(run.status).toBe('SUCCESS');
  expect(checks).toBe(3);
  await close();
});

test('a service that wants a credential although there is one is not called again and again: the run waits for its user', async () => {
  const { toolbox } = service;
  let calls = 0;
  const missing = { ok: false, code: 'credential_missing', message: 'There is none.', retryable: false } as const;
  const wanting = {
    ...toolbox,
    call: async () => {
      calls++;
      return { ...missing, effectKnown: 'no' } as const;
    },
  };
  const freshEngines = await startEngines(inject('postgres'));
  const run = await untilWaiting(await freshEngines.engine(wanting), aRun({ plan: aPlan([['a', 'make']]) }));
  expect(run.status).toBe('AUTH_REQUIRED');
  // Once more than it was refused: the user may have given a credential while the call was on its way.
  expect(calls).toBe(2);
  await freshEngines.close();
});
