// The events of a run, as sentences; each with its JSON.
import { eventLabels } from '@errand/contracts/labels';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight } from 'lucide-react';
import { memo, useCallback, useRef, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { duration } from '../../display/duration.ts';
import { JsonView } from '../../display/json-view.tsx';
import { ScrollBox } from '../../display/scroll-box.tsx';
import { Text } from '../../display/text.tsx';
import { eventText, withoutLinks } from './log/event-text.ts';
import { type RunEvent, type RunLog, timeOf } from './log/log.ts';

const ROW_HEIGHT = 30;

export function EventsView({ log: { events }, isComplete }: { log: RunLog; isComplete: boolean }) {
  const [isNewestFirst, setNewestFirst] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const box = useRef<HTMLElement>(null);
  const at = (index: number) => events[isNewestFirst ? events.length - 1 - index : index]!;
  const virtual = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
    useFlushSync: false,
    getItemKey: (index) => at(index).seq,
  });
  const toggle = useCallback((seq: number) => {
    setOpen((before) => new Set(before.has(seq) ? [...before].filter((each) => each !== seq) : [...before, seq]));
  }, []);
  const Arrow = isNewestFirst ? ArrowDown : ArrowUp;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2 text-dim">
        <span>
          {events.length.toLocaleString()} events{isComplete ? '' : ', reading more'}
        </span>
        <Button look="quiet" onClick={() => setNewestFirst(!isNewestFirst)}>
          <Arrow size={13} aria-hidden="true" />
          {isNewestFirst ? 'Newest first' : 'Oldest first'}
        </Button>
      </div>
      <ScrollBox ref={box} label="Events" className="max-h-[36rem] rounded-lg border border-line bg-pane">
        <ol className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const event = at(index);
            const isOpen = open.has(event.seq);
            return (
              <li
                key={key}
                data-index={index}
                // Only what is open has a height of its own.
                ref={open.size > 0 ? virtual.measureElement : undefined}
                className="absolute inset-x-0 border-b border-line"
                style={{ top: start, ...(isOpen ? {} : { height: ROW_HEIGHT }) }}
              >
                <EventRow event={event} start={events[0]!.timestamp} isOpen={isOpen} onToggle={toggle} />
              </li>
            );
          })}
        </ol>
      </ScrollBox>
    </div>
  );
}

type EventRowProps = { event: RunEvent; start: string; isOpen: boolean; onToggle: (seq: number) => void };

const EventRow = memo(function EventRow({ event, start, isOpen, onToggle }: EventRowProps) {
  const { seq, type, timestamp } = event;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        className="grid w-full grid-cols-[14px_max-content_64px_minmax(0,1fr)] items-center gap-2 px-3 py-1 text-left hover:bg-soft sm:grid-cols-[14px_44px_72px_110px_minmax(0,1fr)]"
        onClick={() => onToggle(seq)}
      >
        <Chevron size={14} aria-hidden="true" />
        <span className="text-dim">{seq}</span>
        <span className="text-dim whitespace-nowrap" title={timestamp}>
          +{duration(timeOf(timestamp) - timeOf(start))}
        </span>
        <span className="truncate text-dim max-sm:hidden">{eventLabels[type]}</span>
        <span className={isOpen ? 'break-words whitespace-pre-wrap' : 'truncate'}>
          <Text>{eventText(event)}</Text>
        </span>
      </button>
      {isOpen && (
        <div className="px-3 pb-2">
          <JsonView value={withoutLinks(event)} fileName={`event-${seq}`} />
        </div>
      )}
    </>
  );
});
