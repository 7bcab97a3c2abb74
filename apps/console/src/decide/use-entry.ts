// One decision request, kept up to date.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLive } from '../live/use-live.ts';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';
import { type Closing, closingOf, type Entry, entryIdOf } from './entry.ts';
import { readEntry } from './read-entry.ts';

export type OpenedEntry = {
  entry: Entry | undefined;
  closing: Closing | undefined;
  isMissing: boolean;
  /** Whether the complete entry was read. */
  isRead: boolean;
  error: unknown;
  readAgain: () => void;
};

/** A read younger than this is not repeated because a stream begins. */
const FRESH_MS = 2_000;

/** @param known the entry as a list shows it, perhaps without its documents */
export function useEntry(entryId: string, known: Entry | undefined): OpenedEntry {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const queries = useQueryClient();
  const [gone, setGone] = useState<Closing & { id: string }>();
  const queryKey = ['entry', workspaceId, entryId];
  const { data, error, dataUpdatedAt } = useQuery({
    queryKey,
    queryFn: ({ signal }) => readEntry(client, entryId, known ?? queries.getQueryData<Entry>(queryKey), signal),
    staleTime: 0,
  });
  const readAgain = () => void queries.invalidateQueries({ queryKey });
  useLive(
    { kind: 'pending', workspaceId },
    {
      onFrame: (frame) => {
        if (frame.type !== 'gone' || entryIdOf(frame) !== entryId) return;
        const { why, decision, decidedBy } = frame;
        setGone({ id: entryId, why, decision, by: decidedBy, at: new Date().toISOString() });
        readAgain();
      },
      onCatchUp: () => {
        if (Date.now() - dataUpdatedAt > FRESH_MS) readAgain();
      },
    },
  );
  const entry = data ?? known;
  const read = data ? closingOf(data, dataUpdatedAt) : undefined;
  const heard = gone?.id === entryId ? gone : undefined;
  const isMissing = data === null && !known;
  const ended: Closing | undefined = data === null && known ? { why: 'ended' } : undefined;
  return { entry, closing: read ?? heard ?? ended, isMissing, isRead: data != null, error, readAgain };
}
