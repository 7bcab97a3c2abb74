import { every } from '@errand/basics/every';
import type { EntryFilter, RunScope } from '@errand/db';
import type { Hub } from '../../events/hub.ts';
import { InboxView } from './inbox-view.ts';

const POLL_MS = 5000;

type Shared = { view: InboxView; users: number; ignore: () => void };

/** The inbox views of this process. */
export class InboxViews {
  readonly #hub: Pick<Hub, 'onChange'>;
  readonly #views = new Map<string, Shared>();

  constructor(hub: Pick<Hub, 'onChange'>) {
    this.#hub = hub;
  }

  /** The shared view of a filter; call `leave` when done. */
  view(scope: RunScope, filter: EntryFilter): { view: InboxView; leave: () => void } {
    const { workspaceId } = scope;
    const { kinds, userId, customerIntegrationId, runId } = filter;
    const key = JSON.stringify([
      workspaceId,
      kinds && [...new Set(kinds)].sort(),
      userId,
      customerIntegrationId,
      runId,
    ]);
    const shared = this.#views.get(key) ?? this.#make(scope, filter);
    this.#views.set(key, shared);
    shared.users++;
    let released = false;
    const leave = () => {
      if (released) return;
      released = true;
      if (--shared.users > 0) return;
      shared.ignore();
      shared.view.close();
      this.#views.delete(key);
    };
    return { view: shared.view, leave };
  }

  #make(scope: RunScope, filter: EntryFilter): Shared {
    const view = new InboxView(scope, filter);
    // Polls because a notification may be lost with its connection, and requests expire by the clock.
    const endPolling = every(POLL_MS, async () => view.poke());
    const endListening = this.#hub.onChange(scope.workspaceId, view.poke);
    const stop = () => {
      endListening();
      void endPolling();
    };
    return { view, users: 0, ignore: stop };
  }
}
