// What can be done with a key.
import type { Outputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Field, Select } from '../../controls/field.tsx';
import { NameField } from '../../controls/name-field.tsx';
import { Ago } from '../../display/time.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { useClient } from '../../session/workspace.tsx';

export type ApiKey = Outputs['apiKeys']['list']['apiKeys'][number];
export type KeyDialogName = 'rename' | 'rotate' | 'revoke';
type KeyDialogProps = { apiKey: ApiKey; onClose: () => void };

const KEYS = [['keys']];
/** The variable that programs of the docs and of this console read. */
export const KEY_VARIABLE = 'ERRAND_API_KEY';

export function KeyDialog({ name, ...rest }: KeyDialogProps & { name: KeyDialogName }) {
  if (name === 'rename') return <RenameDialog {...rest} />;
  return name === 'rotate' ? <RotateDialog {...rest} /> : <RevokeDialog {...rest} />;
}

function RenameDialog({ apiKey: { apiKeyId, name: current }, onClose }: KeyDialogProps) {
  const client = useClient();
  const [name, setName] = useState(current);
  return (
    <FormDialog
      title={`Rename ${current}`}
      verb="Rename"
      act={() => client.apiKeys.rename.mutate({ apiKeyId, name })}
      done="The key is renamed."
      refresh={KEYS}
      onClose={onClose}
    >
      <NameField value={name} onChange={setName} />
    </FormDialog>
  );
}

const HOUR = 3600;
const OVERLAPS = [
  [0, 'now'],
  [HOUR, 'in an hour'],
  [24 * HOUR, 'in a day'],
  [7 * 24 * HOUR, 'in a week'],
  [30 * 24 * HOUR, 'in 30 days'],
] as const;

function RotateDialog({ apiKey: { apiKeyId, name, product }, onClose }: KeyDialogProps) {
  const client = useClient();
  const [overlapSeconds, setOverlap] = useState<number>(24 * HOUR);
  const [created, setCreated] = useState<{ key: string; oldEndsAt: string }>();
  if (created)
    return (
      <ClosingDialog title={`${name} is rotated`} onClose={onClose}>
        <SecretOnce secret={created.key} name="the new key" variable={KEY_VARIABLE} />
        <p>
          The old key ends <Ago at={created.oldEndsAt} />.
        </p>
      </ClosingDialog>
    );
  return (
    <FormDialog
      title={`Rotate ${name}`}
      verb="Rotate"
      act={() => client.apiKeys.rotate.mutate({ apiKeyId, overlapSeconds })}
      refresh={KEYS}
      onClose={onClose}
      onDone={({ key }) => setCreated({ key, oldEndsAt: new Date(Date.now() + overlapSeconds * 1000).toISOString() })}
      actions={
        <CodeButton
          title="Rotate the key from code"
          operation="apiKeys.rotate"
          input={{ apiKeyId, overlapSeconds }}
          note="Each call creates another key."
        />
      }
    >
      <p>
        A new key gets the same name, scopes{product !== undefined && ', product'} and lifetime. Both are valid until
        the old one ends.
      </p>
      <Field label="The old key ends">
        {(control) => (
          <Select
            {...control}
            data-first-focus
            value={overlapSeconds}
            onChange={({ target }) => setOverlap(Number(target.value))}
          >
            {OVERLAPS.map(([seconds, text]) => (
              <option key={seconds} value={seconds}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}

function RevokeDialog({ apiKey: { apiKeyId, name, prefix, last4 }, onClose }: KeyDialogProps) {
  const client = useClient();
  return (
    <ConfirmDialog
      title={`Revoke ${name}`}
      verb="Revoke"
      act={() => client.apiKeys.revoke.mutate({ apiKeyId })}
      done="The key is revoked."
      refresh={KEYS}
      onClose={onClose}
    >
      <p>
        Programs that use <code className="font-mono text-sm">{`${prefix}…${last4}`}</code> are refused within 30
        seconds, and its user tokens end. This cannot be undone. To replace the key without an interruption, rotate it.
      </p>
    </ConfirmDialog>
  );
}
