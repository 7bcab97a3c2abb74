import type { ReactNode } from 'react';
import { Field, TextInput } from './field.tsx';

type NameFieldProps = { label?: string; hint?: ReactNode; value: string; onChange: (name: string) => void };

/** The name that a dialog asks for. It is required and has the first focus. */
export const NameField = ({ label = 'Name', hint, value, onChange }: NameFieldProps) => (
  <Field label={label} {...(hint !== undefined && { hint })}>
    {(control) => (
      <TextInput
        {...control}
        data-first-focus
        required
        maxLength={100}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    )}
  </Field>
);
