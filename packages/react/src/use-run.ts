import type { BrowserClient } from '@errand/client/browser';
import { useSyncExternalStore } from 'react';
import { type StreamView, toError } from './connection.ts';
import { applyEvent, EMPTY_RUN, type RunState } from './run-view.ts';
import { type Source, Store } from './store.ts';

export type RunView = RunState & StreamView;

const CONNECTING: RunView = { ...EMPTY_RUN, connection: 'connecting' };
const IDLE: RunView = { ...EMPTY_RUN, connection: 'idle' };
const NOTHING = new Store<RunView>(IDLE, async () => {});

/** The runs that components show: each has one stream, whatever the number of components. */
const stores = new WeakMap<BrowserClient, Map<string, Store<RunView>>>();

/**
 * Watches a run: its status, its steps, and what it waits for. Undefined, while there is no run yet, watches nothing.
 * @param client the same object in each rendering: create it outside of components
 */
export function useRun(client: BrowserClient, runId: string | undefined): RunView {
  const store = runId === undefined ? NOTHING : storeOf(client, runId);
  return useSyncExternalStore(store.subscribe, store.get, store.getInitial);
}

function storeOf(client: BrowserClient, runId: string): Store<RunView> {
  const runs = stores.get(client) ?? new Map<string, Store<RunView>>();
  stores.set(client, runs);
  const store = runs.get(runId) ?? new Store(CONNECTING, watch(client, runId), () => void runs.delete(runId));
  runs.set(runId, store);
  return store;
}

const watch =
  (client: BrowserClient, runId: string): Source<RunView> =>
  async (set, signal) => {
    try {
      const onState = (connection: 'open' | 'reconnecting') => set((run) => ({ ...run, connection }));
      for await (const event of client.watch(runId, { signal, onState }))
        set((run) => ({ ...run, ...applyEvent(run, event) }));
      set((run) => ({ ...run, connection: 'ended' }));
    } catch (error) {
      set((run) => ({ ...run, connection: 'ended', failure: toError(error) }));
    }
  };
