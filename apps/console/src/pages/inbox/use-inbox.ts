// Reads the requests of the inbox, and follows them.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Closing, type Entry, entryIdOf } from '../../decide/entry.ts';
import type { PendingFrame } from '../../live/demand.ts';
import { useLive } from '../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { hear, NOTHING_HEARD, openEntries, type Page } from './inbox.ts';
import type { InboxSearch } from './search.ts';

const PAGE_SIZE = 50;
/** Pages with a filter may have few entries, or none. */
const MAX_PAGES = 10;
/** Frames that come together are shown together. */
const FLUSH_MS = 50;

export type Inbox = {
  entries: readonly Entry[];
  closings: ReadonlyMap<string, Closing>;
  isPending: boolean;
  isOld: boolean;
  error: unknown;
  hasMore: boolean;
  readMore: () => void;
  readAgain: () => void;
  /** Removes entries that this page has decided. */
  remove: (ids: readonly string[]) => void;
};

export function useInbox({
  state = 'open',
  kind,
  q,
  entry: opened,
}: Omit<InboxSearch, 'state'> & { state?: 'open' | 'decided' | undefined }): Inbox {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const queries = useQueryClient();
  const wanted = useRef(PAGE_SIZE);
  const queryKey = ['inbox', workspaceId, state, kind, q];
  const { data, error, isPending, isPlaceholderData } = useQuery({
    queryKey,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Page> => {
      const readAt = Date.now();
      const filter = { state, ...(kind && { kind: [kind] }), ...(q !== undefined && { q }) };
      const order = state === 'open' ? { sort: 'expiresAt' as const } : {};
      const entries: Entry[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MAX_PAGES && entries.length < wanted.current; page++) {
        const input = { ...filter, ...order, pageSize: PAGE_SIZE, ...(cursor !== undefined && { cursor }) };
        const answer = await client.pending.list.query(input, { signal });
        entries.push(...answer.pending);
        cursor = answer.nextCursor;
        if (cursor === undefined) break;
      }
      return { entries, nextCursor: cursor, readAt };
    },
  });
  const readAgain = () => void queries.invalidateQueries({ queryKey });
  const { heard, remove } = useHeard(state === 'decided' ? readAgain : undefined, readAgain);
  const entries = useMemo(() => {
    if (!data) return [];
    return state === 'decided' ? data.entries : openEntries(data, heard, { kind, q }, opened);
  }, [data, heard, state, kind, q, opened]);
  return {
    entries,
    closings: heard.gone,
    isPending,
    isOld: isPlaceholderData,
    error,
    hasMore: data?.nextCursor !== undefined,
    readMore: () => {
      wanted.current += PAGE_SIZE;
      readAgain();
    },
    readAgain,
    remove,
  };
}

/** @param onGone when requests were closed */
function useHeard(onGone: (() => void) | undefined, onCatchUp: () => void) {
  const workspaceId = useWorkspaceId();
  const [heard, setHeard] = useState(NOTHING_HEARD);
  const frames = useRef<PendingFrame[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const flush = () => {
    timer.current = undefined;
    const news = frames.current;
    frames.current = [];
    setHeard((before) => hear(before, news, Date.now()));
    if (news.some(({ type }) => type === 'gone')) onGone?.();
  };
  useLive(
    { kind: 'pending', workspaceId },
    {
      onFrame: (frame) => {
        frames.current.push(frame);
        timer.current ??= setTimeout(flush, FLUSH_MS);
      },
      onCatchUp,
    },
  );
  const remove = (ids: readonly string[]) =>
    setHeard(({ added, gone }) => ({
      added,
      gone: new Map([...gone, ...ids.map((id): [string, Closing] => [id, gone.get(id) ?? { why: 'decided' }])]),
    }));
  return { heard, remove };
}

export const idsOf = (entries: readonly Entry[]): string[] => entries.map(entryIdOf);
