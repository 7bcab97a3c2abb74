// Reruns an errand: as it was, with a new plan, or from a step. The writes are shown before.
import type { Inputs } from '@errand/client/console';
import { approvalStrategyLabels } from '@errand/contracts/labels';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { Field, Select, TextArea } from '../../../controls/field.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import type { Plan, Run } from '../log/phases.ts';
import { RerunSteps } from './rerun-steps.tsx';

type Mode = 'same' | 'from' | 'new';
type Strategy = Run['approvalStrategy'];

const MODES: Readonly<Record<Mode, { label: string; consequence: string }>> = {
  same: { label: 'The same plan', consequence: 'All steps run again, without planning.' },
  from: { label: 'From a step', consequence: 'Earlier steps keep their outputs and are not called again.' },
  new: { label: 'A new plan', consequence: 'It is planned again; you can change the goal.' },
};

type RerunDialogProps = { run: Run; plan: Plan | undefined; firstStep: string | undefined; onClose: () => void };

export function RerunDialog({ run, plan, firstStep, onClose }: RerunDialogProps) {
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const client = useClient();
  const hasPlan = plan !== undefined;
  const isEnded = run.endedAt !== undefined;
  const [mode, setMode] = useState<Mode>(hasPlan ? 'same' : 'new');
  const [from, setFrom] = useState(firstStep ?? plan?.steps[0]?.stepId ?? '');
  const [intent, setIntent] = useState(run.intent);
  const [strategy, setStrategy] = useState<Strategy>(run.approvalStrategy);
  // A second click, or an answer that was lost, makes no second errand.
  const [idempotencyKey] = useState(randomKey);
  const rerun = useMutation({
    mutationFn: () => client.runs.rerun.mutate({ ...inputOf({ mode, from, intent, strategy, run }), idempotencyKey }),
    onSuccess: ({ runId }) => {
      onClose();
      void navigate({ to: '/w/$workspaceId/runs/$runId', params: { workspaceId, runId } });
    },
  });
  const offReasons: Partial<Record<Mode, string>> = {
    ...(hasPlan ? {} : { same: 'There is no plan to repeat.', from: 'There is no plan to repeat.' }),
    ...(isEnded ? {} : { from: 'Only an ended errand can rerun from a step.' }),
  };
  return (
    <Dialog title="Rerun this errand" onClose={onClose} isWide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          rerun.mutate();
        }}
      >
        <ModeChoice mode={mode} onChange={setMode} offReasons={offReasons} />
        {mode === 'from' && <StepChoice plan={plan} value={from} onChange={setFrom} />}
        {mode === 'new' && (
          <Field label="Goal">
            {(control) => (
              <TextArea
                {...control}
                rows={3}
                maxLength={10_000}
                required
                value={intent}
                onChange={({ target }) => setIntent(target.value)}
              />
            )}
          </Field>
        )}
        <StrategyChoice value={strategy} onChange={setStrategy} />
        <Consequences mode={mode} run={run} plan={plan} from={from} strategy={strategy} />
        {rerun.error && <ProblemNote error={rerun.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent" isBusy={rerun.isPending}>
            Rerun
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Choice = { mode: Mode; from: string; intent: string; strategy: Strategy; run: Run };

function inputOf({ mode, from, intent, strategy, run }: Choice): Inputs['runs']['rerun'] {
  const approval = strategy === run.approvalStrategy ? {} : { approvalStrategy: strategy };
  const base = { runId: run.runId, ...approval };
  if (mode === 'new')
    return { ...base, mode: 'new_plan', ...(intent.trim() === run.intent ? {} : { intent: intent.trim() }) };
  return { ...base, mode: 'same_plan', ...(mode === 'from' ? { from } : {}) };
}

type ModeChoiceProps = { mode: Mode; onChange: (mode: Mode) => void; offReasons: Partial<Record<Mode, string>> };

const ModeChoice = ({ mode, onChange, offReasons }: ModeChoiceProps) => (
  <fieldset className="grid gap-2 sm:grid-cols-3">
    <legend className="sr-only">How to rerun</legend>
    {(['same', 'from', 'new'] as const).map((each) => (
      <label
        key={each}
        className="flex gap-2 rounded-lg border border-line p-3 has-checked:border-accent has-disabled:opacity-60"
      >
        <input
          type="radio"
          name="mode"
          className="mt-1 self-start"
          checked={mode === each}
          disabled={offReasons[each] !== undefined}
          onChange={() => onChange(each)}
        />
        <span>
          <span className="block font-semibold">{MODES[each].label}</span>
          <span className="text-dim">{offReasons[each] ?? MODES[each].consequence}</span>
        </span>
      </label>
    ))}
  </fieldset>
);

type StepChoiceProps = { plan: Plan | undefined; value: string; onChange: (stepId: string) => void };

const StepChoice = ({ plan, value, onChange }: StepChoiceProps) => (
  <Field label="First step that runs again">
    {(control) => (
      <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
        {plan?.steps.map(({ stepId, title }, index) => (
          <option key={stepId} value={stepId}>
            {index + 1}. {title}
          </option>
        ))}
      </Select>
    )}
  </Field>
);

const StrategyChoice = ({ value, onChange }: { value: Strategy; onChange: (strategy: Strategy) => void }) => (
  <Field label="People approve" hint={approvalStrategyLabels[value].consequence}>
    {(control) => (
      <Select {...control} value={value} onChange={({ target }) => onChange(target.value as Strategy)}>
        {Object.entries(approvalStrategyLabels).map(([strategy, { label }]) => (
          <option key={strategy} value={strategy}>
            {label}
          </option>
        ))}
      </Select>
    )}
  </Field>
);

type ConsequencesProps = { mode: Mode; run: Run; plan: Plan | undefined; from: string; strategy: Strategy };

function Consequences({ mode, run, plan, from, strategy }: ConsequencesProps): ReactNode {
  const client = useClient();
  const { runId } = run;
  const { data, error } = useQuery({
    queryKey: ['rerun preview', useWorkspaceId(), runId, from, strategy],
    queryFn: ({ signal }) => client.runs.previewRerun.query({ runId, from, approvalStrategy: strategy }, { signal }),
    enabled: mode === 'from' && from !== '',
  });
  if (mode === 'new')
    return <p className="text-dim">The new plan may write. Its calls are not known before it is made.</p>;
  if (mode === 'same') return <RerunSteps runsAgain={plan?.steps ?? []} takenOver={[]} />;
  if (error) return <ProblemNote error={error} />;
  return data ? <RerunSteps {...data} /> : <div className="h-24" />;
}
