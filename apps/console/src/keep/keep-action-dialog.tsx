// An errand that is kept as an action: its plan under a key, run again without planning.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button, buttonClass } from '../controls/button.tsx';
import { Dialog } from '../controls/dialog.tsx';
import { NameField } from '../controls/name-field.tsx';
import { toast } from '../controls/toast.tsx';
import { ProblemNote } from '../display/problem-note.tsx';
import { useClient, useWorkspaceId } from '../session/workspace.tsx';

/** Asks for the key of the action. The values of the errand become its inputs. */
export function KeepActionDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const client = useClient();
  const queries = useQueryClient();
  const workspaceId = useWorkspaceId();
  const [key, setKey] = useState('');
  const keep = useMutation({
    mutationFn: () => client.actions.keep.mutate({ runId, key }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['actions'] });
      toast(`The action "${key}" is saved.`);
    },
  });
  const { data } = keep;
  return (
    <Dialog title="Keep as an action" onClose={onClose}>
      {data ? (
        <div className="flex flex-col gap-3">
          <p>It runs without planning, with other values for:</p>
          <ul className="list-disc pl-5">
            {data.values.map(({ name, title, bound }) => (
              <li key={name}>
                {title} <code className="font-mono text-sm text-dim">{name}</code>
                {!bound && ' (fixed)'}
              </li>
            ))}
            {data.values.length === 0 && <li>nothing: it always does the same.</li>}
          </ul>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Close</Button>
            <Link
              to="/w/$workspaceId/actions/$key"
              params={{ workspaceId, key: data.key }}
              className={buttonClass('accent')}
            >
              Open the action
            </Link>
          </div>
        </div>
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            keep.mutate();
          }}
        >
          <NameField
            label="Name of the action"
            hint="Lower-case letters, digits and hyphens, for example large-deals."
            value={key}
            onChange={setKey}
          />
          {keep.error && <ProblemNote error={keep.error} />}
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" look="accent" isBusy={keep.isPending}>
              Keep it
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
