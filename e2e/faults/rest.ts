import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Cluster, Member } from './cluster.ts';
import { type ListedEvent, terminal } from './evidence.ts';
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
export async function listEvents(cluster: Cluster, runIds: readonly string[]): Promise<Map<string, ListedEvent[]>> {
  const listed = new Map<string, ListedEvent[]>();
  for (const runId of runIds) listed.set(runId, (await listEventsOf(cluster, cluster.http[0]!, runId)) ?? []);
  return listed;
}

/** @returns undefined without an answer */
export async function listEventsOf(
  cluster: Cluster,
  { service: { url } }: Member,
  runId: string,
): Promise<ListedEvent[] | undefined> {
  const answer = await ask(cluster, url, { method: 'GET', path: `/v1/runs/${runId}/events?limit=1000` });
  if (answer?.status !== 200) return undefined;
  const { events } = JSON.parse(answer.text) as { events: { seq: number; type: string }[] };
  return events.map((event) => ({ seq: event.seq, type: event.type, text: JSON.stringify(event) }));
}

/** SIGTERM to all of them, as in a machine's shutdown. */
export const stopAll = ({ members }: Cluster): Promise<Exit[]> =>
  Promise.all(members.map(({ service }) => service.stop()));
