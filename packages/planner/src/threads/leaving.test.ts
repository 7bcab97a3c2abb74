// Aborted jobs, and closed planners, in each state of a job.
import { setMaxListeners } from 'node:events';
import type { PlanRequest, ToolSource } from '@errand/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { aSource, ask, cars, endlessTools, gate, sampleThread, toolsOf } from '../testing/sources.ts';
import { createPlannerThreads, type PlannerThreads } from './planner-threads.ts';

const CARS = ['garage_11112222.listCars'];
/** A busy machine takes long to start a thread. */
const PATIENT = { timeout: 60_000 };

type StartedJob = { job: Promise<unknown>; release?: () => void };
type Begin = (planner: PlannerThreads, more: Partial<PlanRequest<ToolSource>>) => Promise<StartedJob> | StartedJob;

/** Starts a job that stays in a state. */
const STATES: Record<string, Begin> = {
  'whose thread starts': (planner, more) => ({ job: planner.plan(ask(aSource({ a: cars() }).source, more)) }),
  'that waits for a thread': async (planner, more) => {
    const reading = gate();
    const first = planner.plan(ask(aSource({ f: cars() }, 'first', reading.opened).source));
    first.catch(() => {});
    return { job: planner.plan(ask(aSource({ a: cars() }).source, more)), release: reading.open };
  },
  'whose tools are read from the database': async (planner, more) => {
    const reading = gate();
    const { source, reads } = aSource({ a: cars() }, 'w', reading.opened);
    const job = planner.plan(ask(source, more));
    job.catch(() => {});
    await expect.poll(() => reads.length, PATIENT).toBe(1);
    return { job, release: reading.open };
  },
  'whose tools cannot be read': async (planner, more) => {
    const [begun, failing] = [gate(), gate()];
    const read = async function* (): AsyncGenerator<string[]> {
      begun.open();
      await failing.opened;
      yield [];
      throw new Error('The database is away.');
    };
    const job = planner.plan(ask({ ...aSource({}).source, sets: [{ key: 'a', read }] }, more));
    job.catch(() => {});
    await begun.opened;
    return { job, release: failing.open };
  },
  'whose tools are indexed': async (planner, more) => {
    // Its tools have been sent to the thread once the generator goes on.
    const sent = gate();
    const read = async function* () {
      yield endlessTools().map((tool) => JSON.stringify(tool));
      sent.open();
    };
    const job = planner.plan(ask({ ...aSource({}).source, sets: [{ key: 'a', read }] }, more));
    job.catch(() => {});
    await sent.opened;
    await new Promise(setImmediate);
    return { job };
  },
  'that waits for its checker': async (planner, more) => {
    const [checking, answer] = [gate(), gate()];
    const check = async () => {
      checking.open();
      await answer.opened;
      return [];
    };
    const job = planner.plan(ask(aSource({ a: cars() }).source, { ...more, check }));
    job.catch(() => {});
    await checking.opened;
    return { job, release: answer.open };
  },
  'that has an answer while the thread works for another': async (planner, more) => {
    const [checking, answer, reading] = [gate(), gate(), gate()];
    const check = async () => {
      checking.open();
      await answer.opened;
      return [];
    };
    const job = planner.plan(ask(aSource({ a: cars() }).source, { ...more, check }));
    job.catch(() => {});
    await checking.opened;
    const { source, reads } = aSource({ b: cars() }, 'other', reading.opened);
    planner.plan(ask(source)).catch(() => {});
    await expect.poll(() => reads.length, PATIENT).toBe(1);
    answer.open();
    await new Promise(setImmediate);
    return { job, release: reading.open };
  },
};

function aPlanner() {
  const planner = createPlannerThreads({ entry: sampleThread, threads: 1, timeoutMs: 3000 });
  onTestFinished(() => planner.close());
  return planner;
}

test.each(Object.entries(STATES))(
  'a job %s can be left, and its thread serves others',
  async (_, begin) => {
    const planner = aPlanner();
    const leaving = new AbortController();
    const { job, release } = await begin(planner, { signal: leaving.signal });
    job.catch(() => {});
    leaving.abort();
    release?.();
    await expect(job).rejects.toMatchObject({ name: 'AbortError' });
    for (const workspaceId of ['w', 'another'])
      expect(toolsOf(await planner.plan(ask(aSource({ next: cars() }, workspaceId).source)))).toEqual(CARS);
  },
  60_000,
);

test.each(Object.entries(STATES))(
  'a job %s ends when the planner is closed',
  async (_, begin) => {
    const planner = aPlanner();
    const { job, release } = await begin(planner, {});
    job.catch(() => {});
    const closing = planner.close();
    await expect(job).rejects.toThrow('The planner is closed.');
    release?.();
    await closing;
    await expect(planner.plan(ask(aSource({ a: cars() }).source))).rejects.toThrow('The planner is closed.');
  },
  60_000,
);

test('a thread that is stopped costs only the job that blocks it; the others begin again, however often', async () => {
  const planner = createPlannerThreads({ entry: sampleThread, threads: 1, timeoutMs: 2000 });
  onTestFinished(() => planner.close());
  const slow = (n: number) => aSource({ [`slow${n}`]: endlessTools() }, `hostile ${n}`).source;
  let checks = 0;
  const [waits, goesOn] = [gate(), gate()];
  const honest = planner.plan(
    ask(aSource({ v: cars() }, 'honest').source, {
      check: async () => {
        waits.open();
        if (++checks <= 4) await goesOn.opened;
        return [];
      },
    }),
  );
  await waits.opened;
  // Each is another workspace, so that it may share the thread.
  for (const n of [1, 2, 3]) {
    expect(toolsOf(await planner.plan(ask(slow(n))))).toContain('longer than 2 s');
    await expect.poll(() => checks, PATIENT).toBe(n + 1);
  }
  goesOn.open();
  expect(toolsOf(await honest)).toEqual(CARS);
}, 120_000);

test('ten thousand jobs at once are begun one after another, and leaving them takes no longer', async () => {
  const planner = aPlanner();
  const reading = gate();
  const first = planner.plan(ask(aSource({ f: cars() }, 'first', reading.opened).source));
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  const { source } = aSource({ a: cars() });
  const from = process.cpuUsage();
  const jobs = Array.from({ length: 10_000 }, () => planner.plan(ask(source, { signal: leaving.signal })));
  const ended = Promise.allSettled(jobs);
  const last = planner.plan(ask(source));
  leaving.abort();
  expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
  reading.open();
  expect(toolsOf(await first)).toEqual(CARS);
  expect(toolsOf(await last)).toEqual(CARS);
  const { user, system } = process.cpuUsage(from);
  expect((user + system) / 1000).toBeLessThan(15_000);
}, 120_000);
