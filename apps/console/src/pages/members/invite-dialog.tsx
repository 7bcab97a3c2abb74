import { type Role, roleLabels, scopeLabels, scopesOfRole } from '@errand/contracts/labels';
import { useState } from 'react';
import { NameField } from '../../controls/name-field.tsx';
import { Ago } from '../../display/time.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { useClient } from '../../session/workspace.tsx';

const ROLES = Object.keys(roleLabels) as Role[];

/** Asks for a name and a role, then shows the link once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('decider');
  const [created, setCreated] = useState<{ link: string; expiresAt: string }>();
  if (created)
    return (
      <ClosingDialog title={`Invitation of ${name}`} onClose={onClose}>
        <SecretOnce secret={created.link} name="the link" />
        <p>
          Send the link to the person: Errand sends no mail. It works once, and ends <Ago at={created.expiresAt} />.
        </p>
      </ClosingDialog>
    );
  return (
    <FormDialog
      title="Invite a person"
      verb="Make the link"
      act={() => client.members.invite.mutate({ name, role })}
      refresh={[['invitations']]}
      onClose={onClose}
      onDone={setCreated}
    >
      <NameField label="Name of the person" value={name} onChange={setName} />
      <fieldset className="flex flex-col gap-1">
        <legend className="font-semibold">Role</legend>
        {ROLES.map((each) => (
          <label key={each} className="flex items-start gap-2 py-0.5">
            <input type="radio" name="role" className="mt-1" checked={role === each} onChange={() => setRole(each)} />
            <span>
              <span className="font-semibold">{roleLabels[each]}</span>: may{' '}
              {scopesOfRole[each].map((scope) => scopeLabels[scope]).join('; ')}.
            </span>
          </label>
        ))}
      </fieldset>
    </FormDialog>
  );
}
