// Barriers that delay a message of a worker until the moment in which one rule is needed.
import type { KeptBack } from '../fixtures/proxied-connections.ts';
import { decide, type Errand, httpUrl, storeToken } from './clients.ts';
import type { Cluster, Member } from './cluster.ts';
import type { History } from './history.ts';
import { asksForCredential, endsStep, readOpenRuns, suspends } from './queue.ts';
import { seeded } from './random.ts';
import type { ThirdParty } from './third-party.ts';
import type { MomentName } from './trials.ts';

/** The parts of a test bed that faults use. They may add errands. */
export type Site = { cluster: Cluster; thirdParty: ThirdParty; history: History; errands: Errand[] };

/** @returns whether the moment was reached */
export type Moment = (site: Site, worker: Member) => Promise<boolean>;

/** How long to wait for a message or a call, in ms: a disconnected worker counts as dead after 10 s. */
const PATIENCE_MS = 25_000;
/** How long people have to answer, in ms: a worker gives up a statement after 6 s. */
const ANSWERS_IN_MS = 4000;
/** The first step of a chain: while its end is written, no later step has begun. */
const STEP = 'first';

/** Delays the worker's next message that `isWanted` accepts. */
const messageOf = ({ proxy }: Member, isWanted: (message: string) => boolean) =>
  proxy.keepBack(isWanted, AbortSignal.timeout(PATIENCE_MS));

/** The open run in a message. */
async function runOf({ postgres }: Cluster, { message }: KeptBack) {
  return (await readOpenRuns(postgres, 0)).find(({ runId }) => message.includes(runId));
}

/**
 * Delays a worker's write of the end of a step and disconnects that worker. Once another worker executes the run and waits for the
 * answer to a call, the write goes through.
 */
const lateWrite: Moment = async ({ cluster, thirdParty }, worker) => {
  const delayed = await messageOf(worker, (message) => endsStep(message, STEP));
  if (!delayed) return false;
  await worker.proxy.set({ kind: 'hang' });
  const before = await runOf(cluster, delayed);
  const answer = before && (await thirdParty.keepWaiting(before.errand, AbortSignal.timeout(PATIENCE_MS)));
  const now = await runOf(cluster, delayed);
  await delayed.letThrough();
  answer?.();
  await worker.proxy.set({ kind: 'pass' });
  return answer !== undefined && now?.status === 'RUNNING' && now.lease !== null && now.lease !== before?.lease;
};

/** Delays the suspension of a waiting run until all its requests are decided. */
const answerAtSuspend: Moment = async ({ cluster, history }, worker) => {
  const message = await messageOf(worker, suspends);
  if (!message) return false;
  const until = Date.now() + ANSWERS_IN_MS;
  const run = await runOf(cluster, message);
  const text = 'SELECT decision_request_id AS id FROM decision_request WHERE run_id = $1 AND decided_at IS NULL';
  const readOpen = () => cluster.postgres.query<{ id: string }>(text, [run?.runId]);
  let open = await readOpen();
  while (open.length > 0 && Date.now() < until) {
    await Promise.all(
      open.map(({ id }) =>
        decide(cluster, history, httpUrl(cluster, seeded(1, id)), { approvalId: id, decision: 'approve' }),
      ),
    );
    open = await readOpen();
  }
  message.goOn();
  return run !== undefined && open.length === 0;
};

/** Delays a run's request for a credential until its user has stored one. */
const tokenAtRequest: Moment = async ({ cluster, history }, worker) => {
  const message = await messageOf(worker, asksForCredential);
  if (!message) return false;
  const run = await runOf(cluster, message);
  const text = 'SELECT user_id AS "userId" FROM run WHERE run_id = $1';
  const [user] = await cluster.postgres.query<{ userId: string }>(text, [run?.runId]);
  if (user)
    await storeToken(cluster, history, user.userId, {
      random: seeded(1, user.userId),
      until: Date.now() + ANSWERS_IN_MS,
    });
  message.goOn();
  return user !== undefined;
};

export const moments: Readonly<Record<MomentName, Moment>> = { lateWrite, answerAtSuspend, tokenAtRequest };
