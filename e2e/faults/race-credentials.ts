import { setTimeout as sleep } from 'node:timers/promises';
import { post, storeToken } from './clients.ts';
import type { Race } from './finish.ts';
import { seeded } from './random.ts';

/** Within this many ms of its creation a run notices its missing token, which is stored at some moment of it. */
const LATEST_MS = 30;

/** A run with a call (shape `vault`) that needs a token of its user, stored while the run starts. `n` determines the moment. */
export const raceCredentials: Race = async (cluster, history, n) => {
  const random = seeded(n, 'credentials');
  const errand = { name: `c${n}`, shape: 'vault', strategy: 'NONE', userId: `c${n}u` } as const;
  const runId = await post(cluster, history, errand, { random, until: Date.now() + 30_000 });
  if (runId === undefined) throw new Error(`${errand.name} was not accepted.`);
  await sleep(n % (LATEST_MS + 1));
  await storeToken(cluster, history, errand.userId, { random, until: Date.now() + 30_000 });
  return { runId, lastAnswerAt: Date.now() };
};
