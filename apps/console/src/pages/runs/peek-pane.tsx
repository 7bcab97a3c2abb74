import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { buttonClass } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { ValueView } from '../../display/value.tsx';
import { useLive } from '../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

/** One errand beside the list, without leaving it. */
export function PeekPane({ runId, onClose }: { runId: string; onClose: () => void }) {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['run', workspaceId, runId],
    queryFn: ({ signal }) => client.runs.get.query({ runId }, { signal }),
    placeholderData: (before) => before,
  });
  useLive(
    { kind: 'runs', workspaceId },
    {
      onFrame: (frame) => {
        if (frame.type === 'run' && frame.runId === runId && frame.changed.includes('status')) void refetch();
      },
      onCatchUp: () => void refetch(),
    },
  );
  return (
    <aside
      aria-label="Errand beside the list"
      className="min-w-0 max-xl:fixed max-xl:inset-x-0 max-xl:bottom-0 max-xl:z-20"
    >
      <div className="sticky top-16 flex max-h-[calc(100dvh-80px)] flex-col gap-3 overflow-auto rounded-lg border border-line bg-pane p-4 max-xl:max-h-[60dvh] max-xl:rounded-b-none max-xl:shadow-lg">
        <div className="flex items-start justify-between gap-2">
          {data ? <StatusMark status={data.status} /> : <span className="text-dim">Reading…</span>}
          <button type="button" aria-label="Close" onClick={onClose} className="rounded p-1 hover:bg-soft">
            <X size={16} aria-hidden="true" />
          </button>
        </div>
        {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data && <PeekedRun run={data} />}
        <Link to="/w/$workspaceId/runs/$runId" params={{ workspaceId, runId }} className={buttonClass()}>
          Open the errand
        </Link>
      </div>
    </aside>
  );
}

const PeekedRun = ({
  run: { intent, userId, summary, error, result, waitingOn, createdAt },
}: {
  run: Outputs['runs']['get'];
}) => (
  <>
    <p className="font-semibold break-words">
      <Text>{intent}</Text>
    </p>
    <p className="text-dim">
      <Text>{userId}</Text> · <Ago at={createdAt} />
    </p>
    {error ? (
      <p className="break-words text-bad">
        <Text>{error.message}</Text>
      </p>
    ) : (
      summary && (
        <p className="break-words">
          <Text>{summary}</Text>
        </p>
      )
    )}
    {waitingOn.map(({ text }) => (
      <p key={text} className="rounded-lg bg-wait-soft p-2 break-words">
        <Text>{text}</Text>
      </p>
    ))}
    {result !== undefined && result !== summary && <ValueView value={result} />}
  </>
);
