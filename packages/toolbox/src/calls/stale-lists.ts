import { type Db, requestListRead } from '@errand/db';

/** Servers may report changes a thousand times a second; the database gets at most one mark of a server in this time. */
const PAUSE_MS = 1000;
const MAX_KNOWN = 10_000;

export type MarkListStale = (workspaceId: string, customerIntegrationId: string) => void;

/** @param onError called if the database fails: then the list is read when it is due */
export function createStaleListMarker(db: Pick<Db, 'pool'>, onError: (error: unknown) => void): MarkListStale {
  /** The servers that were marked recently; `isRepeated`: there were further reports since. */
  const recentMarks = new Map<string, { isRepeated: boolean }>();
  const markStale: MarkListStale = (workspaceId, customerIntegrationId) => {
    const key = `${workspaceId} ${customerIntegrationId}`;
    const recent = recentMarks.get(key);
    if (recent) recent.isRepeated = true;
    if (recent || recentMarks.size >= MAX_KNOWN) return;
    const state = { isRepeated: false };
    recentMarks.set(key, state);
    requestListRead(db.pool, workspaceId, customerIntegrationId).catch(onError);
    setTimeout(() => {
      recentMarks.delete(key);
      if (state.isRepeated) markStale(workspaceId, customerIntegrationId);
    }, PAUSE_MS).unref();
  };
  return markStale;
}
