import { useState } from 'react';
import { Field, TextArea, TextInput } from '../../controls/field.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { useClient } from '../../session/workspace.tsx';
import { AFTER_CHANGE, type Integration } from './use-integration.ts';

const NAMES: Readonly<Record<Exclude<Integration['authType'], 'NONE'>, string>> = {
  API_TOKEN: 'Token',
  BASIC: 'Password',
  OAUTH2: 'Client secret',
  CLIENT_CREDENTIALS: 'Client secret',
  AWS_ASSUME_ROLE: 'Secret access key',
  GOOGLE_SERVICE_ACCOUNT_OAUTH: 'JSON key file',
};

type SecretDialogProps = { integration: Integration; onClose: () => void };

/** Replaces the secret of the workspace, and nothing else. */
export function SecretDialog({ integration: { customerIntegrationId, authType, token }, onClose }: SecretDialogProps) {
  const client = useClient();
  const [secret, setSecret] = useState('');
  const [user, setUser] = useState('');
  const [accessKeyId, setAccessKeyId] = useState('');
  if (authType === 'NONE') return null;
  const credential = {
    secret,
    ...(authType === 'BASIC' && { user }),
    ...(accessKeyId !== '' && { accessKeyId }),
  };
  return (
    <FormDialog
      title="Replace the secret"
      verb="Replace"
      act={() => client.integrations.patch.mutate({ customerIntegrationId, credential })}
      done="The new secret is in use from the next call."
      refresh={AFTER_CHANGE}
      onClose={onClose}
      onDone={onClose}
    >
      {token === undefined && authType !== 'OAUTH2' && (
        <p className="rounded-lg border border-wait bg-wait-soft p-3">
          So far each user has a credential of their own. This one is used for all users without one.
        </p>
      )}
      {authType === 'BASIC' && (
        <Field label="User name">
          {(control) => (
            <TextInput
              {...control}
              required
              maxLength={1000}
              value={user}
              onChange={({ target }) => setUser(target.value)}
            />
          )}
        </Field>
      )}
      {authType === 'AWS_ASSUME_ROLE' && (
        <Field label="Access key id" hint="Empty: the stored one.">
          {(control) => (
            <TextInput
              {...control}
              maxLength={128}
              value={accessKeyId}
              onChange={({ target }) => setAccessKeyId(target.value)}
            />
          )}
        </Field>
      )}
      <Field label={NAMES[authType]} hint="It is stored sealed, and no page shows it again.">
        {(control) =>
          authType === 'GOOGLE_SERVICE_ACCOUNT_OAUTH' ? (
            <TextArea
              {...control}
              required
              rows={6}
              value={secret}
              onChange={({ target }) => setSecret(target.value)}
            />
          ) : (
            <TextInput
              {...control}
              type="password"
              autoComplete="new-password"
              data-first-focus
              required
              value={secret}
              onChange={({ target }) => setSecret(target.value)}
            />
          )
        }
      </Field>
    </FormDialog>
  );
}
