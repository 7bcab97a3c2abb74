// The jobs about several errands, of this tab.
import type { ConsoleClient, Outputs } from '@errand/client/console';
import { clientOf } from '../../session/clients.ts';
import { problemFor } from '../../session/problem.ts';
import { useSession, useWorkspaceId } from '../../session/workspace.tsx';
import { type BulkAct, type BulkItem, type BulkJob, BulkRunner, type Outcome } from './bulk-job.ts';

/** The service carries out the items of a request one after another. Reruns take longer, so that fewer share a request. */
const BATCHES: Readonly<Record<BulkAct['kind'], number>> = { cancel: 100, rerun: 5 };

export const bulkRuns = new BulkRunner({
  batch: ({ act }) => BATCHES[act.kind],
  send: (job, items, requestKey) =>
    job.act.kind === 'cancel'
      ? cancel(clientFor(job), items)
      : rerun(clientFor(job), items, { ...job.act, requestKey }),
  textOf: (error) => problemFor(error).detail,
  storage: sessionStorage,
});

addEventListener('pagehide', () => bulkRuns.leave());
addEventListener('pageshow', ({ persisted }) => persisted && bulkRuns.comeBack());

const clientFor = ({ workspaceId }: BulkJob): ConsoleClient => clientOf(workspaceId);

// A browser asks before it leaves the page while answers are awaited.
addEventListener('beforeunload', (event) => {
  if (bulkRuns.job.get()?.state === 'sending') event.preventDefault();
});

type Refusal = NonNullable<Outputs['runs']['rerunMany']['results'][number]['error']>;
const refusedFor = ({ title, detail = '' }: Refusal): Outcome => ({
  state: 'refused',
  text: `${title}. ${detail}`.trim(),
});
const NO_ANSWER: Outcome = { state: 'refused', text: 'The service gave no answer.' };

async function cancel(client: ConsoleClient, items: readonly BulkItem[]): Promise<Map<string, Outcome>> {
  const { results } = await client.runs.cancelMany.mutate({ runIds: items.map(({ id }) => id) });
  return outcomesOf(results, () => ({ state: 'done', text: 'Canceled.' }));
}

type Rerun = Extract<BulkAct, { kind: 'rerun' }> & { requestKey: string };

async function rerun(
  client: ConsoleClient,
  items: readonly BulkItem[],
  { mode, approvalStrategy, requestKey }: Rerun,
): Promise<Map<string, Outcome>> {
  const { results } = await client.runs.rerunMany.mutate({
    runIds: items.map(({ id }) => id),
    mode,
    ...(approvalStrategy && { approvalStrategy }),
    idempotencyKey: requestKey,
  });
  return outcomesOf(results, ({ runId }) => ({ state: 'done', text: 'Started.', runId }));
}

type Result = { runId: string; run?: { runId: string } | undefined; error?: Refusal | undefined };

const outcomesOf = (results: readonly Result[], doneOf: (run: { runId: string }) => Outcome): Map<string, Outcome> =>
  new Map(results.map(({ runId, run, error }) => [runId, run ? doneOf(run) : error ? refusedFor(error) : NO_ANSWER]));

/** Begins a job of this person in the workspace of the page. */
export function useStartBulk() {
  const workspaceId = useWorkspaceId();
  const { person } = useSession();
  return (title: string, items: readonly BulkItem[], act: BulkAct): void => {
    const jobId = crypto.getRandomValues(new Uint32Array(4)).join('-');
    void bulkRuns.start({ jobId, workspaceId, personId: person?.personId ?? '', title, items, act });
  };
}
