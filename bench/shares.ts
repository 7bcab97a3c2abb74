// Two workspaces: one floods the service with costly requests, and the errands of the other are measured.

import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import { loop as repeat } from './http.ts';
import { rssBytes } from './process-figures.ts';
import { fiveReads, runToEnd } from './runs.ts';
import type { Server, Stack } from './stack.ts';

export const shares: Scenario = {
  name: 'shares',
  goal: { errandP95Ms: '<= 200 beside 64 connections of another workspace', rssMb: '<= 500' },
};

const CONNECTIONS = 64;
const FLOOD_MS = 8000;

type Flood = { name: string; send: (http: HttpClient) => Promise<unknown> };

/** Time of an errand from the request to its end, alone and beside each kind of flood; the memory of the service. */
export async function measureShares(stack: Stack): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('the quiet one');
  const quietKey = await stack.newKey(workspaceId);
  const figures: Figures = {};
  for (const flood of [undefined, ...floodsOf(stack)]) {
    // A process of its own for each, so that the memory of one is not that of another.
    const server = await stack.serve();
    const quiet = stack.client(server.url, 2, quietKey);
    const errand = fiveReads(await registered(quiet, stack.thirdPartyUrl));
    for (let n = 0; n < 10; n++) await runToEnd(quiet, errand);
    const measured = await beside(server, stack.client(server.url, CONNECTIONS), { flood, quiet, errand });
    for (const [key, value] of Object.entries(measured)) figures[`${flood?.name ?? 'alone'}${key}`] = value;
    await server.stop();
  }
  return figures;
}

let integration: string | undefined;

async function registered(http: HttpClient, url: string): Promise<string> {
  const body = { name: 'Warehouse', kind: 'openapi', url: `${url}/openapi.json`, enable: 'all' };
  integration ??= (JSON.parse(await http.send('POST', '/v1/integrations', body)) as { customerIntegrationId: string })
    .customerIntegrationId;
  return integration;
}

async function beside(
  server: Server,
  hostile: HttpClient,
  { flood, quiet, errand }: { flood: Flood | undefined; quiet: HttpClient; errand: object },
): Promise<Figures> {
  let [answers, refused, peak] = [0, 0, 0];
  const flooding =
    flood &&
    repeat(CONNECTIONS, FLOOD_MS, () =>
      flood.send(hostile).then(
        () => answers++,
        (error: Error) => {
          if (/: 429 /.test(error.message)) refused++;
          else answers++;
        },
      ),
    );
  if (process.env.SHOW && flood)
    console.log(
      flood.name,
      await flood.send(hostile).then(
        (t) => String(t).slice(0, 200),
        (e: Error) => e.message.slice(0, 400),
      ),
    );
  const timer = setInterval(() => {
    peak = Math.max(peak, rssBytes(server.pid));
  }, 100);
  await new Promise((resolve) => setTimeout(resolve, flood ? 1000 : 0));
  const tookMs: number[] = [];
  await repeat(1, FLOOD_MS - 2000, async () => tookMs.push((await runToEnd(quiet, errand)).endMs)).finally(() =>
    clearInterval(timer),
  );
  await flooding;
  return {
    P50Ms: round(quantile(tookMs, 0.5)),
    P95Ms: round(quantile(tookMs, 0.95)),
    RssMb: Math.round(peak / 1024 / 1024),
    ...(flood && { AnswersPerSecond: round((answers * 1000) / FLOOD_MS), Refused: refused }),
  };
}

function floodsOf({ integration: id }: Stack): Flood[] {
  const large = largePlan(id);
  const bindings = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`b${n}`, { $: 'steps.s0' }]));
  const refusedPlan = { ...large, plan: { ...large.plan, result: bindings } };
  const batch = encodeURIComponent(JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, n) => [n, {}]))));
  const lists = `/trpc/${Array.from({ length: 50 }, () => 'runs.list').join(',')}?batch=1&input=${batch}`;
  return [
    { name: 'creates', send: (http) => http.send('POST', '/v1/runs', large) },
    { name: 'preflights', send: (http) => http.send('POST', '/v1/runs/preflight', large) },
    { name: 'refusedPlans', send: (http) => http.send('POST', '/v1/runs', refusedPlan) },
    { name: 'batches', send: (http) => http.send('GET', lists) },
    { name: 'lists', send: (http) => http.send('GET', '/v1/runs?pageSize=100') },
  ];
}

/** A request with a plan of 100 KB: a hundred steps, and a result of a thousand bindings. */
function largePlan(id: string) {
  const { plan, ...rest } = fiveReads(id) as ReturnType<typeof fiveReads>;
  const [first] = plan.steps;
  const reason = 'Find the next item, which is the one after this. '.repeat(10).slice(0, 400);
  const steps = Array.from({ length: 100 }, (_, n) => ({
    ...first!,
    id: `s${n}`,
    reason,
    ...(n > 0 && { args: { path: { id: { $: `steps.s${n - 1}.output.next` } } } }),
  }));
  const bindings = Array.from({ length: 1000 }, (_, n) => [`b${n}`, { $: `steps.s${n % 100}.output.next` }]);
  return { ...rest, plan: { ...plan, steps, result: Object.fromEntries(bindings) } };
}
