import { type Scope, scopeLabels } from '@errand/contracts/labels';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Field, Select, TextInput } from '../../controls/field.tsx';
import { NameField } from '../../controls/name-field.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { useClient } from '../../session/workspace.tsx';
import { KEY_VARIABLE } from './key-dialogs.tsx';

const DAY_MS = 86_400_000;
const LIFETIMES = [
  ['', 'until it is revoked'],
  ['30', 'for 30 days'],
  ['90', 'for 90 days'],
  ['365', 'for a year'],
] as const;
const ALL_SCOPES = Object.keys(scopeLabels) as Scope[];
const FIRST_SCOPES: Scope[] = ['runs:read', 'runs:write'];

/** Asks what the key is for and may do, then shows the key once. */
export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly Scope[]>(FIRST_SCOPES);
  const [days, setDays] = useState('');
  const [product, setProduct] = useState('');
  const [key, setKey] = useState<string>();
  if (key !== undefined) return <CreatedKey name={name} secret={key} onClose={onClose} />;
  const input = {
    name,
    scopes: [...scopes],
    ...(product !== '' && { product }),
    ...(days !== '' && { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
  };
  return (
    <FormDialog
      title="New API key"
      verb="Create the key"
      act={() => client.apiKeys.create.mutate(input)}
      refresh={[['keys']]}
      onClose={onClose}
      onDone={(created) => setKey(created.key)}
      actions={
        <CodeButton
          title="Create a key from code"
          operation="apiKeys.create"
          input={input}
          note="Each call creates another key."
        />
      }
    >
      <NameField hint="The program that uses the key, for example billing service." value={name} onChange={setName} />
      <Scopes chosen={scopes} onChange={setScopes} />
      <Field
        label="Product"
        hint="For a key of a product that names its own persons. All keys of a product name the same persons. Lower-case letters, digits and hyphens."
      >
        {(control) => (
          <TextInput
            {...control}
            maxLength={40}
            required={scopes.includes('persons:claim')}
            value={product}
            onChange={({ target }) => setProduct(target.value)}
          />
        )}
      </Field>
      <Field label="Valid">
        {(control) => (
          <Select {...control} value={days} onChange={({ target }) => setDays(target.value)}>
            {LIFETIMES.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </FormDialog>
  );
}

type ScopesProps = { chosen: readonly Scope[]; onChange: (scopes: readonly Scope[]) => void };

function Scopes({ chosen, onChange }: ScopesProps) {
  const toggle = (scope: Scope) =>
    onChange(chosen.includes(scope) ? chosen.filter((each) => each !== scope) : [...chosen, scope]);
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="font-semibold">The key may</legend>
      {ALL_SCOPES.map((scope) => (
        <label key={scope} className="flex items-start gap-2 py-0.5">
          <input type="checkbox" className="mt-1" checked={chosen.includes(scope)} onChange={() => toggle(scope)} />
          <span>
            {scopeLabels[scope]} <code className="font-mono text-sm text-dim">{scope}</code>
          </span>
        </label>
      ))}
      {chosen.includes('admin') && (
        <p className="text-sm text-wait">
          <code className="font-mono">admin</code> includes all other scopes except{' '}
          <code className="font-mono">persons:claim</code>. Give it to few programs.
        </p>
      )}
    </fieldset>
  );
}

const CreatedKey = ({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }) => (
  <ClosingDialog title={`The key of ${name}`} onClose={onClose}>
    <SecretOnce secret={secret} name="the key" variable={KEY_VARIABLE} />
  </ClosingDialog>
);
