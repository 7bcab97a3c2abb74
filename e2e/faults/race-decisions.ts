import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@errand/contracts';
import { openStream } from '../fixtures/frames.ts';
import { decide, httpUrl, post } from './clients.ts';
import type { Cluster } from './cluster.ts';
import type { Race } from './finish.ts';
import { callCount } from './plans.ts';
import { type Random, seeded } from './random.ts';

/** Time between two decisions, in ms: about as long as a run needs to process one. */
const GAP_MS = 25;

/** A run requests five approvals. They are given one by one while the run processes the earlier ones. */
export const raceDecisions: Race = async (cluster, history, n) => {
  const random = seeded(n, 'decisions');
  const errand = { name: `d${n}`, shape: 'parallel', strategy: 'ON_WRITE', userId: 'user-1' } as const;
  const runId = await post(cluster, history, errand, { random, until: Date.now() + 30_000 });
  if (runId === undefined) throw new Error(`${errand.name} was not accepted.`);
  const approvalIds = await awaitRequests(cluster, runId, callCount.parallel, random);
  const decisions = approvalIds.map(async (approvalId, i) => {
    await sleep(i * GAP_MS);
    const answer = await decide(cluster, history, httpUrl(cluster, random), { approvalId, decision: 'approve' });
    if (answer?.status !== 200) throw new Error(`${approvalId} was answered with ${answer?.status}: ${answer?.text}`);
  });
  await Promise.all(decisions);
  return { runId, lastAnswerAt: Date.now() };
};

/** Waits until a run has requested `count` approvals. @returns their ids */
async function awaitRequests(cluster: Cluster, runId: string, count: number, random: Random): Promise<string[]> {
  const stream = await openStream({ url: httpUrl(cluster, random), apiKey: cluster.apiKey }, runId);
  const requestedIds: string[] = [];
  try {
    while (requestedIds.length < count) {
      const frame = await stream.next();
      if (!frame) throw new Error(`${runId} asked for ${requestedIds.length} approvals, and its stream ended.`);
      if (frame.event !== 'step') continue;
      const { step } = JSON.parse(frame.data!) as Extract<RunEvent, { type: 'step' }>;
      if (step.approval === 'PENDING' && step.approvalId) requestedIds.push(step.approvalId);
    }
    return requestedIds;
  } finally {
    stream.cut();
  }
}
