import type { BrowserClient } from '@errand/client/browser';
import { useMemo, useSyncExternalStore } from 'react';
import { type PendingActions, type PendingState, PendingStore } from './pending-store.ts';

export type PendingView = PendingState & PendingActions;

/** The requests that components show: one stream for each client, whatever their filters. */
const stores = new WeakMap<BrowserClient, PendingStore>();

/**
 * The open requests of the user, newest first, and the functions that answer them. The functions stay the same in each rendering.
 * @param client the same object in each rendering: create it outside of components
 * @param options `runId`: only the requests of this run
 */
export function usePending(client: BrowserClient, { runId }: { runId?: string | undefined } = {}): PendingView {
  const { state, actions } = storeOf(client);
  const { pending: all, ...stream } = useSyncExternalStore(state.subscribe, state.get, state.getInitial);
  const pending = useMemo(
    () => (runId === undefined ? all : all.filter((request) => request.runId === runId)),
    [all, runId],
  );
  return { ...stream, ...actions, pending };
}

function storeOf(client: BrowserClient): PendingStore {
  const store = stores.get(client) ?? new PendingStore(client, () => void stores.delete(client));
  stores.set(client, store);
  return store;
}
