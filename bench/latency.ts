import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { fiveReads, runToEnd, withWrites } from './runs.ts';
import type { Stack } from './stack.ts';

export const latency: Scenario = {
  name: 'latency',
  goal: { startP50Ms: '<= 3', endP50Ms: '<= 6.5', endOfFirst100P50Ms: '<= 11' },
};

/** A process that has just started is several times slower: its first runs are measured separately. */
const YOUNG = 100;
const WARM = 800;
const ROUNDS = 3;
const RUNS = 100;

/** Time from the request that creates a run to what its caller receives, one run at a time. */
export async function measureLatency(stack: Stack): Promise<Figures> {
  const http = stack.client((await stack.main()).url, 2);
  const request = fiveReads(stack.integration);
  const young = [];
  for (let i = 0; i < YOUNG; i++) young.push(await runToEnd(http, request));
  for (let i = YOUNG; i < WARM; i++) await runToEnd(http, request);
  const rounds: { start: number[]; end: number[]; created: number[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const latencies = { start: [] as number[], end: [] as number[], created: [] as number[] };
    for (let i = 0; i < RUNS; i++) {
      const { createdMs, startMs, endMs } = await runToEnd(http, request);
      latencies.created.push(createdMs);
      latencies.start.push(startMs);
      latencies.end.push(endMs);
    }
    rounds.push(latencies);
  }
  const writes: number[] = [];
  for (let i = 0; i < RUNS; i++) writes.push((await runToEnd(http, withWrites(stack.integration))).endMs);
  const all = (of: 'created' | 'start' | 'end') => rounds.flatMap((latencies) => latencies[of]);
  const p50 = (values: readonly number[]) => round(quantile(values, 0.5));
  const bestRound = (of: 'start' | 'end') =>
    round(Math.min(...rounds.map((latencies) => quantile(latencies[of], 0.5))));
  return {
    createdP50Ms: p50(all('created')),
    startP50Ms: p50(all('start')),
    startP95Ms: round(quantile(all('start'), 0.95)),
    startP50BestMs: bestRound('start'),
    endP50Ms: p50(all('end')),
    endP95Ms: round(quantile(all('end'), 0.95)),
    endP50BestMs: bestRound('end'),
    endOfThreeReadsTwoWritesP50Ms: p50(writes),
    startOfFirst100P50Ms: p50(young.map((run) => run.startMs)),
    endOfFirst100P50Ms: p50(young.map((run) => run.endMs)),
    runs: ROUNDS * RUNS,
  };
}
