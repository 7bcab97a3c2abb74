import { Link } from '@tanstack/react-router';
import { Menu } from 'lucide-react';
import { useState } from 'react';
import { Dialog } from '../controls/dialog.tsx';
import { useSession, useWorkspaceId } from '../session/workspace.tsx';
import { type PageGroup, type PageLink, pageGroups } from './page-links.ts';
import { usePendingCount } from './pending-count.ts';

const ITEM_CLASS =
  'relative flex items-center gap-2 rounded-lg px-2 py-1.5 text-dim hover:bg-soft max-lg:justify-center max-sm:flex-col max-sm:gap-0';

/** The groups of pages that the person may see. */
export function usePageGroups(): readonly PageGroup[] {
  const { scopes } = useSession();
  return pageGroups.map(({ name, links }) => ({
    name,
    links: links.filter(({ scope }) => scope === undefined || scopes.includes(scope)),
  }));
}

/** A rail at the side; icons on a medium screen; on a phone a bar at the bottom, with the other pages behind "More". */
export function Navigation() {
  const groups = usePageGroups();
  const count = usePendingCount();
  const [first, ...others] = groups;
  return (
    <nav
      aria-label="Main"
      className="sticky top-0 flex h-dvh flex-col gap-0.5 overflow-y-auto border-r border-line p-2 max-sm:fixed max-sm:inset-x-0 max-sm:top-auto max-sm:bottom-0 max-sm:z-20 max-sm:h-14 max-sm:flex-row max-sm:justify-around max-sm:border-t max-sm:border-r-0 max-sm:bg-pane"
    >
      <p className="flex items-center gap-2 px-2 py-2 text-lg font-semibold max-sm:hidden">
        <img src="/console/icon.svg" alt="" width={18} height={18} />
        <span className="max-lg:hidden">Errand</span>
      </p>
      {first?.links.map((link) => (
        <Item key={link.name} link={link} count={link.name === 'Inbox' ? count : undefined} />
      ))}
      {others.map(({ name, links }) => (
        <div
          key={name}
          className="mt-3 flex flex-col gap-0.5 max-lg:border-t max-lg:border-line max-lg:pt-2 max-sm:hidden"
        >
          <p className="px-2 text-xs font-semibold text-dim max-lg:sr-only">{name}</p>
          {links.map((link) => (
            <Item key={link.name} link={link} />
          ))}
        </div>
      ))}
      <MorePages groups={others} />
    </nav>
  );
}

function Item({ link: { to, name, icon: Icon }, count }: { link: PageLink; count?: string | undefined }) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to={to}
      params={{ workspaceId }}
      title={name}
      className={ITEM_CLASS}
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

function MorePages({ groups }: { groups: readonly PageGroup[] }) {
  const [isOpen, setOpen] = useState(false);
  const workspaceId = useWorkspaceId();
  return (
    <>
      <button type="button" className={`${ITEM_CLASS} sm:hidden`} onClick={() => setOpen(true)}>
        <Menu size={16} aria-hidden="true" />
        <span className="text-xs">More</span>
      </button>
      {isOpen && (
        <Dialog title="Pages" onClose={() => setOpen(false)}>
          {groups.map(({ name, links }) => (
            <section key={name} aria-label={name}>
              <p className="mt-2 text-xs font-semibold text-dim">{name}</p>
              {links.map(({ to, name: page, icon: Icon }) => (
                <Link
                  key={page}
                  to={to}
                  params={{ workspaceId }}
                  className="flex items-center gap-3 rounded-lg px-2 py-2 hover:bg-soft"
                  onClick={() => setOpen(false)}
                >
                  <Icon size={16} aria-hidden="true" />
                  {page}
                </Link>
              ))}
            </section>
          ))}
        </Dialog>
      )}
    </>
  );
}
