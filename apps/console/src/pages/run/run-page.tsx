// The page of a run.
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { ProblemNote } from '../../display/problem-note.tsx';
import { problemFor } from '../../session/problem.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { useRun } from './log/use-run.ts';
import { useRunLog } from './log/use-run-log.ts';
import { RunView } from './run-view.tsx';

export function RunPage() {
  const { runId } = useParams({ from: '/w/$workspaceId/runs/$runId' });
  // Everything that the page keeps belongs to one run.
  return <LoadedRun key={runId} runId={runId} />;
}

function LoadedRun({ runId }: { runId: string }) {
  const search = useSearch({ from: '/w/$workspaceId/runs/$runId' });
  const { data: run, error, refetch, refresh } = useRun(runId);
  const reading = useRunLog(runId, { isEnded: run?.endedAt !== undefined, onEvents: refresh });
  if (run) return <RunView run={run} reading={reading} search={search} error={error} onRetry={() => void refetch()} />;
  if (!error) return <Skeleton />;
  return isMissing(error) ? <MissingRun /> : <ProblemNote error={error} onRetry={() => void refetch()} />;
}

/** An id that no run can have is as unknown as one of another workspace. */
const isMissing = (error: unknown): boolean => ['not_found', 'validation_failed'].includes(problemFor(error).code);

const MissingRun = () => (
  <div className="max-w-xl">
    <title>Not found · Errand</title>
    <h1 className="text-xl font-semibold">There is no such errand</h1>
    <p>
      It may have been removed after its retention period, or belong to another workspace.{' '}
      <Link to="/w/$workspaceId/runs" params={{ workspaceId: useWorkspaceId() }} className="text-accent underline">
        Go to the errands
      </Link>
      .
    </p>
    <p className="mt-1 text-dim">
      <code className="font-mono text-sm">not_found</code>
    </p>
  </div>
);

/** Appears late, so that quick answers do not flicker. */
const Skeleton = () => (
  <div
    role="status"
    aria-label="Loading the errand"
    className="flex flex-col gap-3 transition-opacity delay-150 duration-1 starting:opacity-0"
  >
    <div className="h-5 w-40 rounded bg-soft" />
    <div className="h-7 w-2/3 rounded bg-soft" />
    <div className="h-5 w-1/2 rounded bg-soft" />
    <div className="h-40 rounded-xl bg-soft" />
    <div className="h-60 rounded-xl bg-soft" />
  </div>
);
