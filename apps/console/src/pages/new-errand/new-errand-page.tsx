// A new errand: its form, a preview of what it would do, and its start.
import { useMutation } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { ScheduleDialog } from '../../keep/schedule-dialog.tsx';
import { useClient, useMay, useWorkspaceId } from '../../session/workspace.tsx';
import { ErrandForm } from './errand-form.tsx';
import { type CreateInput, EMPTY, type FormErrors, type FormValues, readForm } from './form-values.ts';
import { Preview } from './preview.tsx';
import { recallForm, rememberForm } from './remembered.ts';

export function NewErrandPage() {
  const search = useSearch({ from: '/w/$workspaceId/new' });
  const workspaceId = useWorkspaceId();
  const [values, setValues] = useState<FormValues>(() => ({ ...EMPTY, ...recallForm(workspaceId), ...search }));
  const [errors, setErrors] = useState<FormErrors>({});
  const [scheduled, setScheduled] = useState<CreateInput>();
  const client = useClient();
  const preflight = useMutation({ mutationFn: (input: CreateInput) => client.runs.preflight.mutate(input) });
  const start = useStart(values);
  useEffect(() => document.querySelector<HTMLElement>('form [data-first-focus]')?.focus(), []);
  const offBecause = useMay('runs:write') ? undefined : 'Your role may not create errands.';
  const withInput = (act: (input: CreateInput) => void) => () => {
    const { input, errors: found } = readForm(values);
    setErrors(found);
    if (input) act(input);
    else focusFirstError();
  };
  const change = (changed: Partial<FormValues>) => {
    setValues((before) => ({ ...before, ...changed }));
    // A preview of other words than those in the form would mislead.
    preflight.reset();
  };
  const preview = withInput((input) => preflight.mutate(input));
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8 xl:grid-cols-[minmax(0,480px)_minmax(0,1fr)]">
      <title>New errand · Errand</title>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          preview();
        }}
      >
        <h1 className="mb-4 text-xl font-semibold">New errand</h1>
        <ErrandForm values={values} errors={errors} onChange={change} onPreview={preview} />
        <div className="mt-4 flex flex-wrap gap-2">
          <Button type="submit" look="accent" isBusy={preflight.isPending} offBecause={offBecause}>
            Preview
          </Button>
          <Button isBusy={start.isPending} offBecause={offBecause} onClick={withInput((input) => start.mutate(input))}>
            Run without a preview
          </Button>
          <Button look="quiet" offBecause={offBecause} onClick={withInput(setScheduled)}>
            Schedule…
          </Button>
        </div>
        {start.error && <ProblemNote error={start.error} />}
      </form>
      <section aria-label="Preview" aria-live="polite" className="min-w-0">
        {preflight.isPending && <p className="text-dim">Planning. No call that changes anything is made.</p>}
        {preflight.error && <ProblemNote error={preflight.error} onRetry={preview} />}
        {preflight.data && (
          <Preview
            preflight={preflight.data}
            isStarting={start.isPending}
            onStart={withInput((input) => start.mutate({ ...input, plan: preflight.data?.plan }))}
          />
        )}
      </section>
      {scheduled && <ScheduleDialog run={scheduled} onClose={() => setScheduled(undefined)} />}
    </div>
  );
}

/** Creates the run once, however often the request is sent, and opens it. */
function useStart(values: FormValues) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (input: CreateInput) => client.runs.create.mutate({ ...input, idempotencyKey: crypto.randomUUID() }),
    onSuccess: ({ runId }) => {
      rememberForm(workspaceId, values);
      void navigate({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } });
    },
  });
}

function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('form [aria-invalid=true]')?.focus());
}
