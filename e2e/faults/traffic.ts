import { setTimeout as sleep } from 'node:timers/promises';
import { ask, cancel, type Errand, httpUrl, type Insisting, post, postBadly, rerun, storeToken } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { followSse, followTrpc, type Hear } from './followers.ts';
import type { History } from './history.ts';
import { rerunFrom } from './plans.ts';
import { type Random, seeded } from './random.ts';
import type { Trial } from './trials.ts';

/** How long after healing, and after its first attempt, a client repeats an unanswered request, in ms. */
const INSISTS_MS = 60_000;
/** How long after healing runs are rerun, in ms. */
const RERUNS_MS = 40_000;

/** `at`: when all faults were over, in ms since the epoch; infinite until then. */
export type Healing = { at: number };

type TrafficOptions = { seed: number; ms: number; healing: Healing; stop: AbortSignal; hear: Hear } & Pick<
  Partial<Trial>,
  'uncancelled' | 'tokenless' | 'clients'
> & {
    /** No run is rerun from a step: the last release cannot execute such a run. */
    rerunless?: boolean;
  };

/**
 * Posts errands over a time; follows each accepted one over SSE, and some over tRPC; stores tokens; cancels some.
 * @param hear called with the events that followers receive over SSE
 * @returns `posted` resolves once each was accepted or rejected, `followed` once every follower has received the end of its run
 */
export function startTraffic(
  cluster: Cluster,
  history: History,
  errands: readonly Errand[],
  { seed, ms, healing, stop, hear, uncancelled, tokenless, rerunless, clients = errands.length }: TrafficOptions,
): { posted: Promise<unknown>; followed: Promise<unknown> } {
  const posting = new Semaphore(clients);
  const insisting = (random: Random) => insistingUntil(random, healing);
  const followers: Promise<void>[] = [];
  // Most users store their token while the run notices that it lacks one, some later, some never.
  const giveToken = async ({ userId }: Errand, random: Random) => {
    const when = random.weighed({ atOnce: 60, later: 30, never: 10 });
    if (when === 'never') return;
    await sleep(random.int(0, when === 'atOnce' ? 30 : 3000));
    await storeToken(cluster, history, userId, insisting(random));
  };
  // After a successful run, and after a successful rerun.
  const rerunTwice = async (errand: Errand, first: Promise<void>, i: number) => {
    const random = seeded(seed, 'rerun', i);
    errand.reruns = [];
    let following = first;
    for (let before = errand.runId; before !== undefined && errand.reruns.length < 2; ) {
      await Promise.race([following, untilAfter(healing, RERUNS_MS)]);
      if (!(await hasSucceeded(cluster, before, random))) return;
      const step: { from: string; runId?: string } = { from: random.pick(rerunFrom) };
      errand.reruns.push(step);
      const runId = await rerun(cluster, history, { runId: before, from: step.from }, insisting(random));
      if (runId === undefined) return;
      step.runId = runId;
      following = followSse(cluster, history, runId, { random, stop, hear });
      followers.push(following);
      before = runId;
    }
  };
  const posted = errands.map(async (errand, i) => {
    const random = seeded(seed, 'client', i);
    await sleep((i / errands.length) * ms);
    if (random.chance(0.1)) await postBadly(cluster, history, `${errand.name}bad`, random);
    await posting.enter();
    errand.runId = await post(cluster, history, errand, insisting(random)).finally(() => posting.leave());
    if (errand.runId === undefined) return;
    const following = followSse(cluster, history, errand.runId, { random: seeded(seed, 'sse', i), stop, hear });
    followers.push(following);
    if (random.chance(0.25))
      followers.push(followTrpc(cluster, history, errand.runId, { random: seeded(seed, 'trpc', i), stop }));
    if (errand.shape === 'vault' && !tokenless) await giveToken(errand, seeded(seed, 'token', i));
    if (errand.shape === 'rerun' && !rerunless) return rerunTwice(errand, following, i);
    if (uncancelled || !random.chance(0.12)) return;
    await sleep(random.int(0, 3000));
    await cancel(cluster, history, errand.runId, random);
  });
  const all = Promise.all(
    posted.map(async (client, i) => {
      await client;
      errands[i]!.isOver = true;
    }),
  );
  return { posted: all, followed: all.then(() => Promise.all(followers)) };
}

function insistingUntil(random: Random, healing: Healing): Insisting {
  const from = Date.now();
  return {
    random,
    get until() {
      return Math.max(from, healing.at) + INSISTS_MS;
    },
  };
}

async function untilAfter(healing: Healing, ms: number): Promise<void> {
  while (Date.now() < healing.at + ms) await sleep(100, undefined, { ref: false });
}

/** Limits how many of a kind are under way. */
class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#free = max;
  }

  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((start) => this.#waiting.push(start));
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

async function hasSucceeded(cluster: Cluster, runId: string, random: Random): Promise<boolean> {
  const answer = await ask(cluster, httpUrl(cluster, random), { method: 'GET', path: `/v1/runs/${runId}` });
  return answer?.status === 200 && (JSON.parse(answer.text) as { status: string }).status === 'SUCCESS';
}
