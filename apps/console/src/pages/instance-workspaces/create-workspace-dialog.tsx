import { useState } from 'react';
import { Field, TextInput } from '../../controls/field.tsx';
import { NameField } from '../../controls/name-field.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { sessionClient } from '../../session/clients.ts';

type Created = { key?: string | undefined; invitation?: string | undefined };

/** Makes a workspace with its first access, which is shown once. */
export function CreateWorkspaceDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [administrator, setAdministrator] = useState('');
  const [withKey, setWithKey] = useState(false);
  const [created, setCreated] = useState<Created>();
  if (created)
    return (
      <ClosingDialog title={`${name} is created`} onClose={onClose}>
        {created.invitation !== undefined && <SecretOnce secret={created.invitation} name="the link" />}
        {created.key !== undefined && (
          <SecretOnce secret={created.key} name="the first key" variable="ERRAND_API_KEY" />
        )}
        {created.invitation === undefined && created.key === undefined && (
          <p>Nobody has access yet. Give a first administrator or a first key by “First access”.</p>
        )}
      </ClosingDialog>
    );
  return (
    <FormDialog
      title="New workspace"
      verb="Create"
      act={() =>
        sessionClient.workspaces.create.mutate({ name, withKey, ...(administrator !== '' && { administrator }) })
      }
      refresh={[['workspaces'], ['session']]}
      onClose={onClose}
      onDone={setCreated}
    >
      <NameField value={name} onChange={setName} />
      <Field label="First administrator" hint="The name of a person. You get a link to send.">
        {(control) => (
          <TextInput
            {...control}
            maxLength={100}
            value={administrator}
            onChange={({ target }) => setAdministrator(target.value)}
          />
        )}
      </Field>
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          className="mt-1"
          checked={withKey}
          onChange={({ target }) => setWithKey(target.checked)}
        />
        Also make a first API key with all scopes
      </label>
    </FormDialog>
  );
}
