import { listRuns, type RunScope } from '@errand/db';
import { listFilters } from '@errand/db/testing';
import pg from 'pg';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import type { HttpClient } from './http.ts';
import { addRuns } from './seed.ts';
import type { Stack } from './stack.ts';

export const listFiltersOf: Scenario = {
  name: 'list-filters',
  goal: { p99Ms: 'the same at 10^6 runs but for words and pairs that rarely meet' },
};

const PAGES = 60;
const WARM_UP = 5;
const TRIES = 4;

/** The first page over HTTP for each filter, and the blocks that Postgres reads for it, with the statements of the code. */
export async function measureListFilters(stack: Stack, full: boolean): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('many runs');
  const runs = full ? 1_000_000 : 100_000;
  await addRuns(stack.admin, workspaceId, runs, false);
  await stack.admin.query('VACUUM ANALYZE run, run_text, run_integration, decision_request');
  const server = await stack.main();
  const http = stack.client(server.url, 1, await stack.newKey(workspaceId));
  const figures: Figures = { runs };
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1, options: '-c role=errand_system' });
  const scope = { pool: explaining(pool), workspaceId } as RunScope;
  for (const [name, filter] of Object.entries(listFilters())) {
    const times = await timesOf(http, filter);
    await readByPostgres(scope, filter);
    figures[name] = {
      p50Ms: round(quantile(times, 0.5)),
      p99Ms: round(quantile(times, 0.99)),
      ms: round(statements.reduce((sum, { ms }) => sum + ms, 0)),
      buffers: statements.reduce((sum, { buffers }) => sum + buffers, 0),
      index: [...new Set(statements.flatMap(({ indexes }) => indexes))].join(', '),
    };
  }
  await pool.end();
  return figures;
}

type ListFilter = ReturnType<typeof listFilters>[string];

/** Duration of first pages over HTTP, in ms. */
async function timesOf(http: HttpClient, { metadata = {}, ...filter }: ListFilter): Promise<number[]> {
  const query = new URLSearchParams({ pageSize: '20' });
  for (const [key, values] of Object.entries(filter))
    for (const value of [values].flat()) query.append(key, String(value));
  for (const [key, value] of Object.entries(metadata)) query.append(`metadata[${key}]`, value);
  const times: number[] = [];
  for (let i = -WARM_UP; i < PAGES; i++) {
    const from = performance.now();
    await http.send('GET', `/v1/runs?${query}`);
    if (i >= 0) times.push(performance.now() - from);
  }
  return times;
}

/** Lists with a pool that explains its statements, until the last ones are warm. */
async function readByPostgres(scope: RunScope, { metadata = {}, ...filter }: ListFilter): Promise<void> {
  for (let i = 0; i < TRIES; i++) {
    statements.length = 0;
    await listRuns(scope, { metadata, ...filter }, { pageSize: 20 }, { maxBytes: 2 ** 22, requests: 10 });
  }
}

type Node = { 'Index Name'?: string; 'Shared Hit Blocks': number; 'Shared Read Blocks': number; Plans?: Node[] };
const statements: { ms: number; buffers: number; indexes: string[] }[] = [];
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** A pool that records the blocks that each statement reads. */
const explaining = (pool: pg.Pool) => ({
  async query({ text, values }: { text: string; values: unknown[] }) {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    const [{ Plan: plan, 'Execution Time': ms }] = rows[0]['QUERY PLAN'] as [{ Plan: Node; 'Execution Time': number }];
    const buffers = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    statements.push({ ms, buffers, indexes: nodesOf(plan).flatMap((node) => node['Index Name'] ?? []) });
    return pool.query({ text, values });
  },
});
