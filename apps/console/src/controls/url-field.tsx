import { Field, TextInput } from './field.tsx';

type UrlFieldProps = {
  label: string;
  hint: string;
  placeholder: string;
  value: string;
  onChange: (url: string) => void;
  isRequired?: boolean;
};

/** A field for an address. */
export const UrlField = ({ label, hint, placeholder, value, onChange, isRequired = false }: UrlFieldProps) => (
  <Field label={label} hint={hint}>
    {(control) => (
      <TextInput
        {...control}
        required={isRequired}
        inputMode="url"
        maxLength={2000}
        placeholder={placeholder}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    )}
  </Field>
);
