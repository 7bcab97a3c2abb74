import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, round, type Scenario } from './figures.ts';
import { loop } from './http.ts';
import { fiveSlowCalls, type SlowService, startSlowService } from './slow-service.ts';
import type { Server, Stack } from './stack.ts';

export const restart: Scenario = {
  name: 'restart',
  goal: { allEndedMs: '<= 3500 from the restart', writesRepeated: '0' },
};

const RUNS = 100;
const CALL_MS = 400;
const ROUNDS = 3;

/**
 * Kills all processes of a service with 100 runs in flight and starts it again; Postgres keeps running. Reports the worst of three rounds.
 */
export async function measureRestart(stack: Stack): Promise<Figures> {
  const third = await startSlowService(CALL_MS);
  await (await stack.main()).stop();
  const env = {
    ERRAND_EGRESS_ALLOW: third.url,
    ERRAND_WORKER_CONCURRENCY: '150',
    ERRAND_WORKSPACE_CONCURRENCY: '1000',
  };
  let server = await stack.serve(env);
  try {
    const register = { name: 'Orders', kind: 'openapi', document: third.document, enable: 'all' };
    const created = await stack.client(server.url, 1).send('POST', '/v1/integrations', register);
    const { customerIntegrationId: integration } = JSON.parse(created) as { customerIntegrationId: string };
    const rounds: Round[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      const ids = await start(stack, server, (id) => fiveSlowCalls(integration, `restart-${n}-${id}`));
      const inFlight = await middle(stack, ids);
      process.kill(server.pid, 'SIGKILL');
      const from = performance.now();
      server = await stack.serve(env);
      const readyMs = performance.now() - from;
      while ((await state(stack, ids)).open > 0 && performance.now() - from < 60_000) await sleep(10);
      rounds.push({ inFlight, readyMs, allEndedMs: performance.now() - from });
    }
    return of(rounds, third);
  } finally {
    await server.stop();
    await third.close();
  }
}

type Round = { inFlight: number; readyMs: number; allEndedMs: number };

const of = (rounds: readonly Round[], { keys }: SlowService): Figures => ({
  runs: RUNS,
  runsInFlight: rounds.map((sample) => sample.inFlight),
  readyMs: rounds.map((sample) => round(sample.readyMs)),
  allEndedMs: round(Math.max(...rounds.map((sample) => sample.allEndedMs))),
  allEndedMsRounds: rounds.map((sample) => round(sample.allEndedMs)),
  writesRepeated: [...keys.values()].filter((count) => count > 1).length,
});

async function start(stack: Stack, server: Server, request: (id: number) => object): Promise<string[]> {
  const http = stack.client(server.url, 20);
  const ids: string[] = [];
  const create = async () => {
    const body = request(ids.length + Math.random());
    ids.push((JSON.parse(await http.send('POST', '/v1/runs', body)) as { runId: string }).runId);
  };
  await loop(20, 60_000, create, RUNS);
  return ids;
}

/** Waits until all runs are in flight and many have made a call. @returns the number of runs in flight */
async function middle(stack: Stack, ids: readonly string[]): Promise<number> {
  for (let i = 0; i < 600; i++) {
    const { held: heldCount, finished } = await state(stack, ids);
    if (heldCount === RUNS && finished > RUNS / 2) return heldCount;
    await sleep(5);
  }
  throw new Error('The runs were never all in flight at once.');
}

async function state({ db }: Stack, ids: readonly string[]) {
  const text = `SELECT count(*)::int AS open, count(lease)::int AS held,
    (SELECT count(DISTINCT run_id)::int FROM ledger WHERE run_id = ANY($1) AND state = 'DONE') AS finished
    FROM run WHERE run_id = ANY($1) AND status IN ('QUEUED', 'RUNNING')`;
  return (await db.pool.query<{ open: number; held: number; finished: number }>(text, [ids])).rows[0]!;
}
