import { useId } from 'react';
import { Button } from '../../controls/button.tsx';
import { TextInput } from '../../controls/field.tsx';
import { isDay, lastDays, type Range, rangeOf, type UsageSearch } from './search.ts';

const PRESETS = [7, 30, 90];

/** The range of days. Each choice is applied at once. */
export function RangeBar({ search, onChange }: { search: UsageSearch; onChange: (search: UsageSearch) => void }) {
  const range = rangeOf(search);
  const change = (changed: Partial<Range>) => onChange({ ...search, ...range, ...changed });
  return (
    <search className="flex flex-wrap items-center gap-2">
      {PRESETS.map((days) => {
        const preset = lastDays(days);
        const isChosen = preset.from === range.from && preset.to === range.to;
        return (
          <Button key={days} aria-pressed={isChosen} className="aria-pressed:bg-soft" onClick={() => change(preset)}>
            {days} days
          </Button>
        );
      })}
      <Day label="From" day={range.from} onChange={(from) => change({ from, ...(from > range.to && { to: from }) })} />
      <Day label="To" day={range.to} onChange={(to) => change({ to, ...(to < range.from && { from: to }) })} />
    </search>
  );
}

function Day({ label, day, onChange }: { label: string; day: string; onChange: (day: string) => void }) {
  const id = useId();
  return (
    <div className="flex items-center gap-1.5">
      <label htmlFor={id} className="text-dim">
        {label}
      </label>
      <TextInput
        key={day}
        id={id}
        type="date"
        className="!w-36"
        defaultValue={day}
        onChange={({ target }) => isDay(target.value) && onChange(target.value)}
      />
    </div>
  );
}
