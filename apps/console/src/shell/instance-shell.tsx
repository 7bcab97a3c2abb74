// The frame of the pages for operators of the instance.
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { ProblemNote } from '../display/problem-note.tsx';
import { sessionQuery } from '../session/workspace.tsx';

const NOT_AN_OPERATOR = {
  code: 'operators_only',
  title: 'These pages are for operators of the instance',
  status: 403,
  detail: 'You are not an operator of this instance.',
  remedy: 'An operator makes another one with `login-link.js --person NAME --operator`.',
};

const LINK_CLASS = 'rounded-lg px-2 py-1 text-dim hover:bg-soft';
const ACTIVE = { className: 'bg-soft font-semibold !text-ink' };

export function InstanceShell() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col gap-4 p-6 max-sm:p-3">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line pb-3">
        <p className="flex items-center gap-2 text-lg font-semibold">
          <img src="/console/icon.svg" alt="" width={18} height={18} />
          Instance
        </p>
        <nav aria-label="Instance" className="mr-auto flex gap-1">
          <Link to="/instance/workspaces" className={LINK_CLASS} activeProps={ACTIVE}>
            Workspaces
          </Link>
          <Link to="/instance/people" className={LINK_CLASS} activeProps={ACTIVE}>
            People
          </Link>
          <Link to="/instance/status" className={LINK_CLASS} activeProps={ACTIVE}>
            Status
          </Link>
        </nav>
        <Link to="/account" className={LINK_CLASS}>
          {session.person?.name ?? 'Account'}
        </Link>
      </header>
      <main>{session.person?.isOperator ? <Outlet /> : <ProblemNote error={NOT_AN_OPERATOR} />}</main>
    </div>
  );
}
