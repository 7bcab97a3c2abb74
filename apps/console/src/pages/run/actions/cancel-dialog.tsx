import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from '../../../controls/button.tsx';
import { Dialog } from '../../../controls/dialog.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import { runKey } from '../log/use-run.ts';

/** Asks before an errand is canceled. */
export function CancelDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const queryKey = runKey(useWorkspaceId(), runId);
  const cancel = useMutation({
    mutationFn: () => client.runs.cancel.mutate({ runId }),
    onSuccess: (run) => {
      if ('intent' in run) queries.setQueryData(queryKey, run);
      onClose();
    },
    onError: () => queries.refetchQueries({ queryKey }),
  });
  return (
    <Dialog title="Cancel this errand?" onClose={onClose}>
      <p>
        Calls that run at this moment are aborted, and open requests to people are withdrawn. What was written stays
        written.
      </p>
      {cancel.error && (
        <div className="mt-3">
          <ProblemNote error={cancel.error} />
        </div>
      )}
      <div className="mt-4 flex justify-end gap-2">
        <Button data-first-focus onClick={onClose}>
          Let it go on
        </Button>
        <Button look="danger" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel the errand
        </Button>
      </div>
    </Dialog>
  );
}
