import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '@errand/db';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { fiveReads, runToEnd } from './runs.ts';
import type { Stack } from './stack.ts';

export const fairness: Scenario = {
  name: 'fairness',
  goal: { singleRunP50Ms: '<= 50 with 11,700 runs of another workspace waiting' },
};

const QUEUED = 12_000;
const SINGLES = 20;

/** Time of a single run, from the request to its end: alone, and while another workspace has thousands of waiting runs. */
export async function measureFairness(stack: Stack): Promise<Figures> {
  const { url } = await stack.main();
  const busy = stack.client(url, 2);
  const { workspaceId } = await stack.db.workspaces.create('the quiet one');
  const quiet = stack.client(url, 2, await stack.newKey(workspaceId));
  const single = fiveReads(await register(quiet, stack.thirdPartyUrl));
  const flood = fiveReads(stack.integration);
  for (let i = 0; i < 20; i++) await runToEnd(quiet, single);
  const alone = await singles(quiet, single);

  const { runId } = await runToEnd(busy, flood);
  await addWaiting(stack, runId);
  // Workers are busy with them once the first have ended.
  while ((await waitingRuns(stack)) > QUEUED - 300) await sleep(50);
  const waiting = await waitingRuns(stack);
  const among = await singles(quiet, single);
  const after = await waitingRuns(stack);
  const drainedFrom = performance.now();
  await loop(1, 4000, async () => void (await runToEnd(quiet, single)));
  const drained = (after - (await waitingRuns(stack))) / ((performance.now() - drainedFrom) / 1000);
  await stack.db.pool.query('DELETE FROM run WHERE workspace_id = $1 AND status = $2', [stack.workspaceId, 'QUEUED']);
  return {
    queuedWhenMeasured: waiting,
    queuedAfter: after,
    aloneP50Ms: round(quantile(alone, 0.5)),
    singleRunP50Ms: round(quantile(among, 0.5)),
    singleRunMaxMs: round(Math.max(...among)),
    drainedPerSecond: round(drained),
  };
}

/** Thousands of waiting runs, as copies of one that was created. */
async function addWaiting({ db, workspaceId }: Stack, like: string): Promise<void> {
  const ids = Array.from({ length: QUEUED }, newId);
  await db.pool.query(
    `WITH ids AS (SELECT id, gen_random_uuid() AS plan_id FROM unnest($3::uuid[]) AS id), plans AS (
       INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
       SELECT p.workspace_id, ids.plan_id, ids.id, p.plan_type, p.plan, p.made_by FROM ids, execution_plan p WHERE p.workspace_id = $1 AND p.run_id = $2
     )
     INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, intent, context, user_id, selected, signature, budget, metadata)
     SELECT r.workspace_id, ids.id, ids.plan_id, NULL, r.intent, r.context, r.user_id, r.selected, r.signature, r.budget, r.metadata
     FROM ids, run r WHERE r.workspace_id = $1 AND r.run_id = $2`,
    [workspaceId, like, ids],
  );
}

async function singles(http: HttpClient, request: object): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < SINGLES; i++) took.push((await runToEnd(http, request)).endMs);
  return took;
}

async function waitingRuns({ db, workspaceId }: Stack): Promise<number> {
  const text = 'SELECT count(*)::int AS n FROM run WHERE workspace_id = $1 AND due > 0 AND lease IS NULL';
  return (await db.pool.query<{ n: number }>(text, [workspaceId])).rows[0]!.n;
}

async function register(http: HttpClient, url: string): Promise<string> {
  const body = { name: 'Warehouse', kind: 'openapi', url: `${url}/openapi.json`, enable: 'all' };
  const integration = await http.send('POST', '/v1/integrations', body);
  return (JSON.parse(integration) as { customerIntegrationId: string }).customerIntegrationId;
}
