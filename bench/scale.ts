import { type Figures, median, quantile, round, type Scenario } from './figures.ts';
import { loop } from './http.ts';
import { cpuUs } from './process-figures.ts';
import { fiveReads, runToEnd } from './runs.ts';
import { addRuns } from './seed.ts';
import type { Server, Stack } from './stack.ts';
import { CLIENTS } from './throughput.ts';

export const workers: Scenario = {
  name: 'scale-workers',
  goal: { '4AgainstOne': '>= 0.95 on two processors' },
};
export const stored: Scenario = {
  name: 'scale-stored-runs',
  goal: { cpuPerRun: 'the same whatever is stored' },
};

const WARM_MS = 1500;
const ROUND_MS = 3000;
const ROUNDS = 2;

/** Runs per second with one HTTP process and 1, 2 and 4 workers, all on one Postgres and one machine. */
export async function measureWorkers(stack: Stack): Promise<Figures> {
  await (await stack.main()).stop();
  const front = await stack.serve({ ERRAND_ROLE: 'http' });
  const working: Server[] = [];
  const figures: Figures = {};
  try {
    for (const count of [1, 2, 4]) {
      while (working.length < count) working.push(await stack.serve({ ERRAND_ROLE: 'worker' }));
      const { perSecond, best, endP50Ms } = await rounds(stack, front);
      figures[`runsPerSecondWith${count}`] = perSecond;
      if (count > 1) figures[`${count}AgainstOne`] = round(perSecond / Number(figures.runsPerSecondWith1));
      figures[`runsPerSecondBestWith${count}`] = best;
      figures[`endP50MsWith${count}`] = endP50Ms;
    }
    return figures;
  } finally {
    for (const server of [front, ...working]) await server.stop();
  }
}

/** Cost of a run when many are stored: processor time of the server and of Postgres, and runs per second. */
export async function measureStored(stack: Stack, full: boolean): Promise<Figures> {
  const server = await stack.main();
  const figures: Figures = {};
  let there = 0;
  for (const count of [1000, 10_000, 100_000, ...(full ? [1_000_000] : [])]) {
    await addRuns(stack.admin, stack.workspaceId, count - there, true);
    there = count;
    await stack.admin.query('CHECKPOINT');
    const { perSecond, best, cpuPerRunUs, endP50Ms } = await rounds(stack, server);
    Object.assign(figures, {
      [`runsPerSecondAt${count}`]: perSecond,
      [`runsPerSecondBestAt${count}`]: best,
      [`endP50MsAt${count}`]: endP50Ms,
      [`serverCpuPerRunUsAt${count}`]: cpuPerRunUs,
    });
  }
  return figures;
}

async function rounds(stack: Stack, server: Server) {
  const http = stack.client(server.url, CLIENTS);
  const request = fiveReads(stack.integration);
  await loop(CLIENTS, WARM_MS, () => runToEnd(http, request));
  const speeds: number[] = [];
  const ends: number[] = [];
  const from = cpuUs(server.pid);
  for (let i = 0; i < ROUNDS; i++) {
    const { tookMs, perSecond } = await loop(CLIENTS, ROUND_MS, () => runToEnd(http, request));
    speeds.push(perSecond);
    ends.push(...tookMs);
  }
  http.close();
  return {
    perSecond: round(median(speeds)),
    best: round(Math.max(...speeds)),
    endP50Ms: round(quantile(ends, 0.5)),
    cpuPerRunUs: round((cpuUs(server.pid) - from) / ends.length),
  };
}
