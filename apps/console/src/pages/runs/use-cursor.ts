// The row at the cursor of the keyboard.
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useShortcuts } from '../../controls/shortcuts.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { Row } from './live-runs.ts';

type CursorOptions = {
  rows: readonly Row[];
  peek: string | undefined;
  onPeek: (runId: string | undefined) => void;
  onToggle: (runId: string) => void;
  scrollTo: (index: number) => void;
};

/** @returns the id of the run at the cursor; undefined before the first key */
export function useCursor({ rows, peek, onPeek, onToggle, scrollTo }: CursorOptions): string | undefined {
  const [cursor, setCursor] = useState(peek);
  const navigate = useNavigate();
  const workspaceId = useWorkspaceId();
  const move = (step: number) => {
    const index = rows.findIndex(({ run }) => run.runId === cursor);
    const next = Math.min(Math.max(index + step, 0), rows.length - 1);
    const runId = rows[next]?.run.runId;
    if (runId === undefined) return;
    setCursor(runId);
    scrollTo(next);
    focusRow(runId);
    if (peek !== undefined) onPeek(runId);
  };
  const act = (run: (runId: string) => void) => () => {
    if (cursor !== undefined) run(cursor);
  };
  useShortcuts([
    { keys: 'j', text: 'Next errand', run: () => move(1) },
    { keys: 'k', text: 'Previous errand', run: () => move(-1) },
    { keys: ' ', text: 'Look at the errand beside the list', run: act((id) => onPeek(peek === id ? undefined : id)) },
    {
      keys: 'o',
      text: 'Open the errand',
      run: act((runId) => void navigate({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } })),
    },
    { keys: 'x', text: 'Select the errand', run: act(onToggle) },
  ]);
  return cursor;
}

/** The row may be rendered only after the list has scrolled. */
function focusRow(runId: string): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`[data-run="${CSS.escape(runId)}"]`)?.focus({ preventScroll: true }),
  );
}
