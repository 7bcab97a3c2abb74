// An errand that is created again and again.
import type { Inputs } from '@errand/client/console';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { Field, TextInput } from '../controls/field.tsx';
import { toast } from '../controls/toast.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { At } from '../display/time.tsx';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';

export type ScheduledRun = Inputs['schedules']['create']['run'];

/** Asks when to create the errand, and shows the next times before it is saved. */
export function ScheduleDialog({ run, onClose }: { run: ScheduledRun; onClose: () => void }) {
  const client = useClient();
  const [name, setName] = useState(run.intent.slice(0, 100));
  const [cron, setCron] = useState('0 9 * * 1');
  const [timeZone, setTimeZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const create = useMutation({
    mutationFn: () => client.schedules.create.mutate({ name, cron, timeZone, run }),
    onSuccess: () => {
      toast('The schedule is saved.');
      onClose();
    },
  });
  return (
    <Dialog title="Schedule this errand" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field label="Name">
          {(control) => (
            <TextInput
              {...control}
              required
              maxLength={100}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label="Times" hint="Minute, hour, day of the month, month, day of the week, as in cron.">
          {(control) => (
            <TextInput
              {...control}
              required
              className="font-mono"
              value={cron}
              onChange={({ target }) => setCron(target.value)}
            />
          )}
        </Field>
        <Field label="Time zone">
          {(control) => (
            <TextInput {...control} required value={timeZone} onChange={({ target }) => setTimeZone(target.value)} />
          )}
        </Field>
        <NextTimes cron={cron} timeZone={timeZone} />
        {create.error && <ProblemNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent" isBusy={create.isPending}>
            Save the schedule
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

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
