import { Link, useNavigate } from '@tanstack/react-router';
import { Keyboard, Monitor, Moon, Search, Server, Sun } from 'lucide-react';
import { Select } from '../controls/field.tsx';
import { usesUtc, zoneName } from '../display/time.tsx';
import { useStore } from '../session/store.ts';
import { useSession, useWorkspaceId } from '../session/workspace.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { THEMES, theme } from './theme.ts';

const ICON_BUTTON = 'rounded-lg p-1.5 text-dim hover:bg-soft';

/** Workspace and person, state of the connection, time zone, theme, palette and shortcuts. */
export function TopBar({ onPalette, onShortcuts }: { onPalette: () => void; onShortcuts: () => void }) {
  const { person } = useSession();
  return (
    <header className="sticky top-0 z-10 flex h-12 items-center gap-2 border-b border-line bg-page px-6 max-sm:px-3">
      <WorkspaceChoice />
      <ConnectionMark />
      <span className="flex-1" />
      <ZoneButton />
      <ThemeButton />
      <button
        type="button"
        className={ICON_BUTTON}
        aria-label="Search and commands"
        title="Search and commands (Ctrl K)"
        onClick={onPalette}
      >
        <Search size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className={`${ICON_BUTTON} max-sm:hidden`}
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        onClick={onShortcuts}
      >
        <Keyboard size={16} aria-hidden="true" />
      </button>
      {person?.isOperator && (
        <Link
          to="/instance/workspaces"
          className={ICON_BUTTON}
          aria-label="Instance"
          title="Workspaces, people and status of the instance"
        >
          <Server size={16} aria-hidden="true" />
        </Link>
      )}
      <Link to="/account" className="max-w-40 truncate rounded-lg px-2 py-1 hover:bg-soft">
        {person?.name ?? 'Account'}
      </Link>
    </header>
  );
}

function WorkspaceChoice() {
  const workspaceId = useWorkspaceId();
  const { workspaces, workspace } = useSession();
  const navigate = useNavigate();
  if (workspaces.length < 2) return <span className="max-w-48 truncate font-semibold">{workspace?.name}</span>;
  return (
    <Select
      aria-label="Workspace"
      className="!w-auto max-w-48"
      value={workspaceId}
      onChange={({ target }) => void navigate({ to: '/w/$workspaceId/runs', params: { workspaceId: target.value } })}
    >
      {workspaces.map(({ workspaceId: id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

function ZoneButton() {
  const isUtc = useStore(usesUtc);
  return (
    <button
      type="button"
      className="rounded-lg px-2 py-1 text-sm text-dim hover:bg-soft max-sm:hidden"
      aria-pressed={isUtc}
      title={isUtc ? 'Show local times' : 'Show times in UTC'}
      onClick={() => usesUtc.set(!isUtc)}
    >
      {zoneName(isUtc)}
    </button>
  );
}

const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const chosen = useStore(theme);
  const next = THEMES[(THEMES.indexOf(chosen) + 1) % THEMES.length]!;
  const Icon = THEME_ICONS[chosen];
  const label = `Theme: ${chosen}. Change to ${next}.`;
  return (
    <button type="button" className={ICON_BUTTON} aria-label={label} title={label} onClick={() => theme.set(next)}>
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}
