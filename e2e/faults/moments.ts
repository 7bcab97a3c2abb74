// Barriers: what is a matter of luck otherwise happens in just the moment in which a rule is needed.
import type { KeptBack } from '../fixtures/proxy.ts';
import { connect, decide, httpUrl } from './clients.ts';
import type { Cluster, Member } from './cluster.ts';
import type { History } from './history.ts';
import { asksForCredential, readOpenRuns, rests, tellsStep } from './queue.ts';
import { seeded } from './random.ts';
import type { ThirdParty } from './third-party.ts';
import type { MomentName } from './trials.ts';

/** What things go wrong with. */
export type Site = { cluster: Cluster; thirdParty: ThirdParty; history: History };

/** @returns whether it came to that */
export type Moment = (site: Site, worker: Member) => Promise<boolean>;

/** What is waited for comes within so long, in ms: a worker that is cut off is taken for dead after 10 s. */
const PATIENCE_MS = 25_000;
/** People answer within so long: a worker gives up a statement after 6 s. In ms. */
const ANSWERS_IN_MS = 4000;
/** The first step of a chain: while it is told, none of the later ones was. */
const STEP = 'first';

/** The next message of a worker that is wanted. */
const messageOf = ({ proxy }: Member, isWanted: (message: string) => boolean) =>
  proxy.keepBack(isWanted, AbortSignal.timeout(PATIENCE_MS));

/** The open run that a message is about. */
async function runOf({ postgres }: Cluster, { message }: KeptBack) {
  return (await readOpenRuns(postgres, 0)).find(({ runId }) => message.includes(runId));
}

/**
 * Keeps back what a worker writes of the end of a step and cuts the worker off, until another one carries out the run and waits for the
 * answer to a call of it. Then the write goes through.
 */
const lateWrite: Moment = async ({ cluster, thirdParty }, worker) => {
  const kept = await messageOf(worker, (message) => tellsStep(message, STEP));
  if (!kept) return false;
  await worker.proxy.set({ kind: 'hang' });
  const before = await runOf(cluster, kept);
  const answer = before && (await thirdParty.keepWaiting(before.errand, AbortSignal.timeout(PATIENCE_MS)));
  const now = await runOf(cluster, kept);
  await kept.letThrough();
  answer?.();
  await worker.proxy.set({ kind: 'pass' });
  return answer !== undefined && now?.status === 'RUNNING' && now.lease !== null && now.lease !== before?.lease;
};

/** Keeps a worker from letting go of a run that waits, until all that it asked is answered. */
const answerAtSuspend: Moment = async ({ cluster, history }, worker) => {
  const kept = await messageOf(worker, rests);
  if (!kept) return false;
  const until = Date.now() + ANSWERS_IN_MS;
  const run = await runOf(cluster, kept);
  const text = 'SELECT decision_request_id AS id FROM decision_request WHERE run_id = $1 AND decided_at IS NULL';
  const look = () => cluster.postgres.query<{ id: string }>(text, [run?.runId]);
  let open = await look();
  while (open.length > 0 && Date.now() < until) {
    await Promise.all(
      open.map(({ id }) =>
        decide(cluster, history, httpUrl(cluster, seeded(1, id)), { approvalId: id, decision: 'approve' }),
      ),
    );
    open = await look();
  }
  kept.goOn();
  return run !== undefined && open.length === 0;
};

/** Keeps the request of a run for a credential from being written, until its user has given that. */
const tokenAtRequest: Moment = async ({ cluster, history }, worker) => {
  const kept = await messageOf(worker, asksForCredential);
  if (!kept) return false;
  const run = await runOf(cluster, kept);
  const text = 'SELECT user_id AS "userId" FROM run WHERE run_id = $1';
  const [user] = await cluster.postgres.query<{ userId: string }>(text, [run?.runId]);
  if (user)
    await connect(cluster, history, user.userId, {
      random: seeded(1, user.userId),
      until: Date.now() + ANSWERS_IN_MS,
    });
  kept.goOn();
  return user !== undefined;
};

export const moments: Readonly<Record<MomentName, Moment>> = { lateWrite, answerAtSuspend, tokenAtRequest };
