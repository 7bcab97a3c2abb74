// The job of this tab, on every page of a workspace: how far it is, and the outcome of each errand.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Text } from '../../display/text.tsx';
import { useStore } from '../../session/store.ts';
import { useSession } from '../../session/workspace.tsx';
import { type BulkJob, countsOf, type Outcome } from './bulk-job.ts';
import { bulkRuns } from './bulk-runs.ts';
import { OutcomeList } from './outcome-list.tsx';

const WORDS: Readonly<Record<BulkJob['act']['kind'], { done: string }>> = {
  cancel: { done: 'canceled' },
  rerun: { done: 'started' },
};

export function BulkStatus() {
  const job = useStore(bulkRuns.job);
  const { person } = useSession();
  const [hiddenId, hide] = useState<string>();
  if (!job || job.personId !== (person?.personId ?? '')) return null;
  if (job.jobId !== hiddenId) return <OutcomesDialog job={job} onClose={() => hide(job.jobId)} />;
  return (
    <section
      aria-label={job.title}
      className="fixed right-4 bottom-4 z-20 flex max-w-[calc(100vw-32px)] flex-wrap items-center gap-2 rounded-xl border border-accent bg-pane p-3 shadow-lg max-sm:bottom-18"
    >
      <Progress job={job} />
      <Button onClick={() => hide(undefined)}>Show</Button>
      {job.state !== 'sending' && (
        <Button look="quiet" onClick={() => bulkRuns.dismiss()}>
          Dismiss
        </Button>
      )}
    </section>
  );
}

function Progress({ job }: { job: BulkJob }) {
  const { done, refused, open } = countsOf(job);
  const parts = [
    `${done} ${WORDS[job.act.kind].done}`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(open > 0 ? [`${open} ${job.state === 'sending' ? 'to be sent' : 'without an answer'}`] : []),
  ];
  return (
    <p role="status" className="min-w-0">
      <span className="font-semibold">{job.title}</span>: {parts.join(', ')}
    </p>
  );
}

function OutcomesDialog({ job, onClose }: { job: BulkJob; onClose: () => void }) {
  const { state, stopReason, outcomes, items, workspaceId } = job;
  const { open } = countsOf(job);
  // What needs a look comes first.
  const sorted = items.toSorted((a, b) => rankOf(outcomes[a.id]) - rankOf(outcomes[b.id]));
  const close = () => (state === 'ended' ? bulkRuns.dismiss() : onClose());
  return (
    <Dialog title={job.title} onClose={close} isWide>
      <div className="flex flex-col gap-3">
        <Progress job={job} />
        {state === 'stopped' && (
          <p role="alert" className="rounded-lg bg-wait-soft p-2 break-words">
            It stopped. {stopReason} “Go on” sends those without an answer; nothing is done twice.
          </p>
        )}
        <OutcomeList
          label="Outcomes"
          items={state === 'ended' ? sorted : items}
          keyOf={({ id }) => id}
          outcomeOf={({ id }) => outcomes[id] && itemOutcome(outcomes[id], workspaceId, onClose)}
        >
          {({ id, name }) => (
            <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId: id }} onClick={onClose}>
              <Text>{name}</Text>
            </Link>
          )}
        </OutcomeList>
        <div className="flex flex-wrap items-center justify-end gap-2">
          {state === 'sending' && (
            <>
              <span className="mr-auto text-sm text-dim">It goes on while you visit other pages.</span>
              <Button onClick={() => bulkRuns.stop()}>Stop</Button>
            </>
          )}
          {state === 'stopped' && (
            <>
              <Button look="danger" onClick={() => bulkRuns.dismiss()}>
                Leave the other {open}
              </Button>
              <Button look="accent" onClick={() => void bulkRuns.goOn()}>
                Go on
              </Button>
            </>
          )}
          <Button data-first-focus onClick={close}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const rankOf = (outcome: Outcome | undefined): number =>
  outcome === undefined ? 0 : outcome.state === 'refused' ? 1 : 2;

const itemOutcome = ({ state, text, runId }: Outcome, workspaceId: string, onClose: () => void) => ({
  isDone: state === 'done',
  text,
  ...(runId !== undefined && {
    link: (
      <Link
        to="/w/$workspaceId/runs/$runId"
        params={{ workspaceId, runId }}
        className="text-accent underline"
        onClick={onClose}
      >
        Open the new errand
      </Link>
    ),
  }),
});
