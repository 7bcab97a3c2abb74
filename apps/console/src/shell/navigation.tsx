import { Link, type LinkProps } from '@tanstack/react-router';
import { Inbox, ListChecks, type LucideIcon, Plus } from 'lucide-react';
import { useWorkspaceId } from '../session/workspace.tsx';
import { usePendingCount } from './pending-count.ts';

type Entry = { to: NonNullable<LinkProps['to']>; name: string; icon: LucideIcon; count?: string | undefined };

/** A rail at the side; icons on a medium screen, a bar at the bottom of a phone. */
export function Navigation() {
  const count = usePendingCount();
  const entries: Entry[] = [
    { to: '/w/$workspaceId/runs', name: 'Errands', icon: ListChecks },
    { to: '/w/$workspaceId/inbox', name: 'Inbox', icon: Inbox, count },
    { to: '/w/$workspaceId/new', name: 'New errand', icon: Plus },
  ];
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 flex h-dvh flex-col gap-0.5 border-r border-line p-2 max-sm:fixed max-sm:inset-x-0 max-sm:top-auto max-sm:bottom-0 max-sm:z-20 max-sm:h-14 max-sm:flex-row max-sm:justify-around max-sm:border-t max-sm:border-r-0 max-sm:bg-pane"
    >
      <p className="flex items-center gap-2 px-2 py-2 text-lg font-semibold max-sm:hidden">
        <img src="/console/icon.svg" alt="" width={18} height={18} />
        <span className="max-lg:hidden">Errand</span>
      </p>
      {entries.map((entry) => (
        <Item key={entry.name} entry={entry} />
      ))}
    </nav>
  );
}

function Item({ entry: { to, name, icon: Icon, count } }: { entry: Entry }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to={to}
      params={{ workspaceId }}
      className="relative flex items-center gap-2 rounded-lg px-2 py-1.5 text-dim hover:bg-soft max-lg:justify-center max-sm:flex-col max-sm:gap-0"
      activeProps={{ className: 'bg-soft font-semibold !text-ink' }}
    >
      <Icon size={16} aria-hidden="true" className="shrink-0" />
      <span className="max-lg:sr-only max-sm:not-sr-only max-sm:text-xs">{name}</span>
      {count !== undefined && (
        <span className="ml-auto font-semibold text-wait max-lg:absolute max-lg:top-0 max-lg:right-1 max-lg:text-xs">
          {count}
          <span className="sr-only"> waiting</span>
        </span>
      )}
    </Link>
  );
}
