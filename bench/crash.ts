import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Figures, round, type Scenario } from './figures.ts';
import { fiveSlowCalls, type SlowService, startSlowService } from './slow-service.ts';
import type { Stack } from './stack.ts';

export const crash: Scenario = {
  name: 'crash',
  goal: { allEndedMs: '<= 2000', finishedCallsRepeated: '0', writesRepeated: '0' },
};

const RUNS = 200;
const CALL_MS = 150;
const ROUNDS = 3;
const workers = { ERRAND_ROLE: 'worker', ERRAND_WORKER_CONCURRENCY: '150', ERRAND_WORKSPACE_CONCURRENCY: '1000' };

/** Two workers with 200 runs in flight. One is killed; the other finishes all runs. Reports the worst of three rounds. */
export async function measureCrash(stack: Stack): Promise<Figures> {
  const third = await startSlowService(CALL_MS);
  try {
    await (await stack.main()).stop();
    const env = { ERRAND_EGRESS_ALLOW: third.url };
    const server = await stack.serve({ ...env, ERRAND_ROLE: 'http', ERRAND_WORKSPACE_CONCURRENCY: '1000' });
    const http = stack.client(server.url, 50);
    const register = { name: 'Orders', kind: 'openapi', document: third.document, enable: 'all' };
    const integration = JSON.parse(await http.send('POST', '/v1/integrations', register)) as {
      customerIntegrationId: string;
    };
    const rounds: Round[] = [];
    const worker = await stack.serve({ ...env, ...workers });
    for (let n = 0; rounds.length < ROUNDS && n < ROUNDS * 3; n++) {
      const killed = await stack.serve({ ...env, ...workers });
      let remaining = RUNS;
      const ids: string[] = [];
      const create = async () => {
        if (remaining-- <= 0) return;
        const body = fiveSlowCalls(integration.customerIntegrationId, `${n}-${remaining}`);
        ids.push((JSON.parse(await http.send('POST', '/v1/runs', body)) as { runId: string }).runId);
      };
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          while (remaining > 0) await create();
        }),
      );
      const outcome = await kill(stack.db.pool, third, ids, killed.pid);
      // A kill that came too late left nothing to take over.
      if (outcome.runsInFlight > RUNS / 2) rounds.push(outcome);
    }
    await worker.stop();
    await server.stop();
    return worst(rounds);
  } finally {
    await third.close();
  }
}

type Round = Awaited<ReturnType<typeof kill>>;

/** Kills a worker in the middle of these runs. @returns the figures of the recovery */
async function kill(pool: pg.Pool, third: SlowService, ids: readonly string[], pid: number) {
  const open = `SELECT count(*)::int AS n, count(lease)::int AS leased,
    (SELECT count(*) FROM ledger l WHERE l.run_id = ANY($1) AND l.state = 'INTENDED')::int AS writing,
    coalesce((SELECT min(n)::int FROM (SELECT count(*) AS n FROM run WHERE run_id = ANY($1) AND lease IS NOT NULL GROUP BY lease) AS x
      HAVING count(*) > 1), 0) AS fewest FROM run WHERE run_id = ANY($1) AND status IN ('QUEUED', 'RUNNING')`;
  type State = { n: number; leased: number; writing: number; fewest: number };
  const state = async () => (await pool.query<State>(open, [ids])).rows[0]!;
  // In the middle: nearly all runs are in flight, shared by both workers, and many are in a write.
  const isMiddle = ({ leased, writing, fewest }: State) =>
    leased > RUNS * 0.9 && fewest > RUNS / 4 && writing > RUNS / 10;
  let inFlight = await state();
  for (let i = 0; i < 200 && !isMiddle(inFlight); i++) {
    await sleep(5);
    inFlight = await state();
  }
  process.kill(pid, 'SIGKILL');
  const from = performance.now();
  const { rows: finished } = await pool.query<{ path: string }>(
    `SELECT l.args->'path'->>'id' || '/' || l.step_id AS path FROM ledger l WHERE run_id = ANY($1) AND state = 'DONE'`,
    [ids],
  );
  const callsBefore = new Map(third.calls);
  while ((await state()).n > 0 && performance.now() - from < 60_000) await sleep(10);
  const allEndedMs = performance.now() - from;
  const { rows: ends } = await pool.query<{ status: string; n: number }>(
    'SELECT status, count(*)::int AS n FROM run WHERE run_id = ANY($1) GROUP BY status',
    [ids],
  );
  const { rows: uncertain } = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM ledger WHERE run_id = ANY($1) AND state = 'UNCERTAIN'`,
    [ids],
  );
  return {
    runsInFlight: inFlight.n,
    leased: inFlight.leased,
    fewestOfAWorker: inFlight.fewest,
    writing: inFlight.writing,
    allEndedMs,
    callsFinishedBefore: finished.length,
    finishedCallsRepeated: finished.filter(({ path }) => (third.calls.get(path) ?? 0) > (callsBefore.get(path) ?? 0))
      .length,
    writesRepeated: [...third.keys.values()].filter((count) => count > 1).length,
    uncertain: uncertain[0]!.n,
    ends: Object.fromEntries(ends.map(({ status, n }) => [status, n])),
  };
}

function worst(rounds: readonly Round[]): Figures {
  const sum = (figureOf: (one: Round) => number) => rounds.reduce((all, round) => all + figureOf(round), 0);
  return {
    runs: RUNS,
    rounds: rounds.length,
    runsInFlight: rounds.map((sample) => sample.runsInFlight),
    runsLeased: rounds.map((sample) => sample.leased),
    fewestOfAWorker: rounds.map((sample) => sample.fewestOfAWorker),
    writesInFlight: rounds.map((sample) => sample.writing),
    allEndedMs: round(Math.max(...rounds.map((sample) => sample.allEndedMs))),
    allEndedMsRounds: rounds.map((sample) => round(sample.allEndedMs)),
    callsFinishedBefore: sum((sample) => sample.callsFinishedBefore),
    finishedCallsRepeated: sum((sample) => sample.finishedCallsRepeated),
    writesRepeated: Math.max(...rounds.map((sample) => sample.writesRepeated)),
    uncertain: sum((sample) => sample.uncertain),
    ends: rounds.map((sample) => sample.ends),
  };
}
