import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { buttonClass } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { RunsTable } from '../../manage/runs-table.tsx';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

const MAX_RUNS = 10;

/** The newest errands of the user. */
export function RunsSection({ userId }: { userId: string }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const { data, error, refetch } = useQuery({
    queryKey: ['users', workspaceId, 'runs', userId],
    queryFn: ({ signal }) => client.runs.list.query({ userId, pageSize: MAX_RUNS }, { signal }),
    staleTime: 0,
  });
  return (
    <Section
      title="Errands"
      actions={
        <>
          <Link to="/w/$workspaceId/new" params={{ workspaceId }} search={{ userId }} className={buttonClass()}>
            New errand
          </Link>
          <Link to="/w/$workspaceId/runs" params={{ workspaceId }} search={{ userId }} className={buttonClass()}>
            All errands of this user
          </Link>
        </>
      }
    >
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="The errands" />}
      {data?.runs.length === 0 && <Empty>No errand has run for this user.</Empty>}
      {data && data.runs.length > 0 && <RunsTable runs={data.runs} />}
    </Section>
  );
}
