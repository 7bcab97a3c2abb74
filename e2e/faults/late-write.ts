import type { Cluster, Member } from './cluster.ts';
import { readOpenRuns, tellsStep } from './queue.ts';
import type { ThirdParty } from './third-party.ts';

/** What is waited for comes within so long, in ms: a worker that is cut off is taken for dead after 10 s. */
const patienceMs = 25_000;
/** The first step of a chain: while it is told, none of the later ones was. */
const step = 'first';

/**
 * Keeps back what a worker writes of the end of a step and cuts the worker off, until another one carries out the run and waits for the
 * answer to a call of it. Then the write goes through.
 * @returns whether it came to that
 */
export async function writeLate({ postgres }: Cluster, thirdParty: ThirdParty, { proxy }: Member): Promise<boolean> {
  const isWanted = (message: string) => tellsStep(message, step);
  const kept = await proxy.keepBack(isWanted, AbortSignal.timeout(patienceMs));
  if (!kept) return false;
  await proxy.set({ kind: 'hang' });
  const look = async () => (await readOpenRuns(postgres, 0)).find(({ runId }) => kept.message.includes(runId));
  const before = await look();
  const answer = before && (await thirdParty.keepWaiting(before.errand, AbortSignal.timeout(patienceMs)));
  const now = await look();
  await kept.letThrough();
  answer?.();
  await proxy.set({ kind: 'pass' });
  return answer !== undefined && now?.status === 'RUNNING' && now.lease !== null && now.lease !== before?.lease;
}
