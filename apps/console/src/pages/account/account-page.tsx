// The person who is signed in: workspaces, and open sessions.
import type { Outputs } from '@errand/client/console';
import { roleLabels } from '@errand/contracts/labels';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, useRouteContext } from '@tanstack/react-router';
import { Button } from '../../controls/button.tsx';
import { toast } from '../../controls/toast.tsx';
import { Ago } from '../../display/time.tsx';
import { sessionClient } from '../../session/clients.ts';
import { problemFor } from '../../session/problem.ts';
import { identityLink, signInMethods, signOut } from '../../session/sign-in.ts';
import { signedOut } from '../../session/signed-out.ts';
import { sessionQuery } from '../../session/workspace.tsx';

type OpenSession = Outputs['session']['list']['sessions'][number];

export function AccountPage() {
  const { arrival } = useRouteContext({ from: '__root__' });
  const { data: session } = useSuspenseQuery(sessionQuery);
  const queries = useQueryClient();
  const leave = async () => {
    await signOut();
    queries.clear();
    signedOut.set(true);
  };
  return (
    <main className="mx-auto mt-8 flex max-w-2xl flex-col gap-6 rounded-xl border border-line bg-pane p-6 max-sm:m-4">
      <title>Account · Errand</title>
      <div>
        <h1 className="text-xl font-semibold">Signed in as {session.person?.name}</h1>
        <p role="status">
          {session.workspaces.length === 0 && 'You belong to no workspace. Ask an administrator for an invitation. '}
          {arrival.isLinked && 'Your identity is linked. You can sign in with it from now on.'}
        </p>
      </div>
      <Workspaces workspaces={session.workspaces} />
      <Sessions />
      <div className="flex flex-wrap gap-3">
        <LinkIdentity />
        <Button onClick={() => void leave()}>Sign out</Button>
      </div>
    </main>
  );
}

const Workspaces = ({ workspaces }: { workspaces: Outputs['session']['get']['workspaces'] }) => (
  <section aria-labelledby="workspaces">
    <h2 id="workspaces" className="mb-1 text-lg font-semibold">
      Workspaces
    </h2>
    <ul className="divide-y divide-line">
      {workspaces.map(({ workspaceId, name, role }) => (
        <li key={workspaceId} className="flex justify-between gap-4 py-1.5">
          <Link to="/w/$workspaceId/runs" params={{ workspaceId }} className="text-accent underline">
            {name}
          </Link>
          <span className="text-dim">{role && roleLabels[role]}</span>
        </li>
      ))}
    </ul>
  </section>
);

function Sessions() {
  const { data: sessions = [] } = useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) => (await sessionClient.session.list.query({}, { signal })).sessions,
  });
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions" className="mb-1 text-lg font-semibold">
        Sessions
      </h2>
      <ul className="divide-y divide-line">
        {sessions.map((session) => (
          <SessionRow key={session.sessionId} session={session} />
        ))}
      </ul>
    </section>
  );
}

function SessionRow({
  session: { sessionId, current, seenAt, userAgent = 'unknown browser' },
}: {
  session: OpenSession;
}) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => sessionClient.session.end.mutate({ sessionId }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
    onError: (error) => toast(problemFor(error).detail, { isBad: true }),
  });
  return (
    <li className="flex items-center justify-between gap-4 py-1.5">
      <span className="min-w-0 break-words">{current ? 'This browser' : userAgent}</span>
      <span className="text-dim whitespace-nowrap">
        last used <Ago at={seenAt} />
      </span>
      {!current && (
        <Button isBusy={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      )}
    </li>
  );
}

function LinkIdentity() {
  const { data: methods } = useQuery({ queryKey: ['sign-in methods'], queryFn: signInMethods });
  if (!methods?.oidc) return null;
  const link = async () => {
    try {
      location.assign(await identityLink());
    } catch (error) {
      toast(problemFor(error).detail, { isBad: true });
    }
  };
  return <Button onClick={() => void link()}>Link your identity at {methods.oidc.host}</Button>;
}
