import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Field, Select, TextInput } from '../../controls/field.tsx';
import { isDay, isoOf, WITHIN, type Within } from './period.ts';
import type { ChangeSearch, RunsSearch } from './search.ts';

const NO_PERIOD = { from: undefined, to: undefined, within: undefined };

/** The time of creation: a distance from now, or days. */
export function PeriodFilter({ search, onChange }: { search: RunsSearch; onChange: ChangeSearch }) {
  const [isAsking, ask] = useState(false);
  const { from, to, within } = search;
  const value = from !== undefined || to !== undefined ? 'days' : (within ?? '');
  const choose = (chosen: string) => {
    if (chosen === 'days') ask(true);
    else onChange({ ...NO_PERIOD, ...(chosen !== '' && { within: chosen as Within }) });
  };
  return (
    <>
      <Select aria-label="Created" className="!w-auto" value={value} onChange={({ target }) => choose(target.value)}>
        <option value="">Any time</option>
        {Object.entries(WITHIN).map(([each, { name }]) => (
          <option key={each} value={each}>
            In {name}
          </option>
        ))}
        <option value="days">From day to day…</option>
      </Select>
      {isAsking && (
        <DaysDialog
          search={search}
          onChoose={(days) => onChange({ ...NO_PERIOD, ...days })}
          onClose={() => ask(false)}
        />
      )}
    </>
  );
}

type DaysDialogProps = {
  search: RunsSearch;
  onChoose: (days: Pick<RunsSearch, 'from' | 'to'>) => void;
  onClose: () => void;
};

function DaysDialog({ search, onChoose, onClose }: DaysDialogProps) {
  const [from, setFrom] = useState(dayOf(search.from));
  const [to, setTo] = useState(dayOf(search.to));
  const isReversed = from !== '' && to !== '' && from > to;
  return (
    <Dialog title="Created from day to day" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReversed) return;
          onChoose({ ...(isDay(from) && { from }), ...(isDay(to) && { to }) });
          onClose();
        }}
      >
        <Field label="First day" hint="Days are those of UTC.">
          {(control) => (
            <TextInput
              {...control}
              type="date"
              data-first-focus
              value={from}
              onChange={({ target }) => setFrom(target.value)}
            />
          )}
        </Field>
        <Field label="Last day" error={isReversed ? 'The last day is before the first.' : undefined}>
          {(control) => (
            <TextInput {...control} type="date" value={to} onChange={({ target }) => setTo(target.value)} />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent">
            Show
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The day of a moment; today without one. */
const dayOf = (time: string | undefined): string => (time ?? isoOf(Date.now())).slice(0, 10);
