// The frame of all pages of a workspace: navigation, the state of the connection, the palette and the sheet of shortcuts.
import { useSuspenseQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useShortcuts } from '../controls/shortcuts.ts';
import { BulkStatus } from '../manage/bulk/bulk-status.tsx';
import { WorkspaceProvider, workspaceQuery } from '../session/workspace.tsx';
import { Navigation, usePageGroups } from './navigation.tsx';
import type { PageLink } from './page-links.ts';
import { ShortcutSheet } from './shortcut-sheet.tsx';
import { TopBar } from './top-bar.tsx';

const Palette = lazy(() => import('./palette.tsx').then(({ Palette }) => ({ default: Palette })));

export function WorkspaceShell() {
  const { workspaceId } = useParams({ from: '/w/$workspaceId' });
  // Also tells at once whether the session is still accepted.
  useSuspenseQuery(workspaceQuery(workspaceId));
  useEffect(() => localStorage.setItem('errand-workspace', workspaceId), [workspaceId]);
  return (
    <WorkspaceProvider key={workspaceId} workspaceId={workspaceId}>
      <Frame />
    </WorkspaceProvider>
  );
}

function Frame() {
  const [overlay, show] = useState<'palette' | 'shortcuts' | undefined>();
  useGlobalShortcuts(show);
  const close = () => show(undefined);
  return (
    <div className="grid min-h-dvh grid-cols-[208px_minmax(0,1fr)] max-lg:grid-cols-[56px_minmax(0,1fr)] max-sm:grid-cols-[minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-pane focus:p-2">
        Skip to the page
      </a>
      <Navigation />
      <div className="flex min-w-0 flex-col max-sm:pb-14">
        <TopBar onPalette={() => show('palette')} onShortcuts={() => show('shortcuts')} />
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 p-6 outline-none max-sm:p-3">
          <Suspense>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <BulkStatus />
      {overlay === 'shortcuts' && <ShortcutSheet onClose={close} />}
      {overlay === 'palette' && (
        <Suspense>
          <Palette onClose={close} />
        </Suspense>
      )}
    </div>
  );
}

function useGlobalShortcuts(show: (what: 'palette' | 'shortcuts') => void): void {
  const { workspaceId } = useParams({ from: '/w/$workspaceId' });
  const navigate = useNavigate();
  const go = (to: PageLink['to']) => () => void navigate({ to, params: { workspaceId } });
  const links = usePageGroups().flatMap((group) => group.links);
  useShortcuts([
    { keys: '?', text: 'Show the shortcuts', run: () => show('shortcuts') },
    { keys: 'n', text: 'New errand', run: go('/w/$workspaceId/new') },
    ...links.flatMap(({ to, name, key }) => (key ? [{ keys: `g ${key}`, text: `Go to ${name}`, run: go(to) }] : [])),
  ]);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      show('palette');
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [show]);
}
