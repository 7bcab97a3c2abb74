import { setTimeout as sleep } from 'node:timers/promises';
import type { PendingEntry } from '@errand/contracts';
import { ask, httpUrl } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';

const GAP_MS = 400;

/** Polls the pending list, as a person does. */
export async function eachPending(
  cluster: Cluster,
  random: Random,
  stop: AbortSignal,
  onPending: (pending: readonly PendingEntry[]) => Promise<unknown>,
): Promise<void> {
  while (!stop.aborted) {
    const url = httpUrl(cluster, random);
    const answer = await ask(cluster, url, { method: 'GET', path: '/v1/pending?pageSize=100' });
    if (answer?.status === 200) await onPending((JSON.parse(answer.text) as { pending: PendingEntry[] }).pending);
    await sleep(GAP_MS);
  }
}

/** Remembers when an id was first seen, and whether that is long enough ago for a slow person. */
export class Considered {
  readonly #ms: number;

  readonly #seen = new Map<string, number>();

  constructor(ms: number) {
    this.#ms = ms;
  }

  is(id: string): boolean {
    const first = this.#seen.get(id) ?? Date.now();
    this.#seen.set(id, first);
    return Date.now() - first >= this.#ms;
  }
}
