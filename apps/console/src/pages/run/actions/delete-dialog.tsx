import { useNavigate } from '@tanstack/react-router';
import { ConfirmDialog } from '../../../manage/confirm-dialog.tsx';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';

/** Asks before an errand that has ended is deleted with everything of it. */
export function DeleteDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const client = useClient();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  return (
    <ConfirmDialog
      title="Delete this errand?"
      verb="Delete"
      act={() => client.runs.delete.mutate({ runId })}
      done="The errand is deleted."
      refresh={[]}
      onClose={onClose}
      onDone={() => void navigate({ to: '/w/$workspaceId/runs', params: { workspaceId } })}
    >
      <p>
        Its plan, calls, events, result, decisions, feedback and webhook deliveries are deleted with it. This cannot be
        undone. What it wrote at services stays written. Usage and the audit log keep their entries.
      </p>
    </ConfirmDialog>
  );
}
