// The times of a schedule as a person enters them, with the next ones.
import { useQuery } from '@tanstack/react-query';
import { Field, Select, TextInput } from '../controls/field.tsx';
import { NameField } from '../controls/name-field.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { At } from '../display/time.tsx';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';

export type ScheduleValues = { name: string; cron: string; timeZone: string; overlap: 'skip' | 'queue' };

type ScheduleFieldsProps = { values: ScheduleValues; onChange: (values: ScheduleValues) => void };

export function ScheduleFields({ values, onChange }: ScheduleFieldsProps) {
  const { name, cron, timeZone, overlap } = values;
  return (
    <>
      <NameField value={name} onChange={(value) => onChange({ ...values, name: value })} />
      <Field label="Times" hint="Minute, hour, day of the month, month, day of the week, as in cron.">
        {(control) => (
          <TextInput
            {...control}
            required
            maxLength={100}
            className="font-mono"
            value={cron}
            onChange={({ target }) => onChange({ ...values, cron: target.value })}
          />
        )}
      </Field>
      <TimeZoneField timeZone={timeZone} onChange={(zone) => onChange({ ...values, timeZone: zone })} />
      <Field label="If the previous errand has not ended">
        {(control) => (
          <Select
            {...control}
            value={overlap}
            onChange={({ target }) => onChange({ ...values, overlap: target.value === 'queue' ? 'queue' : 'skip' })}
          >
            <option value="skip">leave this time out</option>
            <option value="queue">wait for its end</option>
          </Select>
        )}
      </Field>
      <NextTimes cron={cron} timeZone={timeZone} />
    </>
  );
}

const ZONES_ID = 'time-zones';
const ZONES = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];

const TimeZoneField = ({ timeZone, onChange }: { timeZone: string; onChange: (timeZone: string) => void }) => (
  <Field label="Time zone">
    {(control) => (
      <>
        <TextInput
          {...control}
          required
          list={ZONES_ID}
          value={timeZone}
          onChange={({ target }) => onChange(target.value)}
        />
        <datalist id={ZONES_ID}>
          {ZONES.map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </>
    )}
  </Field>
);

const MIN_CRON_CHARACTERS = 9;

function NextTimes({ cron, timeZone }: { cron: string; timeZone: string }) {
  const client = useClient();
  const { data, error } = useQuery({
    queryKey: ['next times', useWorkspaceId(), cron, timeZone],
    queryFn: ({ signal }) => client.schedules.preview.query({ cron, timeZone }, { signal }),
    enabled: cron.trim().length >= MIN_CRON_CHARACTERS,
    retry: false,
  });
  if (error) return <ProblemNote error={error} />;
  return (
    <div className="min-h-28">
      <p className="font-semibold">The next times</p>
      <ul className="text-dim">
        {data?.next.map((at) => (
          <li key={at}>
            <At at={at} />
          </li>
        ))}
      </ul>
    </div>
  );
}
