// Other workspaces still get plans while one keeps the planners busy.
import { expect, onTestFinished, test, vi } from 'vitest';
import { aSource, ask, cars, endlessTools, gate, sampleThread, toolsOf } from '../testing/sources.ts';
import { createPlannerThreads, type PlannerThreadsOptions } from './planner-threads.ts';

const CARS = ['garage_11112222.listCars'];
/** A busy machine takes long to start a thread. */
const PATIENT = { timeout: 60_000 };
vi.setConfig({ testTimeout: 120_000 });

function aPlanner(options?: Partial<PlannerThreadsOptions>) {
  const planner = createPlannerThreads({ entry: sampleThread, ...options });
  onTestFinished(() => planner.close());
  return planner;
}

/** Counts the promises of a list that have settled. */
function countSettled(all: readonly Promise<unknown>[]) {
  const count = { settled: 0 };
  const settle = () => void count.settled++;
  for (const job of all) job.then(settle, settle);
  return count;
}

test('eight plans of repeated blanks hold up no plan of another workspace', async () => {
  const planner = aPlanner();
  const started = gate();
  const intent = `List all${' '.repeat(9900)}cars`;
  const check = async () => started.opened.then(() => []);
  const hostile = Array.from({ length: 8 }, (_, i) =>
    planner.plan(ask(aSource({ [`h${i}`]: cars() }, 'hostile').source, { intent, check })),
  );
  const ended = countSettled(hostile);
  let endedBefore: number | undefined;
  const honest = planner.plan(
    ask(aSource({ v: cars() }, 'honest').source, {
      check: async () => {
        endedBefore = ended.settled;
        started.open();
        return [];
      },
    }),
  );
  expect(toolsOf(await honest)).toEqual(CARS);
  expect(endedBefore).toBe(0);
  expect((await Promise.all(hostile)).map(toolsOf)).toEqual(Array(8).fill(CARS));
});

test.each([
  { threads: 2, half: 1 },
  { threads: 3, half: 1 },
  { threads: 4, half: 2 },
])('of $threads threads, eight jobs of a workspace hold $half, whatever they do there', async ({ threads, half }) => {
  const planner = aPlanner({ threads });
  const reading = gate();
  const sources = Array.from({ length: 8 }, (_, i) => aSource({ [`h${i}`]: cars() }, 'hostile', reading.opened));
  const hostile = sources.map(({ source }) => planner.plan(ask(source)));
  const ended = countSettled(hostile);
  // It starts and ends while both running jobs are in progress.
  expect(toolsOf(await planner.plan(ask(aSource({ v: cars() }, 'honest').source)))).toEqual(CARS);
  expect(sources.flatMap(({ reads }) => reads).length).toBeLessThanOrEqual(half);
  await expect.poll(() => sources.flatMap(({ reads }) => reads).length, PATIENT).toBe(half);
  expect(ended.settled).toBe(0);
  reading.open();
  expect((await Promise.all(hostile)).map(toolsOf)).toEqual(Array(8).fill(CARS));
});

test('a workspace with jobs that block a thread gets no other one by aborting them', async () => {
  const planner = aPlanner({ threads: 2 });
  const reading = gate();
  onTestFinished(() => reading.open());
  const sources = Array.from({ length: 4 }, (_, i) => aSource({ [`h${i}`]: cars() }, 'hostile', reading.opened));
  for (const { source, reads } of sources) {
    const leaving = new AbortController();
    const abandoned = planner.plan(ask(source, { signal: leaving.signal }));
    if (source === sources[0]!.source) await expect.poll(() => reads.length, PATIENT).toBe(1);
    leaving.abort();
    await expect(abandoned).rejects.toMatchObject({ name: 'AbortError' });
  }
  expect(toolsOf(await planner.plan(ask(aSource({ v: cars() }, 'honest').source)))).toEqual(CARS);
  expect(sources.map(({ reads }) => reads.length)).toEqual([1, 0, 0, 0]);
});

test('plans of one workspace that wait for the model wait together', async () => {
  const all = gate();
  let askCount = 0;
  const planner = aPlanner({
    model: {
      planning: { maxRepairs: 0, maxOutputTokens: 1000, maxToolsShown: 10, madeBy: 'model:some' },
      ask: async () => {
        if (++askCount === 20) all.open();
        await all.opened;
        return { text: '{"none": "no"}', finish: 'stop' };
      },
    },
  });
  const { source, reads } = aSource({ a: cars() });
  const drafts = await Promise.all(Array.from({ length: 20 }, () => planner.plan(ask(source))));
  expect(drafts.map(({ kind }) => kind)).toEqual(Array(20).fill('none'));
  expect([askCount, reads]).toEqual([20, ['a']]);
});

test('the workspace that used the least time recently goes first', async () => {
  const planner = aPlanner({ threads: 1 });
  const busy = aSource({ h: cars() }, 'busy').source;
  await planner.plan(ask(busy));
  const reading = gate();
  const first = planner.plan(ask(aSource({ g: cars() }, 'first', reading.opened).source));
  const order: string[] = [];
  const noted = (name: string) => ({
    check: async () => {
      order.push(name);
      return [];
    },
  });
  const waiting = [
    planner.plan(ask(busy, noted('busy 1'))),
    planner.plan(ask(busy, noted('busy 2'))),
    planner.plan(ask(aSource({ v: cars() }, 'quiet').source, noted('quiet'))),
  ];
  reading.open();
  await Promise.all([first, ...waiting]);
  expect(order).toEqual(['quiet', 'busy 1', 'busy 2']);
});

test('after its job was stopped, a workspace shares no thread with others', async () => {
  const planner = aPlanner({ threads: 1, timeoutMs: 2000 });
  const slow = (key: string) => aSource({ [key]: endlessTools() }, 'hostile').source;
  expect(toolsOf(await planner.plan(ask(slow('a'))))).toContain('longer than 2 s to read 20 tools');
  const [waits, goesOn] = [gate(), gate()];
  let checked = 0;
  const honest = planner.plan(
    ask(aSource({ v: cars() }, 'honest').source, {
      check: async () => {
        checked++;
        waits.open();
        await goesOn.opened;
        return [];
      },
    }),
  );
  await waits.opened;
  const hostile = planner.plan(ask(slow('b')));
  const ended = countSettled([hostile]);
  // The thread is free, and serves others meanwhile.
  await planner.plan(ask(aSource({ o: cars() }, 'other').source));
  expect(ended.settled).toBe(0);
  goesOn.open();
  expect(toolsOf(await honest)).toEqual(CARS);
  expect(checked).toBe(1);
  expect(toolsOf(await hostile)).toContain('longer than 2 s');
});

test('a search is served while plans of a workspace keep a thread busy', async () => {
  const planner = aPlanner();
  const reading = gate();
  const hostile = Array.from({ length: 8 }, (_, i) =>
    planner.search({
      tools: aSource({ [`h${i}`]: cars() }, 'hostile', reading.opened).source,
      text: 'cars',
      limit: 1,
      signal: new AbortController().signal,
    }),
  );
  const ended = countSettled(hostile);
  const { source: tools } = aSource({ v: cars() }, 'honest');
  const hits = await planner.search({ tools, text: 'cars', limit: 1, signal: new AbortController().signal });
  expect(hits.map(({ name }) => name)).toEqual(CARS);
  expect(ended.settled).toBe(0);
  reading.open();
  await Promise.all(hostile);
});
