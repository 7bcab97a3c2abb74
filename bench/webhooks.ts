import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, median, round, type Scenario } from './figures.ts';
import { loop } from './http.ts';
import { cpuUs, familyCpuUs } from './process-figures.ts';
import { fiveReads, runToEnd } from './runs.ts';
import type { Stack } from './stack.ts';
import { CLIENTS, counters } from './throughput.ts';

export const webhooks: Scenario = {
  name: 'webhooks',
  goal: { withAgainstWithout: '>= 0.95', undelivered: '0' },
};

const ROUNDS = 5;
const ROUND_MS = 3000;
/** The maximum time from the end of a round to the last delivery, in ms. */
const DELIVERED_IN_MS = 30_000;

/** Runs per second without and with a webhook for their ends, alternating, and the time of the last delivery. */
export async function measureWebhooks(stack: Stack): Promise<Figures> {
  const server = await stack.main();
  const http = stack.client(server.url, CLIENTS);
  const webhook = await http.send('POST', '/v1/webhooks', { url: `${stack.thirdPartyUrl}/hook`, events: ['run.end'] });
  const path = `/v1/webhooks/${(JSON.parse(webhook) as { webhookId: string }).webhookId}`;
  const request = fiveReads(stack.integration);
  await loop(CLIENTS, 3000, () => runToEnd(http, request));
  await delivered(stack);
  // Of the server and Postgres together; with a webhook, until the last delivery.
  const spent = () => cpuUs(server.pid) + familyCpuUs(stack.postgresPid);
  const cpu = { without: [] as number[], with: [] as number[] };
  const commits = { without: [] as number[], with: [] as number[] };
  const wal = { without: [] as number[], with: [] as number[] };
  const figures = { without: [] as number[], with: [] as number[], drainMs: [] as number[] };
  for (let n = 0; n < ROUNDS; n++) {
    for (const way of n % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      await http.send('PATCH', path, { active: way === 'with' });
      await sleep(500);
      const [before, countersBefore] = [spent(), await counters(stack.admin)];
      const { perSecond, tookMs } = await loop(CLIENTS, ROUND_MS, () => runToEnd(http, request));
      figures[way].push(perSecond);
      if (way === 'with') figures.drainMs.push(await delivered(stack));
      cpu[way].push((spent() - before) / tookMs.length);
      const now = await counters(stack.admin);
      commits[way].push((now.commits - countersBefore.commits) / tookMs.length);
      wal[way].push((now.wal - countersBefore.wal) / tookMs.length);
    }
  }
  const { rows } = await stack.admin.query<{ state: string; n: number; attempts: number }>(
    'SELECT state, count(*)::int AS n, sum(attempts)::int AS attempts FROM webhook_delivery GROUP BY state',
  );
  await http.send('DELETE', path);
  return {
    runsPerSecondWithout: round(median(figures.without)),
    runsPerSecondWith: round(median(figures.with)),
    rounds: [figures.without, figures.with].map((series) => series.map(round)),
    withAgainstWithout: round(median(figures.with) / median(figures.without)),
    cpuPerRunUsWithout: round(median(cpu.without)),
    cpuPerRunUsWith: round(median(cpu.with)),
    commitsPerRun: [commits.without, commits.with].map((series) => round(median(series))),
    walBytesPerRun: [wal.without, wal.with].map((series) => round(median(series))),
    lastDeliveryAfterMs: round(median(figures.drainMs)),
    deliveries: rows.find(({ state }) => state === 'delivered')?.n ?? 0,
    undelivered: rows.filter(({ state }) => state !== 'delivered').reduce((sum, { n }) => sum + n, 0),
  };
}

/** Waits until the delivery queue is empty. @returns how long that took, in ms */
async function delivered({ admin }: Stack): Promise<number> {
  const from = performance.now();
  while (performance.now() - from < DELIVERED_IN_MS) {
    const { rows } = await admin.query(
      `SELECT FROM webhook_message UNION ALL SELECT FROM webhook_delivery WHERE state = 'pending' LIMIT 1`,
    );
    if (rows.length === 0) break;
    await sleep(20);
  }
  return performance.now() - from;
}
