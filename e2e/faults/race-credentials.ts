import { setTimeout as sleep } from 'node:timers/promises';
import { connect, post } from './clients.ts';
import type { Race } from './finish.ts';
import { seeded } from './random.ts';

/** The longest time from the creation of the run to the storing of the token, in ms: meanwhile the run notices that it lacks one. */
const LATEST_MS = 30;

/** A run needs a token of its user, who stores it while the run starts. */
export const raceCredentials: Race = async (cluster, history, n) => {
  const random = seeded(n, 'credentials');
  const errand = { name: `c${n}`, shape: 'vault', strategy: 'NONE', userId: `c${n}u` } as const;
  const runId = await post(cluster, history, errand, { random, until: Date.now() + 30_000 });
  if (runId === undefined) throw new Error(`${errand.name} was not accepted.`);
  await sleep(n % (LATEST_MS + 1));
  await connect(cluster, history, errand.userId, { random, until: Date.now() + 30_000 });
  return { runId, answeredAt: Date.now() };
};
