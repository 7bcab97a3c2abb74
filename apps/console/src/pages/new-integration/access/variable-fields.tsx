import { Field, Select, TextInput } from '../../../controls/field.tsx';
import { askedVariables, type Draft, kindOf, type VariableDraft, variablesIn } from '../draft.ts';

type Asked = {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
  example?: string | undefined;
  choices?: readonly string[] | undefined;
  fallback?: string | undefined;
  isSecret?: boolean | undefined;
  /** Whether users may give it. */
  mayBeOfUsers: boolean;
};

/** The variables that people give for a draft. */
function askedIn({ source, baseUrl }: Draft): Asked[] {
  if (source.from === 'catalog')
    return askedVariables(source.service).map((variable) => ({
      name: variable.name,
      title: variable.title,
      description: variable.description,
      example: variable.example,
      choices: variable.enum,
      fallback: variable.default,
      isSecret: variable.secret,
      mayBeOfUsers: variable.from === 'user',
    }));
  const names = kindOf(source) === 'openapi' ? variablesIn(baseUrl) : [];
  return names.map((name) => ({ name, mayBeOfUsers: true }));
}

type Variables = Draft['variables'];
type VariableFieldsProps = { draft: Draft; onChange: (variables: Variables) => void };

/** Values that differ by owner or by user, such as a part of the address. */
export function VariableFields({ draft, onChange }: VariableFieldsProps) {
  const asked = askedIn(draft);
  if (asked.length === 0) return null;
  return (
    <fieldset className="flex flex-col gap-4 rounded-lg border border-line p-3">
      <legend className="px-1 font-semibold">Values of your account</legend>
      {asked.map((variable) => (
        <VariableField
          key={variable.name}
          variable={variable}
          draft={draft.variables[variable.name] ?? { isOfUsers: false, value: '' }}
          onChange={(changed) => onChange({ ...draft.variables, [variable.name]: changed })}
        />
      ))}
    </fieldset>
  );
}

type VariableFieldProps = {
  variable: Asked;
  draft: VariableDraft;
  onChange: (draft: VariableDraft) => void;
};

function VariableField({ variable, draft: { isOfUsers, value }, onChange }: VariableFieldProps) {
  const { name, title = name, mayBeOfUsers } = variable;
  return (
    <div className="flex flex-col gap-2">
      {mayBeOfUsers && (
        <label className="flex items-center gap-1.5">
          <input
            type="checkbox"
            checked={isOfUsers}
            onChange={({ target }) => onChange({ isOfUsers: target.checked, value })}
          />
          Each user gives their own {title}
        </label>
      )}
      {!isOfUsers && (
        <Field label={title} hint={hintOf(variable)}>
          {(control) => {
            const common = { ...control, value };
            if (variable.choices)
              return (
                <Select {...common} onChange={({ target }) => onChange({ isOfUsers, value: target.value })}>
                  <option value="">{variable.fallback ?? ''}</option>
                  {variable.choices
                    .filter((choice) => choice !== '')
                    .map((choice) => (
                      <option key={choice} value={choice}>
                        {choice}
                      </option>
                    ))}
                </Select>
              );
            return (
              <TextInput
                {...common}
                {...(variable.isSecret && { type: 'password', autoComplete: 'new-password' })}
                maxLength={2000}
                placeholder={variable.example}
                onChange={({ target }) => onChange({ isOfUsers, value: target.value })}
              />
            );
          }}
        </Field>
      )}
    </div>
  );
}

function hintOf({ description, fallback }: Asked): string | undefined {
  const lines = [description, fallback !== undefined && fallback !== '' && `Empty: ${fallback}.`].filter(Boolean);
  return lines.length === 0 ? undefined : lines.join(' ');
}
