import { expect } from 'vitest';
import { request } from '../fixtures/request.ts';
import type { Process, Site } from './site.ts';

/** A plan of dependent steps. Each calls one operation of the third party. */
export const chain = (integrationId: string, operations: readonly string[], more: Record<string, unknown> = {}) => ({
  goal: 'Call one after the other',
  steps: operations.map((operation, n) => ({
    id: `s${n}`,
    tool: `${integrationId}.${operation}`,
    ...(n > 0 && { dependsOn: [`s${n - 1}`] }),
  })),
  ...more,
});

/**
 * While the database is unreachable, each endpoint answers 503 `unavailable` with Retry-After, within 11 s. The process is alive and not
 * ready. A process may serve the stream of its own run from memory.
 * @param carriesOut whether the process carries out the run
 */
export async function expectUnavailable(
  server: Process,
  runId: string,
  body: object,
  carriesOut = false,
): Promise<void> {
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
    ...(carriesOut ? [] : [timed(`/v1/runs/${runId}/sse`)]),
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

/** Every run ends in an allowed status, with one `end` event and a log without gaps. @returns the time until all had ended, in ms */
export async function expectEnds(
  site: Site,
  runIds: readonly string[],
  withinMs: number,
  allowed = ['SUCCESS'],
): Promise<number> {
  const from = performance.now();
  const ended = async () => {
    const { rows } = await site.admin.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM run WHERE run_id = ANY($1::uuid[]) AND ended_at IS NOT NULL',
      [runIds],
    );
    return rows[0]!.n;
  };
  await expect.poll(ended, { timeout: withinMs, interval: 50 }).toBe(runIds.length);
  const took = performance.now() - from;
  const { rows } = await site.admin.query<{
    run_id: string;
    status: string;
    seqs: number[];
    endEvents: number;
    seq: number;
  }>(
    `SELECT run_id, status, run.seq, array_agg(e.seq ORDER BY e.seq) AS seqs, count(*) FILTER (WHERE e.type = 'end')::int AS "endEvents"
     FROM run JOIN run_event e USING (workspace_id, run_id) WHERE run_id = ANY($1::uuid[]) GROUP BY 1, 2, 3`,
    [runIds],
  );
  for (const row of rows) {
    expect(row).toMatchObject({ endEvents: 1, seqs: Array.from({ length: row.seq }, (_, i) => i + 1) });
    expect(allowed).toContain(row.status);
  }
  expect(rows).toHaveLength(runIds.length);
  return took;
}

/** Soon no run is leased and none is due. */
export async function expectNothingHeld(site: Site, withinMs = 15_000): Promise<void> {
  const heldSlots = async () =>
    (await site.admin.query('SELECT run_id::text AS run, lease, due FROM run WHERE lease IS NOT NULL OR due > 0')).rows;
  await expect.poll(heldSlots, { timeout: withinMs, interval: 100 }).toEqual([]);
}

/** The process is still running. */
export const expectAlive = (server: Process): void => {
  expect(() => process.kill(server.pid, 0), server.log().slice(-3000)).not.toThrow();
};
