import { CodeDialog } from '../../../code/code-dialog.tsx';
import { KeepActionDialog } from '../../../keep/keep-action-dialog.tsx';
import { ScheduleDialog } from '../../../keep/schedule-dialog.tsx';
import { useMay } from '../../../session/workspace.tsx';
import type { Plan, Run } from '../log/phases.ts';
import { CancelDialog } from './cancel-dialog.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { RerunDialog } from './rerun-dialog.tsx';
import { bodyOf, requestFor } from './run-request.ts';

export type RunDialogName = 'rerun' | 'cancel' | 'delete' | 'code' | 'keep' | 'schedule';

type RunDialogProps = {
  name: RunDialogName;
  run: Run;
  plan: Plan | undefined;
  step: string | undefined;
  onClose: () => void;
};

export function RunDialog({ name, run, plan, step, onClose }: RunDialogProps) {
  const may = useMay('runs:write');
  if (name === 'code')
    return (
      <CodeDialog
        title="Create this errand from code"
        request={requestFor(run)}
        note="Each call creates another errand."
        onClose={onClose}
      />
    );
  if (!may) return null;
  if (name === 'keep') return <KeepActionDialog runId={run.runId} onClose={onClose} />;
  if (name === 'schedule') return <ScheduleDialog run={bodyOf(run)} onClose={onClose} />;
  if (name === 'cancel') return <CancelDialog runId={run.runId} onClose={onClose} />;
  if (name === 'delete') return <DeleteDialog runId={run.runId} onClose={onClose} />;
  return <RerunDialog run={run} plan={plan} firstStep={step} onClose={onClose} />;
}
