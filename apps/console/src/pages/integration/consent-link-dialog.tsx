import { useId, useState } from 'react';
import { Field, TextInput } from '../../controls/field.tsx';
import { copy } from '../../display/copy-button.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { UserOptions } from '../../session/user-options.tsx';
import { useClient } from '../../session/workspace.tsx';
import { AFTER_CHANGE } from './use-integration.ts';

type ConsentLinkDialogProps = { customerIntegrationId: string; userId: string | undefined; onClose: () => void };

/** Makes the link by which a user connects their account, and copies it. */
export function ConsentLinkDialog({ customerIntegrationId, userId = '', onClose }: ConsentLinkDialogProps) {
  const client = useClient();
  const [user, setUser] = useState(userId);
  const [link, setLink] = useState<string>();
  const listId = useId();
  return (
    <FormDialog
      title="Link to a consent"
      verb={link === undefined ? 'Make the link' : 'Copy the link'}
      act={async () =>
        link ?? (await client.integrations.authUrl.mutate({ customerIntegrationId, userId: user.trim() })).authorizeUrl
      }
      refresh={AFTER_CHANGE}
      onClose={onClose}
      onDone={(made) => {
        setLink(made);
        void copy(made);
      }}
    >
      <Field label="User" hint="The id of the user in your product, for whom errands run.">
        {(control) => (
          <TextInput
            {...control}
            data-first-focus
            required
            maxLength={255}
            list={listId}
            value={user}
            onChange={({ target }) => {
              setUser(target.value);
              setLink(undefined);
            }}
          />
        )}
      </Field>
      <UserOptions id={listId} text={user} />
      <p className="text-dim">
        A person who opens the link connects their own account to this user. Send it only to the user; it is valid for a
        day.
      </p>
      {link !== undefined && (
        <Field label="Link">
          {(control) => <TextInput {...control} readOnly value={link} onFocus={({ target }) => target.select()} />}
        </Field>
      )}
    </FormDialog>
  );
}
