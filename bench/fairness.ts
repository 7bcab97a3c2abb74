import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { fiveReads, runToEnd } from './runs.ts';
import type { Stack } from './stack.ts';

export const fairness: Scenario = {
  name: 'fairness',
  goal: { singleRunMaxMs: '< 1000 with 10,000 runs of another workspace waiting' },
};

const QUEUED = 10_000;
const CALLERS = 50;
const SINGLES = 20;

/** What a single run takes, from the request to its end, alone and while another workspace has thousands that wait. */
export async function measureFairness(stack: Stack): Promise<Figures> {
  const { url } = await stack.main();
  const busy = stack.client(url, CALLERS);
  const { workspaceId } = await stack.db.workspaces.create('the quiet one');
  const quiet = stack.client(url, 2, await stack.newKey(workspaceId));
  const single = fiveReads(await register(quiet, stack.thirdPartyUrl));
  const flood = fiveReads(stack.integration);
  for (let i = 0; i < 20; i++) await runToEnd(quiet, single);
  const alone = await singles(quiet, single);

  let posted = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (posted++ < QUEUED) await busy.send('POST', '/v1/runs', flood);
    }),
  );
  const postedMs = performance.now() - begun;
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
    postedPerSecond: round(QUEUED / (postedMs / 1000)),
    aloneP50Ms: round(quantile(alone, 0.5)),
    singleRunP50Ms: round(quantile(among, 0.5)),
    singleRunMaxMs: round(Math.max(...among)),
    drainedPerSecond: round(drained),
  };
}

async function singles(http: HttpClient, request: object): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < SINGLES; i++) took.push((await runToEnd(http, request)).endMs);
  return took;
}

async function waitingRuns({ db, workspaceId }: Stack): Promise<number> {
  const text = 'SELECT count(*)::int AS n FROM run WHERE workspace_id = $1 AND NOT admitted';
  return (await db.pool.query<{ n: number }>(text, [workspaceId])).rows[0]!.n;
}

async function register(http: HttpClient, url: string): Promise<string> {
  const body = { name: 'Warehouse', kind: 'openapi', url: `${url}/openapi.json`, auth: { type: 'NONE' } };
  const made = await http.send('POST', '/v1/integrations', body);
  return (JSON.parse(made) as { customerIntegrationId: string }).customerIntegrationId;
}
