import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { type Evidence, terminal } from './evidence.ts';
import type { Exit } from './service.ts';

/** Waits until every run has ended, or `atMostMs` have passed. @returns the duration, in ms */
export async function untilQuiet({ postgres }: Cluster, atMostMs: number): Promise<number> {
  const from = Date.now();
  while (Date.now() - from < atMostMs) {
    const [row] = await postgres.query<{ open: number }>(
      'SELECT count(*)::int AS open FROM run WHERE status <> ALL($1)',
      [terminal],
    );
    if (row!.open === 0) break;
    await sleep(200);
  }
  return Date.now() - from;
}

/** The events of runs, from the API. */
export async function listEvents(cluster: Cluster, runIds: readonly string[]): Promise<Evidence['listed']> {
  const listed = new Map<string, { seq: number; type: string; text: string }[]>();
  for (const runId of runIds) {
    const { url } = cluster.http[0]!.service;
    const answer = await ask(cluster, url, { method: 'GET', path: `/v1/runs/${runId}/events?limit=1000` });
    const { events } = JSON.parse(answer?.text ?? '{"events":[]}') as { events: { seq: number; type: string }[] };
    listed.set(
      runId,
      events.map((event) => ({ seq: event.seq, type: event.type, text: JSON.stringify(event) })),
    );
  }
  return listed;
}

/** SIGTERM to all of them, as in a machine's shutdown. */
export const stopAll = ({ members }: Cluster): Promise<Exit[]> =>
  Promise.all(members.map(({ service }) => service.stop()));
