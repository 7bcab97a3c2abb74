import { expect } from 'vitest';
import { request } from '../fixtures/request.ts';
import type { Process, Site } from './site.ts';

/** A plan of steps that need each other, each a call of the stub. */
export const chain = (id: string, operations: readonly string[], more: Record<string, unknown> = {}) => ({
  goal: 'Call one after the other',
  steps: operations.map((operation, n) => ({
    id: `s${n}`,
    tool: `${id}.${operation}`,
    ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
  })),
  ...more,
});

/** What each endpoint answers while the database is away: 503 `unavailable` with Retry-After, soon; the process is alive and not ready. */
export async function expectUnavailable(server: Process, runId: string, body: object): Promise<void> {
  const timed = async (path: string, options?: Parameters<typeof request>[2]) => {
    const from = performance.now();
    const { status, headers, problem, text } = await request(server, path, options);
    const code = problem.code ?? /"code":"([a-z_]+)"/.exec(text)?.[1];
    return { path, status, code, retryAfter: headers.get('retry-after'), soon: performance.now() - from < 11_000 };
  };
  const input = encodeURIComponent(JSON.stringify({ runId }));
  const endpoints = [
    timed(`/v1/runs/${runId}`),
    timed('/v1/runs', { body }),
    timed('/v1/runs', { body, headers: { 'idempotency-key': `in-trouble-${runId}` } }),
    timed('/v1/runs?pageSize=2'),
    timed('/v1/integrations'),
    timed(`/v1/runs/${runId}/sse`),
    timed(`/trpc/runs.get?input=${input}`),
    timed('/trpc/runs.create', { body }),
  ];
  const [health, ready, ...answers] = await Promise.all([timed('/healthz'), timed('/readyz'), ...endpoints]);
  expect(health).toMatchObject({ status: 200, soon: true });
  expect(ready).toMatchObject({ status: 503, code: 'unavailable', retryAfter: '1', soon: true });
  for (const answer of answers) {
    expect(answer).toEqual({ path: answer.path, status: 503, code: 'unavailable', retryAfter: '1', soon: true });
  }
}

/** Every run ends well, with a log without gaps, and nothing is left behind in the queue or under a lease. */
export async function expectEnds(
  site: Site,
  runIds: readonly string[],
  withinMs: number,
  ends = ['SUCCESS'],
): Promise<number> {
  const from = performance.now();
  const open = async () => {
    const { rows } = await site.admin.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM run WHERE run_id = ANY($1::uuid[]) AND ended_at IS NOT NULL',
      [runIds],
    );
    return rows[0]!.n;
  };
  await expect.poll(open, { timeout: withinMs, interval: 50 }).toBe(runIds.length);
  const took = performance.now() - from;
  const { rows } = await site.admin.query<{
    run_id: string;
    status: string;
    seqs: number[];
    ends: number;
    seq: number;
  }>(
    `SELECT run_id, status, run.seq, array_agg(e.seq ORDER BY e.seq) AS seqs, count(*) FILTER (WHERE e.type = 'end')::int AS ends
     FROM run JOIN run_event e USING (workspace_id, run_id) WHERE run_id = ANY($1::uuid[]) GROUP BY 1, 2, 3`,
    [runIds],
  );
  for (const row of rows) {
    expect(row).toMatchObject({ ends: 1, seqs: Array.from({ length: row.seq }, (_, i) => i + 1) });
    expect(ends).toContain(row.status);
  }
  expect(rows).toHaveLength(runIds.length);
  return took;
}

/** Nothing is held by anybody once all is quiet, and nothing is due. */
export async function expectNothingHeld(site: Site, withinMs = 15_000): Promise<void> {
  const held = async () =>
    (await site.admin.query('SELECT run_id::text AS run, lease, due FROM run WHERE lease IS NOT NULL OR due > 0')).rows;
  await expect.poll(held, { timeout: withinMs, interval: 100 }).toEqual([]);
}

/** The process is the one that was started. */
export const expectAlive = (server: Process): void => {
  expect(() => process.kill(server.pid, 0), server.log().slice(-3000)).not.toThrow();
};
