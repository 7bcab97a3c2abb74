import { requestKindLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import {
  CircleHelp,
  KeyRound,
  ListChecks,
  type LucideIcon,
  MessageSquareReply,
  PenLine,
  TriangleAlert,
} from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import {
  type Closing,
  closingOf,
  closingText,
  type Entry,
  entryIdOf,
  firstLine,
  sentenceOf,
} from '../../decide/entry.ts';
import { Text } from '../../display/text.tsx';
import { Ago, duration, useNow } from '../../display/time.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';
import type { InboxSearch, Kind } from './search.ts';

const ICONS: Record<Kind, LucideIcon> = {
  plan: ListChecks,
  call: PenLine,
  consent: KeyRound,
  effect: TriangleAlert,
  question: CircleHelp,
  input: MessageSquareReply,
};

type EntryListProps = {
  entries: readonly Entry[];
  closings: ReadonlyMap<string, Closing>;
  filters: InboxSearch;
  opened: string | undefined;
  selected: ReadonlySet<string>;
  isSelectable: (entry: Entry) => boolean;
  onSelect: (id: string) => void;
};

/** The requests as links. Calls have a box to be decided together. */
export function EntryList({ entries, closings, filters, opened, selected, isSelectable, onSelect }: EntryListProps) {
  return (
    <ul
      aria-label="Requests"
      className="flex flex-col divide-y divide-line overflow-hidden rounded-xl border border-line bg-pane"
    >
      {entries.map((entry) => {
        const id = entryIdOf(entry);
        return (
          <EntryRow
            key={id}
            {...{ id, entry, filters, onSelect }}
            closing={closings.get(id)}
            isOpen={opened === id}
            isSelected={selected.has(id)}
            isSelectable={isSelectable(entry)}
          />
        );
      })}
    </ul>
  );
}

type EntryRowProps = {
  id: string;
  entry: Entry;
  closing: Closing | undefined;
  filters: InboxSearch;
  isOpen: boolean;
  isSelected: boolean;
  isSelectable: boolean;
  onSelect: (id: string) => void;
};

const EntryRow = memo(function EntryRow(props: EntryRowProps) {
  const { id, entry, closing, filters, isOpen, isSelected, isSelectable, onSelect } = props;
  const workspaceId = useWorkspaceId();
  const ref = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isOpen) ref.current?.scrollIntoView({ block: 'nearest' });
  }, [isOpen]);
  const isBulk = filters.state === undefined && entry.kind === 'call';
  return (
    <li ref={ref} className={`flex ${isOpen ? 'bg-soft shadow-[inset_3px_0_var(--color-accent)]' : 'hover:bg-soft'}`}>
      {isBulk && (
        <label className="flex items-start py-2 pr-1 pl-2">
          <span className="sr-only">Select: {rowText(entry)}</span>
          <input
            type="checkbox"
            className="m-1 size-4"
            checked={isSelected}
            disabled={!isSelectable && !isSelected}
            onChange={() => onSelect(id)}
          />
        </label>
      )}
      <Link
        to="/w/$workspaceId/inbox"
        params={{ workspaceId }}
        search={{ ...filters, entry: id }}
        aria-current={isOpen ? 'true' : undefined}
        className="flex min-w-0 flex-1 flex-col gap-0.5 px-3 py-2.5 outline-offset-[-2px]"
      >
        <RowText entry={entry} closing={closing} />
      </Link>
    </li>
  );
});

/** A plan has a goal; its whole text is long. */
function rowText(entry: Entry): string {
  if (entry.kind === 'plan') return entry.title;
  return entry.kind === 'consent' ? sentenceOf(entry) : firstLine(entry.text);
}

function RowText({ entry, closing }: { entry: Entry; closing: Closing | undefined }) {
  const { kind, integrationName, userId, intent } = entry;
  const Icon = ICONS[kind];
  const closed = closing ?? closingOf(entry, 0);
  return (
    <>
      <span className={`line-clamp-2 break-words ${closed ? 'text-dim' : 'font-semibold'}`}>
        <Icon size={13} aria-hidden="true" className="mr-1.5 inline align-[-2px] text-wait" />
        <Text>{rowText(entry)}</Text>
      </span>
      <span className="line-clamp-1 text-sm break-all text-dim">
        <Text>{intent}</Text>
      </span>
      <span className="flex justify-between gap-2 text-sm text-dim">
        <span className="min-w-0 truncate">
          <Text>{[requestKindLabels[kind], integrationName, userId].filter(Boolean).join(' · ')}</Text>
        </span>
        <span className="shrink-0">{closed ? <Closed closing={closed} /> : <Left entry={entry} />}</span>
      </span>
    </>
  );
}

const Closed = ({ closing }: { closing: Closing }) => (
  <>
    <Text>{closingText(closing)}</Text> {closing.at !== undefined && <Ago at={closing.at} />}
  </>
);

const HOUR_MS = 3_600_000;

function Left({ entry: { expiresAt } }: { entry: Entry }) {
  const now = useNow();
  if (expiresAt === undefined) return null;
  const left = new Date(expiresAt).getTime() - now;
  if (left <= 0) return <span className="text-bad">expired</span>;
  if (left >= HOUR_MS) return <span>{duration(Math.floor(left / HOUR_MS) * HOUR_MS)} left</span>;
  return <span className="font-semibold text-wait">{duration(Math.floor(left / 1000) * 1000)} left</span>;
}
