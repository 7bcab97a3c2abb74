import { listRuns, type RunScope } from '@errand/db';
import { listFilters } from '@errand/db/testing';
import pg from 'pg';
import { type Figures, quantile, round, type Scenario } from './figures.ts';
import { addRuns } from './seed.ts';
import type { Stack } from './stack.ts';

export const listFiltersOf: Scenario = {
  name: 'list-filters',
  goal: { p99Ms: 'the same at 10^6 runs but for words and pairs that rarely meet' },
};

const ASKED = 60;
const TRIES = 4;

/** For each filter a first page over HTTP, and what Postgres reads for it. The statements are those of the code. */
export async function measureListFilters(stack: Stack, full: boolean): Promise<Figures> {
  const { workspaceId } = await stack.db.workspaces.create('many runs');
  const runs = full ? 1_000_000 : 100_000;
  await addRuns(stack.admin, workspaceId, runs, false);
  await stack.admin.query('VACUUM ANALYZE run, run_text, run_integration, decision_request');
  const server = await stack.main();
  const http = stack.client(server.url, 1, await stack.newKey(workspaceId));
  const figures: Figures = { runs };
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1, options: '-c role=errand_system' });
  for (const [name, { metadata = {}, ...filter }] of Object.entries(listFilters())) {
    const query = new URLSearchParams({ pageSize: '20' });
    for (const [key, value] of Object.entries(filter)) for (const one of [value].flat()) query.append(key, String(one));
    for (const [key, value] of Object.entries(metadata)) query.append(`metadata[${key}]`, value);
    const tookMs: number[] = [];
    for (let i = -5; i < ASKED; i++) {
      const from = performance.now();
      await http.send('GET', `/v1/runs?${query}`);
      if (i >= 0) tookMs.push(performance.now() - from);
    }
    const scope = { pool: explaining(pool), workspaceId } as RunScope;
    const page = { pageSize: 20 };
    for (let i = 0; i < TRIES; i++) {
      seen.length = 0;
      await listRuns(scope, { metadata, ...filter }, page, { room: 2 ** 22, requests: 10 });
    }
    figures[name] = {
      p50Ms: round(quantile(tookMs, 0.5)),
      p99Ms: round(quantile(tookMs, 0.99)),
      ms: round(seen.reduce((sum, one) => sum + one.ms, 0)),
      buffers: seen.reduce((sum, one) => sum + one.buffers, 0),
      index: [...new Set(seen.flatMap((one) => one.indexes))].join(', '),
    };
  }
  await pool.end();
  return figures;
}

type Node = { 'Index Name'?: string; 'Shared Hit Blocks': number; 'Shared Read Blocks': number; Plans?: Node[] };
const seen: { ms: number; buffers: number; indexes: string[] }[] = [];
const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** A pool that notes what each statement reads. */
const explaining = (pool: pg.Pool) => ({
  async query({ text, values }: { text: string; values: unknown[] }) {
    const { rows } = await pool.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    const [{ Plan: plan, 'Execution Time': ms }] = rows[0]['QUERY PLAN'] as [{ Plan: Node; 'Execution Time': number }];
    const buffers = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    seen.push({ ms, buffers, indexes: nodesOf(plan).flatMap((node) => node['Index Name'] ?? []) });
    return pool.query({ text, values });
  },
});
