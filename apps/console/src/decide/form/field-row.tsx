import type { ReactNode } from 'react';
import { Field } from '../../controls/field.tsx';
import { hidesText } from '../../display/hidden-characters.ts';
import { Text } from '../../display/text.tsx';
import { FieldControl, SetControl } from './field-control.tsx';
import type { Field as FormField } from './fields.ts';
import type { Json } from './json.ts';
import { ValueText } from './value-text.tsx';

export type FieldRowProps = {
  field: FormField;
  text: string;
  planned: Json | undefined;
  isChanged: boolean;
  fault: string | undefined;
  hint: ReactNode;
  onText: (text: string) => void;
  onReset: () => void;
};

/** A field with its description, its origin, its fault, and the planned value if it was changed. */
export function FieldRow(props: FieldRowProps) {
  const { field, isChanged, planned, onReset } = props;
  return (
    <div className={isChanged ? 'border-l-3 border-wait pl-2.5' : ''}>
      {field.kind === 'set' ? <SetField {...props} options={field.options} /> : <OneField {...props} />}
      {isChanged && (
        <p className="mt-1 flex flex-wrap items-baseline gap-x-2 text-sm text-dim">
          <span className="font-semibold text-wait">changed</span>
          {planned === undefined ? (
            <span>It had no value.</span>
          ) : (
            <span className="min-w-0 break-words">
              planned: <s>{<ValueText value={planned} />}</s>
            </span>
          )}
          <button
            type="button"
            className="rounded px-1 font-semibold text-accent hover:bg-soft"
            aria-label={`Reset ${field.label}`}
            onClick={onReset}
          >
            reset
          </button>
        </p>
      )}
    </div>
  );
}

function OneField({ field, text, fault, hint, isChanged, onText }: FieldRowProps) {
  return (
    <Field
      label={field.label}
      hint={<Hint field={field} text={text} more={isChanged ? undefined : hint} />}
      error={fault}
    >
      {(control) => <FieldControl field={field} text={text} onText={onText} {...control} />}
    </Field>
  );
}

function SetField({
  field,
  text,
  fault,
  hint,
  isChanged,
  onText,
  options,
}: FieldRowProps & { options: { value: Json; label: string }[] }) {
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="font-semibold">{field.label}</legend>
      <SetControl options={options} text={text} onText={onText} />
      <div className="text-sm text-dim">
        <Hint field={field} text={text} more={isChanged ? undefined : hint} />
      </div>
      {fault !== undefined && <p className="text-sm text-bad">{fault}</p>}
    </fieldset>
  );
}

function Hint({ field, text, more }: { field: FormField; text: string; more: ReactNode }) {
  return (
    <>
      {more}
      {field.description !== undefined && (
        <span className="block max-h-30 overflow-auto">
          <Text>{field.description}</Text>
        </span>
      )}
      <FormatHint field={field} text={text} />
      {hidesText(text) && (
        <span className="block text-wait">
          It has hidden characters: <Text>{text}</Text>
        </span>
      )}
    </>
  );
}

function FormatHint({ field, text }: { field: FormField; text: string }) {
  if (field.kind === 'list') return <span className="block">One entry a line.</span>;
  if (field.kind === 'json') return <span className="block">As JSON.</span>;
  if (field.kind !== 'text' || field.format !== 'date-time') return null;
  const time = new Date(text);
  const isTime = /^\d{4}-/.test(text) && !Number.isNaN(time.getTime());
  return (
    <span className="block">
      {isTime
        ? `In your time: ${time.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' })}`
        : 'Such as 2027-01-31T09:30:00Z.'}
    </span>
  );
}
