// One end user: connections, errands, approval rules, tokens, and the erasure.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { BackLink } from '../../manage/back-link.tsx';
import { Empty, Skeleton } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { problemFor } from '../../session/problem.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { ConnectionsSection } from './connections-section.tsx';
import { EraseSection } from './erase-section.tsx';
import { type Erased, ErasureNote } from './erasure-note.tsx';
import { RulesSection } from './rules-section.tsx';
import { RunsSection } from './runs-section.tsx';
import { TokensSection } from './tokens-section.tsx';

const route = getRouteApi('/w/$workspaceId/users/$userId');
const ERASURE_POLL_MS = 5_000;
const CONSENT_POLL_MS = 15_000;

export function UserPage() {
  const { userId } = route.useParams();
  return <OneUser key={userId} userId={userId} />;
}

function OneUser({ userId }: { userId: string }) {
  const client = useClient();
  const [erased, setErased] = useState<Erased>();
  const { data, error, refetch } = useQuery({
    queryKey: ['users', useWorkspaceId(), 'one', userId],
    queryFn: ({ signal }) => client.users.get.query({ userId }, { signal }),
    // Consents happen in the browser of the user.
    refetchInterval: ({ state: { data: read, error: failure } }) => {
      if (failure && problemFor(failure).code === 'not_found') return false;
      return read?.erasingAt === undefined ? CONSENT_POLL_MS : ERASURE_POLL_MS;
    },
  });
  const isGone = error !== null && problemFor(error).code === 'not_found';
  const user = isGone ? undefined : data;
  return (
    <Page
      title={userId}
      heading={<Text>{userId}</Text>}
      back={<BackLink to="/w/$workspaceId/users" name="Users" />}
      actions={
        <>
          <CopyButton text={userId} name="the id of the user" />
          <CodeButton title="Read the user from code" operation="users.get" input={{ userId }} />
        </>
      }
    >
      {(erased || user?.erasingAt !== undefined) && (
        <ErasureNote erased={erased} erasingAt={user?.erasingAt} isGone={isGone} />
      )}
      {isGone && (
        <Empty>
          Errand stores nothing of a user with this id: no connection and no errand. The id may be misspelt.
        </Empty>
      )}
      {error !== null && !isGone && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!user && !error && <Skeleton label="The user" />}
      {user && (
        <>
          <ConnectionsSection userId={userId} connections={user.connections} />
          <RunsSection userId={userId} />
          <RulesSection userId={userId} />
          <TokensSection userId={userId} />
          <EraseSection userId={userId} onErased={setErased} />
        </>
      )}
    </Page>
  );
}
