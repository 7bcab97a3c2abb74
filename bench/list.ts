import { type Figures, median, quantile, round, type Scenario } from './figures.ts';
import { type HttpClient, loop } from './http.ts';
import { cpuUs, familyCpuUs } from './process-figures.ts';
import { addRuns } from './seed.ts';
import type { Stack } from './stack.ts';

export const list: Scenario = {
  name: 'list',
  goal: { pagesPerSecond: '>= 1800 on every page by cursor, the last at 95 % of the second or more' },
};

const RUNS = 10_000;
const PAGE = 20;
const CLIENTS = 10;
const ROUNDS = 3;
const ROUND_MS = 800;

type Round = { tookMs: number[]; perSecond: number; serverUs: number; postgresUs: number };

/** Pages of 20 from 10,000 runs. */
export async function measureList(stack: Stack): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('ten thousand runs');
  await addRuns(stack.admin, workspaceId, RUNS, false);
  const server = await stack.main();
  const http = stack.client(server.url, CLIENTS, await stack.newKey(workspaceId));
  const cursors = await walk(http);
  const at = (cursor: string) => http.send('GET', `/v1/runs?pageSize=${PAGE}&cursor=${cursor}`);
  const kinds: Record<string, () => Promise<unknown>> = {
    firstWithTotals: () => http.send('GET', `/v1/runs?pageSize=${PAGE}`),
    second: () => at(cursors[0]!),
    random: () => at(cursors[Math.floor(Math.random() * cursors.length)]!),
    last: () => at(cursors.at(-1)!),
    pageNumber250WithTotals: () => http.send('GET', `/v1/runs?pageSize=${PAGE}&page=250`),
  };
  const rounds: Record<string, Round[]> = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let i = 0; i <= ROUNDS; i++) {
    for (const [kind, ask] of Object.entries(kinds)) {
      const [serverUs, postgresUs] = [cpuUs(server.pid), familyCpuUs(stack.postgresPid)];
      const figures = await loop(CLIENTS, ROUND_MS, ask);
      const pages = figures.tookMs.length;
      const cpu = {
        serverUs: (cpuUs(server.pid) - serverUs) / pages,
        postgresUs: (familyCpuUs(stack.postgresPid) - postgresUs) / pages,
      };
      if (i > 0) rounds[kind]!.push({ ...figures, ...cpu }); // the first round warms up
    }
  }
  const of = (figure: (one: Round[]) => number) =>
    Object.fromEntries(Object.entries(rounds).map(([kind, all]) => [kind, round(figure(all))]));
  return {
    runs: RUNS,
    pageSize: PAGE,
    clients: CLIENTS,
    pagesPerSecond: of((all) => median(all.map((figures) => figures.perSecond))),
    pagesPerSecondBest: of((all) => Math.max(...all.map((figures) => figures.perSecond))),
    serverCpuPerPageUs: of((all) => median(all.map((figures) => figures.serverUs))),
    postgresCpuPerPageUs: of((all) => median(all.map((figures) => figures.postgresUs))),
    p50Ms: of((all) =>
      quantile(
        all.flatMap((figures) => figures.tookMs),
        0.5,
      ),
    ),
  };
}

/** The cursors of all pages after the first. @throws Error when the pages do not contain all runs */
async function walk(http: HttpClient): Promise<string[]> {
  const cursors: string[] = [];
  let rowCount = 0;
  for (let query = ''; ; query = `&cursor=${cursors.at(-1)}`) {
    const page = JSON.parse(await http.send('GET', `/v1/runs?pageSize=${PAGE}${query}`)) as {
      runs: unknown[];
      pagination: { nextCursor?: string };
    };
    rowCount += page.runs.length;
    if (page.pagination.nextCursor === undefined) break;
    cursors.push(page.pagination.nextCursor);
  }
  if (rowCount !== RUNS) throw new Error(`The pages contain ${rowCount} runs, not ${RUNS}.`);
  return cursors;
}
