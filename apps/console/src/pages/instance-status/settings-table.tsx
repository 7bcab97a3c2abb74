import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Field, TextInput } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { type Column, Empty, Skeleton, Table } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { sessionClient } from '../../session/clients.ts';

type Setting = Outputs['settings']['get']['settings'][number];

/** The settings of the process that answers. Changes are made where the service is started. */
export function SettingsTable() {
  const [text, setText] = useState('');
  const { data, error, refetch } = useQuery({
    queryKey: ['instance settings'],
    queryFn: ({ signal }) => sessionClient.settings.get.query({}, { signal }),
  });
  const words = text.toLowerCase();
  const settings = (data?.settings ?? []).filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(words),
  );
  return (
    <Section title="Settings">
      <p className="text-dim">Set them as environment variables of the service, then restart it.</p>
      <div className="w-80 max-w-full">
        <Field label="Find a setting">
          {(control) => <TextInput {...control} value={text} onChange={({ target }) => setText(target.value)} />}
        </Field>
      </div>
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton label="Settings" />}
      {settings.length > 0 && (
        <Table label="All settings" items={settings} keyOf={({ name }) => name} columns={columns} />
      )}
      {data && settings.length === 0 && <Empty>No setting has these words.</Empty>}
    </Section>
  );
}

const columns: Column<Setting>[] = [
  {
    name: 'Setting',
    isMain: true,
    cell: ({ name, description }) => (
      <span className="flex flex-col">
        <code className="font-mono text-sm font-semibold break-all">{name}</code>
        <span className="text-dim">{description}</span>
      </span>
    ),
  },
  { name: 'Value', cell: (setting) => <Value setting={setting} /> },
  { name: 'Source', cell: ({ source }) => (source === 'none' ? <span className="text-dim">not set</span> : source) },
];

function Value({ setting: { value, isSecret, isSet, unit } }: { setting: Setting }) {
  if (isSecret) return <span className="text-dim">{isSet ? 'a secret' : '–'}</span>;
  if (value === undefined) return <span className="text-dim">–</span>;
  return (
    <span className="break-all">
      <Text>{value}</Text> {unit}
    </span>
  );
}
