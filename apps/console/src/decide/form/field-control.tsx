import { Select, TextArea, TextInput } from '../../controls/field.tsx';
import type { Field, Option } from './fields.ts';
import { isEqual, type Json } from './json.ts';

type ControlProps = {
  field: Field;
  text: string;
  onText: (text: string) => void;
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
};

const MAX_ROWS = 12;
const rowsOf = (text: string, least: number) => Math.min(MAX_ROWS, Math.max(least, text.split('\n').length));

/** Leaves the field, so that the keys of the page work again. */
export const leaveOnEscape = ({ key, currentTarget }: { key: string; currentTarget: HTMLElement }): void => {
  if (key === 'Escape') currentTarget.blur();
};

/** The control of a field. It shows the text as it is, and sends it as it is typed. */
export function FieldControl({ field, text, onText, ...rest }: ControlProps) {
  const control = {
    ...rest,
    'aria-required': field.isRequired && field.optionalParent === undefined ? (true as const) : undefined,
    value: text,
    onKeyDown: leaveOnEscape,
    onChange: ({ target }: { target: { value: string } }) => onText(target.value),
  };
  switch (field.kind) {
    case 'boolean':
      return <Choice control={control} field={field} options={YES_NO} />;
    case 'choice':
      return <Choice control={control} field={field} options={toIndexes(field.options)} />;
    case 'number':
    case 'integer':
      return <TextInput {...control} inputMode={field.kind === 'integer' ? 'numeric' : 'decimal'} />;
    case 'list':
      return <TextArea {...control} rows={rowsOf(text, 2)} />;
    case 'text':
      if (field.isLong) return <TextArea {...control} rows={rowsOf(text, 4)} />;
      return <TextInput {...control} type={field.format === 'date' ? 'date' : 'text'} />;
    default:
      return <TextArea {...control} rows={rowsOf(text, 2)} spellCheck={false} className="font-mono text-sm" />;
  }
}

type Choices = [value: string, label: string][];
const YES_NO: Choices = [
  ['true', 'Yes'],
  ['false', 'No'],
];
const toIndexes = (options: Option[]): Choices => options.map(({ label }, i) => [String(i), label]);

type ChoiceControl = { value: string; onChange: (event: { target: { value: string } }) => void };

function Choice({ control, field, options }: { control: ChoiceControl; field: Field; options: Choices }) {
  const isKnown = control.value === '' || options.some(([value]) => value === control.value);
  const mayBeEmpty = control.value === '' || !field.isRequired || field.isNullable;
  return (
    <Select {...control}>
      {mayBeEmpty && <option value="">–</option>}
      {!isKnown && <option value={control.value}>{control.value}</option>}
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </Select>
  );
}

/** Several of some values. Its text is the list as JSON. */
export function SetControl({
  options,
  text,
  onText,
}: {
  options: Option[];
  text: string;
  onText: (text: string) => void;
}) {
  const chosen: Json[] = text === '' ? [] : JSON.parse(text);
  const has = (value: Json) => chosen.some((each) => isEqual(each, value));
  const toggle = (value: Json) => {
    const next = has(value) ? chosen.filter((each) => !isEqual(each, value)) : [...chosen, value];
    onText(next.length === 0 ? '' : JSON.stringify(next));
  };
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1">
      {options.map(({ value, label }) => (
        <label key={label} className="flex items-center gap-1.5">
          <input type="checkbox" checked={has(value)} onChange={() => toggle(value)} />
          {label}
        </label>
      ))}
    </div>
  );
}
