import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Field, Select, TextArea } from '../../controls/field.tsx';
import { parseJson } from '../../decide/form/json.ts';
import type { Schema } from '../../decide/form/resolve.ts';
import { ValueText } from '../../decide/form/value-text.tsx';
import { Text } from '../../display/text.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { useClient } from '../../session/workspace.tsx';
import { choicesOf, type InputChoice, schemaWith } from './input-choice.ts';
import { type Action, AFTER_CHANGE } from './use-action.ts';

const CHOICES: Readonly<Record<InputChoice, string>> = {
  fixed: 'fixed',
  required: 'an input',
  optional: 'an input that may be left out',
};

/** Chooses the inputs of an action, and the shape of its output. */
export function ChangeDialog({ action, onClose }: { action: Action; onClose: () => void }) {
  const client = useClient();
  const [choices, setChoices] = useState(() => choicesOf(action));
  const [isDerived, setDerived] = useState(action.useDefaultMapping);
  const stored = action.outputSchema === undefined ? '' : JSON.stringify(action.outputSchema, null, 2);
  const [output, setOutput] = useState(stored);
  const parsed = output.trim() === '' ? undefined : parseJson(output);
  const input = {
    key: action.key,
    inputSchema: isDerived ? null : schemaWith(action, choices),
    ...(output !== stored && {
      outputSchema: parsed?.fault === undefined ? ((parsed?.value ?? null) as Schema | null) : null,
    }),
  };
  const act = () => {
    if (parsed?.fault !== undefined) throw new Error(parsed.fault);
    return client.actions.change.mutate(input);
  };
  return (
    <FormDialog
      title={`Change ${action.key}`}
      verb="Save"
      act={async () => act()}
      done="The action is changed."
      refresh={AFTER_CHANGE}
      onClose={onClose}
      onDone={onClose}
      isWide
      actions={<CodeButton title="Change the action from code" operation="actions.change" input={input} />}
    >
      <InputFields
        action={action}
        choices={choices}
        isDerived={isDerived}
        onChange={(next) => {
          setChoices(next);
          setDerived(false);
        }}
        onDerive={() => setDerived(true)}
      />
      <Field label="Shape of the output, as a JSON Schema" hint="Empty: any shape." error={parsed?.fault}>
        {(control) => (
          <TextArea
            {...control}
            rows={6}
            spellCheck={false}
            className="font-mono text-sm"
            value={output}
            onChange={({ target }) => setOutput(target.value)}
          />
        )}
      </Field>
      <p className="text-dim">You become the owner of the action; a paused action becomes active.</p>
    </FormDialog>
  );
}

type InputFieldsProps = {
  action: Action;
  choices: Readonly<Record<string, InputChoice>>;
  isDerived: boolean;
  onChange: (choices: Record<string, InputChoice>) => void;
  onDerive: () => void;
};

function InputFields({ action: { values }, choices, isDerived, onChange, onDerive }: InputFieldsProps) {
  if (values.length === 0) return <p>The plan has no value that can be an input: it always does the same.</p>;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-semibold">Values of the plan</legend>
      {values.map(({ name, title, value }) => (
        <div key={name} className="grid items-center gap-x-3 sm:grid-cols-[minmax(0,1fr)_minmax(0,240px)]">
          <span className="min-w-0 break-words">
            <Text>{title}</Text> <code className="font-mono text-sm text-dim">{name}</code>
            <span className="block text-sm text-dim">
              <ValueText value={value} />
            </span>
          </span>
          <Select
            aria-label={`${title} is`}
            value={choices[name] ?? 'fixed'}
            onChange={({ target }) => onChange({ ...choices, [name]: target.value as InputChoice })}
          >
            {Object.entries(CHOICES).map(([choice, text]) => (
              <option key={choice} value={choice}>
                {text}
              </option>
            ))}
          </Select>
        </div>
      ))}
      {isDerived ? (
        <p className="text-dim">The inputs and their types follow from the plan.</p>
      ) : (
        <Button look="quiet" className="self-start" onClick={onDerive}>
          Use the inputs that follow from the plan
        </Button>
      )}
    </fieldset>
  );
}
