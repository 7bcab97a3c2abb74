// What an operator can do with a workspace.
import type { Outputs } from '@errand/client/console';
import { type ReactNode, useState } from 'react';
import { Field, TextInput } from '../../controls/field.tsx';
import { NameField } from '../../controls/name-field.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { sessionClient } from '../../session/clients.ts';

export type Workspace = Outputs['workspaces']['list']['workspaces'][number];
export type WorkspaceDialogName = 'limits' | 'access' | 'rename' | 'suspend' | 'resume' | 'delete';
type DialogProps = { workspace: Workspace; onClose: () => void };

const REFRESH = [['workspaces'], ['session']];

export const LIMITS = [
  { field: 'requestsPerMinute', name: 'Requests in a minute' },
  { field: 'runs', name: 'Errands that run at once' },
  { field: 'streams', name: 'Open streams' },
  { field: 'integrations', name: 'Integrations' },
] as const;

function LimitsDialog({ workspace: { workspaceId, name, limits }, onClose }: DialogProps) {
  const [texts, setTexts] = useState<Record<string, string>>(() =>
    Object.fromEntries(LIMITS.map(({ field }) => [field, limits[field]?.toString() ?? ''])),
  );
  const limitOf = (text: string | undefined) => (text === undefined || text === '' ? null : Number(text));
  const input = {
    workspaceId,
    ...Object.fromEntries(LIMITS.map(({ field }) => [field, limitOf(texts[field])])),
  } as Parameters<typeof sessionClient.workspaces.setLimits.mutate>[0];
  return (
    <FormDialog
      title={`Limits of ${name}`}
      verb="Save"
      act={() => sessionClient.workspaces.setLimits.mutate(input)}
      done="The limits are saved. All processes apply them within ten seconds."
      refresh={REFRESH}
      onClose={onClose}
    >
      <p className="text-dim">Empty: the limit of the instance applies. A lower limit ends nothing that runs.</p>
      {LIMITS.map(({ field, name: label }, index) => (
        <Field key={field} label={label}>
          {(control) => (
            <TextInput
              {...control}
              {...(index === 0 && { 'data-first-focus': true })}
              inputMode="numeric"
              pattern="[0-9]*"
              title="A whole number"
              value={texts[field] ?? ''}
              onChange={({ target }) => setTexts({ ...texts, [field]: target.value })}
            />
          )}
        </Field>
      ))}
    </FormDialog>
  );
}

/** The first administrator, or the first key, of a workspace that has none. */
function AccessDialog({ workspace: { workspaceId, name }, onClose }: DialogProps) {
  const [person, setPerson] = useState('');
  const [secret, setSecret] = useState<{ text: string; name: string }>();
  if (secret)
    return (
      <ClosingDialog title={`First access to ${name}`} onClose={onClose}>
        <SecretOnce secret={secret.text} name={secret.name} />
      </ClosingDialog>
    );
  return (
    <FormDialog
      title={`First access to ${name}`}
      verb={person === '' ? 'Make the first key' : 'Make the link'}
      act={async () => {
        if (person === '') {
          const { key } = await sessionClient.workspaces.createKey.mutate({ workspaceId });
          return { text: key, name: 'the key' };
        }
        const { link } = await sessionClient.workspaces.inviteAdministrator.mutate({ workspaceId, name: person });
        return { text: link, name: 'the link' };
      }}
      refresh={REFRESH}
      onClose={onClose}
      onDone={setSecret}
    >
      <p>
        Only for a workspace that has no administrator, or no valid key. A workspace that is in use gives access itself.
      </p>
      <Field label="Name of the first administrator" hint="Empty: makes the first key instead, with all scopes.">
        {(control) => (
          <TextInput
            {...control}
            data-first-focus
            maxLength={100}
            value={person}
            onChange={({ target }) => setPerson(target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function RenameDialog({ workspace: { workspaceId, name: current }, onClose }: DialogProps) {
  const [name, setName] = useState(current);
  return (
    <FormDialog
      title={`Rename ${current}`}
      verb="Rename"
      act={() => sessionClient.workspaces.rename.mutate({ workspaceId, name })}
      done="The workspace is renamed."
      refresh={REFRESH}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

const SuspendDialog = ({ workspace: { workspaceId, name }, onClose }: DialogProps) => (
  <ConfirmDialog
    title={`Suspend ${name}`}
    verb="Suspend"
    act={() => sessionClient.workspaces.suspend.mutate({ workspaceId })}
    done={`${name} is suspended.`}
    refresh={REFRESH}
    onClose={onClose}
  >
    <p>
      Its keys, sessions, streams, schedules and links stop within 30 seconds. Calls of errands that have begun are
      completed. Nothing is deleted.
    </p>
  </ConfirmDialog>
);

const ResumeDialog = ({ workspace: { workspaceId, name }, onClose }: DialogProps) => (
  <ConfirmDialog
    title={`Resume ${name}`}
    verb="Resume"
    look="accent"
    act={() => sessionClient.workspaces.resume.mutate({ workspaceId })}
    done={`${name} works again.`}
    refresh={REFRESH}
    onClose={onClose}
  >
    <p>Its keys, sessions and schedules work again.</p>
  </ConfirmDialog>
);

const DeleteDialog = ({ workspace: { workspaceId, name }, onClose }: DialogProps) => (
  <ConfirmDialog
    title={`Delete ${name}`}
    verb="Delete"
    typed={name}
    act={() => sessionClient.workspaces.delete.mutate({ workspaceId, name })}
    done={`${name} is being deleted.`}
    refresh={REFRESH}
    onClose={onClose}
  >
    <p>
      Deletes its keys, members, credentials, integrations, errands and usage. It cannot be undone. Only its audit log
      is kept.
    </p>
  </ConfirmDialog>
);

const DIALOGS: Readonly<Record<WorkspaceDialogName, (props: DialogProps) => ReactNode>> = {
  limits: LimitsDialog,
  access: AccessDialog,
  rename: RenameDialog,
  suspend: SuspendDialog,
  resume: ResumeDialog,
  delete: DeleteDialog,
};

export function WorkspaceDialog({ name, ...rest }: DialogProps & { name: WorkspaceDialogName }) {
  const Opened = DIALOGS[name];
  return <Opened {...rest} />;
}
