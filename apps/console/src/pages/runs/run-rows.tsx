import { isTerminal } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import {
  type Dispatch,
  memo,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Button } from '../../controls/button.tsx';
import { StatusMark } from '../../display/status.tsx';
import { Text } from '../../display/text.tsx';
import { Ago, duration, useNow } from '../../display/time.tsx';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { ListState, LiveRuns, Row, Run } from './live-runs.ts';
import { useCursor } from './use-cursor.ts';

/** The height of a row: of one line of facts, or of two on a narrow list. It is that of the classes of the row. */
const ROW_PX = 56;
const NARROW_ROW_PX = 88;
const NARROW_LIST_PX = 672;
const OVERSCAN = 8;
/** Rows before the end at which the next page is read. */
const READ_AHEAD = 30;

type RunRowsProps = {
  list: LiveRuns;
  state: ListState;
  picked: ReadonlySet<string>;
  onPick: Dispatch<SetStateAction<ReadonlySet<string>>>;
  peek: string | undefined;
  onPeek: (runId: string | undefined) => void;
};

/** The rows on the screen, of a list of any length. */
export function RunRows({
  list,
  state: { rows, unseen, hasMore, isReading, error },
  picked,
  onPick,
  peek,
  onPeek,
}: RunRowsProps) {
  const frame = useRef<HTMLOListElement>(null);
  const { top, rowPx } = usePlacement(frame, rows.length === 0);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    scrollMargin: top,
    getItemKey: (index) => rows[index]!.run.runId,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height of rows is another layout
  useEffect(() => virtual.measure(), [rowPx]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useVisibleRows(list, rows, [items[0]?.index ?? 0, last]);
  useEffect(() => {
    if (hasMore && !isReading && error === undefined && last >= rows.length - READ_AHEAD) void list.readMore();
  }, [hasMore, isReading, error, last, rows.length, list]);
  const toggle = useCallback((runId: string) => onPick((before) => toggled(before, runId)), [onPick]);
  const cursor = useCursor({ rows, peek, onPeek, onToggle: toggle, scrollTo: (index) => virtual.scrollToIndex(index) });
  if (rows.length === 0) return <Skeleton />;
  return (
    <>
      {unseen > 0 && <UnseenButton count={unseen} onShow={() => list.showUnseen()} />}
      <ol
        ref={frame}
        aria-label="Errands"
        className="relative border-t border-line"
        style={{ height: virtual.getTotalSize() }}
      >
        {items.map(({ index, key, start }) => (
          <li
            key={key}
            aria-setsize={hasMore ? -1 : rows.length}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${start - top}px)` }}
          >
            <RunRow
              row={rows[index]!}
              isCurrent={cursor === rows[index]!.run.runId}
              isPicked={picked.has(rows[index]!.run.runId)}
              onToggle={toggle}
            />
          </li>
        ))}
      </ol>
    </>
  );
}

function toggled(picked: ReadonlySet<string>, runId: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(runId)) next.add(runId);
  return next;
}

/** The distance of the list from the top of the page, and the height of its rows. */
function usePlacement(frame: RefObject<HTMLOListElement | null>, isEmpty: boolean): { top: number; rowPx: number } {
  const [placement, setPlacement] = useState({ top: 0, rowPx: ROW_PX });
  useLayoutEffect(() => {
    const element = isEmpty ? null : frame.current;
    const container = element?.parentElement;
    if (!element || !container) return;
    // Filters and notes above the list change the size of the container.
    const observer = new ResizeObserver(() => {
      const top = Math.round(element.getBoundingClientRect().top + window.scrollY);
      const rowPx = element.clientWidth < NARROW_LIST_PX ? NARROW_ROW_PX : ROW_PX;
      setPlacement((before) => (before.top === top && before.rowPx === rowPx ? before : { top, rowPx }));
    });
    observer.observe(container);
    return () => observer.disconnect();
  }, [frame, isEmpty]);
  return placement;
}

/** Tells the list which rows are on the screen. */
function useVisibleRows(list: LiveRuns, rows: readonly Row[], [first, last]: [number, number]): void {
  useEffect(() => {
    const tell = () =>
      list.see(
        rows.slice(first, last + 1).map(({ run }) => run.runId),
        window.scrollY < ROW_PX,
      );
    tell();
    addEventListener('scroll', tell, { passive: true });
    return () => removeEventListener('scroll', tell);
  }, [list, rows, first, last]);
}

const UnseenButton = ({ count, onShow }: { count: number; onShow: () => void }) => (
  <div className="sticky top-14 z-10 flex h-0 justify-center">
    <Button
      look="accent"
      className="h-8 shadow-lg"
      onClick={() => {
        onShow();
        window.scrollTo({ top: 0 });
      }}
    >
      {count} new
    </Button>
  </div>
);

type RunRowProps = { row: Row; isCurrent: boolean; isPicked: boolean; onToggle: (runId: string) => void };

const RunRow = memo(function RunRow({ row: { run, isUnmatched }, isCurrent, isPicked, onToggle }: RunRowProps) {
  const workspaceId = useWorkspaceId();
  const names = useIntegrationNames();
  return (
    <div
      className={`grid h-22 grid-cols-[28px_minmax(0,1fr)_auto] content-center items-center gap-x-2 border-b border-line px-1 @2xl:h-14 @2xl:grid-cols-[28px_156px_minmax(0,1fr)_92px] @4xl:grid-cols-[28px_156px_minmax(0,1fr)_88px_88px_88px] ${isCurrent ? 'bg-soft' : ''} ${isUnmatched ? 'opacity-60' : ''}`}
      title={isUnmatched ? 'This errand has changed and matches the filters no longer.' : undefined}
    >
      <input
        type="checkbox"
        aria-label={`Select: ${run.intent.slice(0, 80)}`}
        checked={isPicked}
        onChange={() => onToggle(run.runId)}
        className="row-span-2 size-4 justify-self-center @2xl:row-span-1"
      />
      <StatusMark status={run.status} />
      <div className="order-last col-span-2 col-start-2 min-w-0 @2xl:order-none @2xl:col-span-1 @2xl:col-start-auto">
        <Link
          to="/w/$workspaceId/runs/$runId"
          params={{ workspaceId, runId: run.runId }}
          data-run={run.runId}
          className="block truncate font-semibold outline-offset-0 hover:underline"
        >
          <Text>{run.intent}</Text>
        </Link>
        <p className="truncate text-sm text-dim">{secondLine(run, names)}</p>
      </div>
      <Steps run={run} />
      <span className="hidden text-right text-dim @4xl:block">
        <Duration run={run} />
      </span>
      <span className="text-right text-dim">
        <Ago at={run.createdAt} />
      </span>
    </div>
  );
});

function secondLine({ userId, integrations, requestedBy, errorCode }: Run, names: ReadonlyMap<string, string>): string {
  const used = integrations.map((id) => names.get(id) ?? id).join(', ');
  const parts = [userId, used, requestedBy && `by ${requestedBy.label}`, errorCode];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function Steps({ run: { progress } }: { run: Run }) {
  if (!progress) return <span className="hidden @4xl:block" />;
  const { done, total } = progress;
  return (
    <span className="hidden items-center gap-1.5 text-sm text-dim @4xl:flex" title={`${done} of ${total} steps`}>
      <span className="h-1.5 w-10 overflow-hidden rounded-full bg-line">
        <span className="block h-full bg-accent" style={{ width: `${(100 * done) / Math.max(1, total)}%` }} />
      </span>
      {done}/{total}
      <span className="sr-only"> steps</span>
    </span>
  );
}

function Duration({ run: { createdAt, endedAt, status } }: { run: Run }) {
  if (isTerminal(status) && endedAt) return duration(Date.parse(endedAt) - Date.parse(createdAt));
  return <Running since={createdAt} />;
}

const Running = ({ since }: { since: string }) => duration(useNow() - Date.parse(since));

const SKELETON_ROWS = 8;

/** Rows of the final height, so that nothing jumps. */
const Skeleton = () => (
  <div aria-busy="true" className="border-t border-line">
    <p className="sr-only">Reading the errands…</p>
    {Array.from({ length: SKELETON_ROWS }, (_, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
      <div key={index} className="flex h-14 items-center border-b border-line">
        <span className="h-3 w-2/3 rounded bg-soft" />
      </div>
    ))}
  </div>
);
