import { Field, Select, TextArea, TextInput } from '../../../controls/field.tsx';
import type { Access, AuthField } from '../auth-fields.ts';

type Values = Access['values'];
type CredentialFieldsProps = { fields: readonly AuthField[]; values: Values; onChange: (values: Values) => void };

/** The fields of a way to authenticate; those that the service says itself are folded. */
export function CredentialFields({ fields, values, onChange }: CredentialFieldsProps) {
  const rare = fields.filter(({ isRare, isRequired }) => isRare && !isRequired);
  const usual = fields.filter((field) => !rare.includes(field));
  const inputs = (some: readonly AuthField[]) =>
    some.map((field) => (
      <CredentialField
        key={field.name}
        field={field}
        value={values[field.name] ?? ''}
        onChange={(value) => onChange({ ...values, [field.name]: value })}
      />
    ));
  return (
    <>
      {inputs(usual)}
      {rare.length > 0 && (
        <details className="rounded-lg border border-line p-3">
          <summary className="font-semibold">If the service does not say it itself</summary>
          <div className="mt-3 flex flex-col gap-4">{inputs(rare)}</div>
        </details>
      )}
    </>
  );
}

type CredentialFieldProps = { field: AuthField; value: string; onChange: (value: string) => void };

function CredentialField({ field, value, onChange }: CredentialFieldProps) {
  const { label, hint, isSecret, isRequired, isLong, choices } = field;
  return (
    <Field label={label} hint={hint}>
      {(control) => {
        if (choices)
          return (
            <Select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
              <option value="">as the service says</option>
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {choice}
                </option>
              ))}
            </Select>
          );
        if (isLong)
          return (
            <TextArea
              {...control}
              rows={5}
              required={isRequired}
              autoComplete="off"
              spellCheck={false}
              className="font-mono text-sm"
              value={value}
              onChange={({ target }) => onChange(target.value)}
            />
          );
        return (
          <TextInput
            {...control}
            {...(isSecret && { type: 'password', autoComplete: 'new-password' })}
            required={isRequired}
            value={value}
            onChange={({ target }) => onChange(target.value)}
          />
        );
      }}
    </Field>
  );
}
