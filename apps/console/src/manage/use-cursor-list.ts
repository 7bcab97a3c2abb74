// Lists of the contract, page by page.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useCacheScope } from '../session/workspace.tsx';

/** Pages that a browser keeps of one list. Beyond them a person narrows the list. */
const MAX_PAGES = 50;
export const PAGE_SIZE = 50;

export type CursorList<T> = {
  items: readonly T[];
  error: unknown;
  /** Whether nothing was read yet. */
  isPending: boolean;
  isReadingMore: boolean;
  hasMore: boolean;
  /** Whether more items exist than a browser keeps. */
  isFull: boolean;
  readMore(): void;
  readAgain(): void;
};

type PageOf<T> = { items: readonly T[]; nextCursor?: string | undefined };

type Options<T> = {
  /** The name of the list and its filters. `refresh` of an act names the beginning of it. */
  key: readonly unknown[];
  read: (page: { cursor?: string; pageSize: number }, signal: AbortSignal) => Promise<PageOf<T>>;
  isOff?: boolean;
  /** Milliseconds after which a list with items that are about to change is read again; undefined: never. */
  refreshMs?: (items: readonly T[]) => number | undefined;
};

/** A list with a cursor: the first page now, further ones on request. */
export function useCursorList<T>({ key, read, isOff = false, refreshMs }: Options<T>): CursorList<T> {
  const scope = useCacheScope();
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: [key[0], scope, ...key.slice(1)],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      read({ pageSize: PAGE_SIZE, ...(pageParam !== undefined && { cursor: pageParam }) }, signal),
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: !isOff,
    refetchInterval: ({ state }) => refreshMs?.(state.data?.pages.flatMap((page) => page.items) ?? []) ?? false,
  });
  const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  const isFull = (data?.pages.length ?? 0) >= MAX_PAGES;
  return {
    items,
    error,
    isPending,
    isReadingMore: isFetchingNextPage,
    hasMore: hasNextPage && !isFull,
    isFull: hasNextPage && isFull,
    readMore: () => void fetchNextPage(),
    readAgain: () => void refetch(),
  };
}
