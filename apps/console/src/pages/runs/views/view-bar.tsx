import { Link, useNavigate } from '@tanstack/react-router';
import { Pencil, Star } from 'lucide-react';
import { useState } from 'react';
import { useShortcuts } from '../../../controls/shortcuts.ts';
import { useWorkspaceId } from '../../../session/workspace.tsx';
import { hasFilters, type RunsSearch } from '../search.ts';
import type { View } from './stored-views.ts';
import type { Views } from './use-views.ts';
import { ViewDialog } from './view-dialog.tsx';

const KEYS = 9;
const TAB_CLASS = 'inline-flex items-center gap-1 rounded-lg px-2.5 py-1 whitespace-nowrap hover:bg-soft';
const CHOSEN_CLASS = 'bg-soft font-semibold';

/** The saved views, and a link to all errands. Absent before the person saves a view. */
export function ViewBar({ views, search }: { views: Views; search: RunsSearch }) {
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const [edited, edit] = useState<View>();
  const saved = views.settings.views;
  useShortcuts(
    saved.slice(0, KEYS).map(({ name, search: filters }, index) => ({
      keys: String(index + 1),
      text: `Show the view “${name}”`,
      run: () => void navigate({ to: '/w/$workspaceId/runs', params: { workspaceId }, search: filters }),
    })),
  );
  if (saved.length === 0) return null;
  return (
    <nav aria-label="Saved views" className="mb-2 flex gap-1 overflow-x-auto p-0.5">
      <ViewLink
        name="All"
        search={views.opening ? { all: true } : {}}
        isShown={!views.currentView && !hasFilters(search)}
      />
      {saved.map((view) => (
        <span key={view.name} className="inline-flex items-center">
          <ViewLink {...view} isShown={view === views.currentView} />
          {view === views.currentView && (
            <button
              type="button"
              aria-label={`Change the view “${view.name}”`}
              title="Name, default, delete"
              className="rounded-lg p-1.5 text-dim hover:bg-soft"
              onClick={() => edit(view)}
            >
              <Pencil size={13} aria-hidden="true" />
            </button>
          )}
        </span>
      ))}
      {edited && <ViewDialog views={views} view={edited} isNew={false} onClose={() => edit(undefined)} />}
    </nav>
  );
}

type ViewLinkProps = Pick<View, 'name' | 'search' | 'isDefault'> & { isShown: boolean };

function ViewLink({ name, search, isDefault, isShown }: ViewLinkProps) {
  const workspaceId = useWorkspaceId();
  return (
    <Link
      to="/w/$workspaceId/runs"
      params={{ workspaceId }}
      search={search}
      activeOptions={{ exact: true }}
      aria-current={isShown ? 'page' : undefined}
      className={`${TAB_CLASS} ${isShown ? CHOSEN_CLASS : 'text-dim'}`}
    >
      {isDefault && <Star size={12} aria-label="opens first" className="fill-current" />}
      {name}
    </Link>
  );
}
