import { setTimeout as sleep } from 'node:timers/promises';
import { cancel, type Errand, post, postBadly, storeToken } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { followSse, followTrpc, type Hear } from './followers.ts';
import type { History } from './history.ts';
import { type Random, seeded } from './random.ts';
import type { Trial } from './trials.ts';

/** How long a client repeats an unanswered request, in ms. */
const INSISTS_MS = 60_000;

type TrafficOptions = { seed: number; ms: number; stop: AbortSignal; hear: Hear } & Pick<
  Partial<Trial>,
  'uncancelled' | 'tokenless'
>;

/**
 * Posts errands over a time; follows each accepted one over SSE, and some over tRPC; stores tokens; cancels some.
 * @param hear called with the events that followers receive over SSE
 * @returns `posted` resolves once each was accepted or rejected, `followed` once every follower has received the end of its run
 */
export function startTraffic(
  cluster: Cluster,
  history: History,
  errands: readonly Errand[],
  { seed, ms, stop, hear, uncancelled, tokenless }: TrafficOptions,
): { posted: Promise<unknown>; followed: Promise<unknown> } {
  const began = Date.now();
  const followers: Promise<void>[] = [];
  // Most users store their token while the run notices that it lacks one, some later, some never.
  const giveToken = async ({ userId }: Errand, random: Random) => {
    const when = random.weighed({ atOnce: 60, later: 30, never: 10 });
    if (when === 'never') return;
    await sleep(random.int(0, when === 'atOnce' ? 30 : 3000));
    await storeToken(cluster, history, userId, { random, until: began + ms + INSISTS_MS });
  };
  const posted = errands.map(async (errand, i) => {
    const random = seeded(seed, 'client', i);
    await sleep((i / errands.length) * ms);
    if (random.chance(0.1)) await postBadly(cluster, history, `${errand.name}bad`, random);
    errand.runId = await post(cluster, history, errand, { random, until: began + ms + INSISTS_MS });
    if (errand.runId === undefined) return;
    followers.push(followSse(cluster, history, errand.runId, { random: seeded(seed, 'sse', i), stop, hear }));
    if (random.chance(0.25))
      followers.push(followTrpc(cluster, history, errand.runId, { random: seeded(seed, 'trpc', i), stop }));
    if (errand.shape === 'vault' && !tokenless) await giveToken(errand, seeded(seed, 'token', i));
    if (uncancelled || !random.chance(0.12)) return;
    await sleep(random.int(0, 3000));
    await cancel(cluster, history, errand.runId, random);
  });
  const all = Promise.all(posted);
  return { posted: all, followed: all.then(() => Promise.all(followers)) };
}
