import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { Field, TextArea } from '../../controls/field.tsx';
import { ScheduleDialog } from '../../keep/schedule-dialog.tsx';
import { UserField } from '../../manage/user-field.tsx';
import { useWorkspaceId } from '../../session/workspace.tsx';

/** Asks for the errand, then for its times. */
export function NewScheduleDialog({ onClose }: { onClose: () => void }) {
  const workspaceId = useWorkspaceId();
  const [intent, setIntent] = useState('');
  const [userId, setUserId] = useState('');
  const [isDescribed, setDescribed] = useState(false);
  const run = {
    intent: intent.trim(),
    userId: userId.trim(),
    selectedCustomerIntegrationIds: ['*'],
    approvalStrategy: 'ON_WRITE' as const,
  };
  if (isDescribed) return <ScheduleDialog run={run} onClose={onClose} />;
  return (
    <Dialog title="New schedule" onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          setDescribed(run.intent !== '' && run.userId !== '');
        }}
      >
        <Field label="Intent" hint="The errand to create each time, in one or more sentences.">
          {(control) => (
            <TextArea
              {...control}
              data-first-focus
              required
              rows={3}
              maxLength={10_000}
              value={intent}
              onChange={({ target }) => setIntent(target.value)}
            />
          )}
        </Field>
        <UserField userId={userId} onChange={setUserId} />
        <p className="text-dim">
          It may use all integrations, and a person approves each write. For other settings, or a preview, begin with a{' '}
          <Link to="/w/$workspaceId/new" params={{ workspaceId }} className="text-accent underline">
            new errand
          </Link>{' '}
          and choose “Schedule…”.
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="accent">
            Choose the times
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
