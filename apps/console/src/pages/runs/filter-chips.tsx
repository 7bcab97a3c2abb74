import { X } from 'lucide-react';
import { Text } from '../../display/text.tsx';
import { formatTime, usesUtc } from '../../display/time.tsx';
import { useStore } from '../../session/store.ts';
import { isDay, type Period } from './period.ts';
import type { ChangeSearch, RunsSearch } from './search.ts';

/** Filters that other pages set, each of which a click removes. */
export function FilterChips({ search, onChange }: { search: RunsSearch; onChange: ChangeSearch }) {
  const isUtc = useStore(usesUtc);
  const { tool, requestedBy, scheduleId, actionKey, from, to } = search;
  return (
    <>
      {tool !== undefined && <Chip name="Tool" text={tool} onRemove={() => onChange({ tool: undefined })} />}
      {requestedBy !== undefined && (
        <Chip name="Requester" text={requestedBy} onRemove={() => onChange({ requestedBy: undefined })} />
      )}
      {scheduleId !== undefined && (
        <Chip name="Schedule" text={scheduleId} onRemove={() => onChange({ scheduleId: undefined })} />
      )}
      {actionKey !== undefined && (
        <Chip name="Action" text={actionKey} onRemove={() => onChange({ actionKey: undefined })} />
      )}
      {(from !== undefined || to !== undefined) && (
        <Chip
          name={isDay(from ?? to) && isDay(to ?? from) ? 'Created (UTC)' : 'Created'}
          text={periodText({ from, to }, isUtc)}
          onRemove={() => onChange({ from: undefined, to: undefined })}
        />
      )}
    </>
  );
}

function periodText({ from, to }: { [Name in 'from' | 'to']: Period[Name] | undefined }, isUtc: boolean): string {
  const textOf = (time: string | undefined) =>
    time === undefined ? '…' : isDay(time) ? time : formatTime(time, isUtc);
  return from === to ? textOf(from) : `${textOf(from)} – ${textOf(to)}`;
}

const Chip = ({ name, text, onRemove }: { name: string; text: string; onRemove: () => void }) => (
  <button
    type="button"
    title="Remove this filter"
    className="inline-flex max-w-full items-center gap-1.5 rounded-lg bg-soft px-2 py-1.5"
    onClick={onRemove}
  >
    <span className="text-dim">{name}</span>
    <span className="min-w-0 truncate font-semibold">
      <Text>{text}</Text>
    </span>
    <X size={13} aria-hidden="true" />
    <span className="sr-only">(remove this filter)</span>
  </button>
);
