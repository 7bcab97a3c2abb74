import { approvalStrategyLabels } from '@errand/contracts/labels';
import { type ReactNode, useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Field, Select } from '../../controls/field.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import type { BulkAct } from '../../manage/bulk/bulk-job.ts';
import type { Run } from './live-runs.ts';
import { useRepeatedWrites } from './rerun-plans.ts';

type Mode = Extract<BulkAct, { kind: 'rerun' }>['mode'];
type Strategy = keyof typeof approvalStrategyLabels;

const MODES: Readonly<Record<Mode, { label: string; consequence: string }>> = {
  same_plan: { label: 'The same plans', consequence: 'All steps run again, without planning.' },
  new_plan: { label: 'New plans', consequence: 'Each errand is planned again.' },
};

type RerunRunsDialogProps = {
  runs: readonly Run[];
  /** Selected errands that are not among them, and why. */
  leftOut: string | undefined;
  onRerun: (act: BulkAct) => void;
  onClose: () => void;
};

/** Asks before several errands run again, with what they may repeat. */
export function RerunRunsDialog({ runs, leftOut, onRerun, onClose }: RerunRunsDialogProps) {
  const [mode, setMode] = useState<Mode>('same_plan');
  const [strategy, setStrategy] = useState<Strategy | ''>('');
  const act: BulkAct = { kind: 'rerun', mode, ...(strategy !== '' && { approvalStrategy: strategy }) };
  const name = `Rerun ${runs.length} ${runs.length === 1 ? 'errand' : 'errands'}`;
  return (
    <Dialog title={`${name}?`} onClose={onClose} isWide>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          onRerun(act);
        }}
      >
        {leftOut !== undefined && <p className="text-dim">{leftOut}</p>}
        <fieldset className="grid gap-2 sm:grid-cols-2">
          <legend className="sr-only">How to rerun</legend>
          {(Object.keys(MODES) as Mode[]).map((each) => (
            <label key={each} className="flex gap-2 rounded-lg border border-line p-3 has-checked:border-accent">
              <input
                type="radio"
                name="mode"
                className="mt-1 self-start"
                checked={mode === each}
                onChange={() => setMode(each)}
              />
              <span>
                <span className="block font-semibold">{MODES[each].label}</span>
                <span className="text-dim">{MODES[each].consequence}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Field
          label="People approve"
          hint={strategy === '' ? 'Each errand asks as it did before.' : approvalStrategyLabels[strategy].consequence}
        >
          {(control) => (
            <Select {...control} value={strategy} onChange={({ target }) => setStrategy(target.value as Strategy | '')}>
              <option value="">As before</option>
              {Object.entries(approvalStrategyLabels).map(([each, { label }]) => (
                <option key={each} value={each}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Repeated runs={runs} mode={mode} />
        <div className="flex flex-wrap justify-end gap-2">
          <CodeButton
            title="Rerun several errands from code"
            operation="runs.rerunMany"
            input={{
              runIds: runs.map(({ runId }) => runId),
              mode,
              ...(strategy !== '' && { approvalStrategy: strategy }),
            }}
          />
          <Button data-first-focus onClick={onClose}>
            Back
          </Button>
          <Button type="submit" look="accent">
            {name}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const MAX_TITLES = 10;

/** What may be written again. The box keeps its height while the plans are read. */
function Repeated({ runs, mode }: { runs: readonly Run[]; mode: Mode }) {
  const { data, error, refetch } = useRepeatedWrites(runs, mode === 'same_plan');
  if (mode === 'new_plan')
    return (
      <Box>The new plans may write, also what was written before. Their calls are not known before they are made.</Box>
    );
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <Box>Reading the plans…</Box>;
  const { writers, titles, withoutPlan } = data;
  return (
    <Box>
      <p className={writers > 0 ? 'font-semibold text-write' : 'text-dim'}>
        {writers === 0
          ? 'None of the plans writes.'
          : `${writers} of the ${runs.length} may write again what they wrote before:`}
      </p>
      <ul className="list-disc pl-5">
        {titles.slice(0, MAX_TITLES).map(([title, errands]) => (
          <li key={title} className="break-words">
            <Text>{title}</Text> <span className="text-dim">({errands})</span>
          </li>
        ))}
      </ul>
      {titles.length > MAX_TITLES && <p className="text-dim">and {titles.length - MAX_TITLES} other operations</p>}
      {withoutPlan > 0 && (
        <p className="text-dim">{withoutPlan} without a plan will be refused: there is nothing to repeat.</p>
      )}
    </Box>
  );
}

const Box = ({ children }: { children: ReactNode }) => (
  <section aria-label="What may be repeated" className="min-h-20 rounded-lg border border-line p-3">
    {children}
  </section>
);
