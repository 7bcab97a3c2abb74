import { type Db, requestListRead } from '@errand/db';

/** Servers may report changes a thousand times a second; the database gets at most one note of a server in this time. */
const PAUSE_MS = 1000;
const MAX_KNOWN = 10_000;

export type StaleLists = (workspaceId: string, customerIntegrationId: string) => void;

/** @param failed called if the database fails: then the list is read when it is due */
export function createStaleLists(db: Pick<Db, 'pool'>, failed: (error: unknown) => void): StaleLists {
  /** The servers of recent notes; `more`: there were further reports since. */
  const noted = new Map<string, { more: boolean }>();
  const note: StaleLists = (workspaceId, customerIntegrationId) => {
    const key = `${workspaceId} ${customerIntegrationId}`;
    const recent = noted.get(key);
    if (recent) recent.more = true;
    if (recent || noted.size >= MAX_KNOWN) return;
    const state = { more: false };
    noted.set(key, state);
    requestListRead(db.pool, workspaceId, customerIntegrationId).catch(failed);
    setTimeout(() => {
      noted.delete(key);
      if (state.more) note(workspaceId, customerIntegrationId);
    }, PAUSE_MS).unref();
  };
  return note;
}
