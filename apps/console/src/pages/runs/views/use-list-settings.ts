// The saved views and columns of this person, the same in all tabs of the browser.
import { useMemo, useSyncExternalStore } from 'react';
import { toast } from '../../../controls/toast.tsx';
import { useSession, useWorkspaceId } from '../../../session/workspace.tsx';
import { type ListSettings, parseSettings, readSettings, storageKey, writeSettings } from './stored-views.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

export type ChangeSettings = (change: (settings: ListSettings) => ListSettings) => void;

export function useListSettings(): { settings: ListSettings; change: ChangeSettings } {
  const workspaceId = useWorkspaceId();
  const { person } = useSession();
  const key = storageKey(workspaceId, person?.personId ?? '');
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const settings = useMemo(() => parseSettings(text), [text]);
  const change: ChangeSettings = (changed) => {
    // Another tab may have written since the last rendering.
    if (!writeSettings(localStorage, key, changed(readSettings(localStorage, key))))
      toast('The browser did not store it: its storage is full or switched off.', { isBad: true });
    for (const listener of listeners) listener();
  };
  return { settings, change };
}
