import type { ReactNode } from 'react';
import { TextArea } from '../../controls/field.tsx';
import { type Draft, fieldText, isChanged, jsonFault, toForm, toJson, withJson, withReset, withText } from './draft.ts';
import { leaveOnEscape } from './field-control.tsx';
import { FieldRow } from './field-row.tsx';
import { type Field, fieldsOf } from './fields.ts';
import { valueAt } from './json.ts';
import type { Schema } from './resolve.ts';

type ArgsFormProps = {
  schema: Schema;
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Faults by pointer. */
  faults: Readonly<Record<string, string>>;
  /** What is known of a planned value: its name, its origin. */
  hintOf?: (pointer: string) => ReactNode;
  /** The name of the whole, such as "Arguments". */
  name: string;
  /** A form to fill in: no plan to compare with. */
  isPlain?: boolean;
};

/** A form of a JSON Schema, with the same values as JSON a tab away. */
export function ArgsForm(props: ArgsFormProps) {
  const { draft, onChange, name, isPlain = false } = props;
  const isJson = draft.json !== undefined;
  if (isPlain) return <Rows {...props} />;
  return (
    <section aria-label={name} className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-semibold">{name}</h3>
        <Tabs isJson={isJson} onForm={() => onChange(toForm(draft))} onJson={() => onChange(toJson(draft))} />
      </div>
      {isJson ? <JsonEditor {...props} /> : <Rows {...props} />}
    </section>
  );
}

function Tabs({ isJson, onForm, onJson }: { isJson: boolean; onForm: () => void; onJson: () => void }) {
  const tab = (text: string, isOn: boolean, onClick: () => void) => (
    <button
      type="button"
      aria-pressed={isOn}
      className={`rounded-md px-2 py-0.5 ${isOn ? 'bg-pane font-semibold text-ink shadow-xs' : 'text-dim'}`}
      onClick={() => !isOn && onClick()}
    >
      {text}
    </button>
  );
  return (
    <div className="flex rounded-lg bg-soft p-0.5 text-sm">
      {tab('Form', !isJson, onForm)}
      {tab('JSON', isJson, onJson)}
    </div>
  );
}

const MAX_ROWS = 30;

function JsonEditor({ draft, onChange, name, faults }: ArgsFormProps) {
  const fault = jsonFault(draft);
  const json = draft.json ?? '';
  const others = Object.entries(faults);
  return (
    <div className="flex flex-col gap-1">
      <TextArea
        aria-label={`${name} as JSON`}
        aria-invalid={fault === undefined ? undefined : true}
        aria-describedby={fault === undefined ? undefined : 'json-fault'}
        spellCheck={false}
        rows={Math.min(MAX_ROWS, json.split('\n').length + 1)}
        className="font-mono text-sm"
        value={json}
        onKeyDown={leaveOnEscape}
        onChange={({ target }) => onChange(withJson(draft, target.value))}
      />
      {fault !== undefined && (
        <p id="json-fault" className="text-sm text-bad">
          {fault}
        </p>
      )}
      {fault === undefined &&
        others.map(([pointer, text]) => (
          <p key={pointer} className="text-sm text-bad">
            <code className="font-mono">{pointer}</code> {text}
          </p>
        ))}
    </div>
  );
}

/** Fields that are required or have a planned value; the others are folded. */
function Rows(props: ArgsFormProps) {
  const { schema, draft, faults, isPlain = false } = props;
  const fields = fieldsOf(schema, draft.values);
  const isFolded = (field: Field) =>
    !isPlain &&
    valueAt(draft.planned, field.path) === undefined &&
    !(field.isRequired && field.optionalParent === undefined);
  const folded = fields.filter(isFolded);
  const mustOpen = folded.some((field) => isChanged(draft, field) || field.pointer in faults);
  const open = fields.filter((field) => !isFolded(field));
  if (fields.length === 0) return <p className="text-dim">There are none.</p>;
  return (
    <>
      {open.map((field) => (
        <Row key={field.pointer} field={field} {...props} />
      ))}
      {folded.length > 0 && (
        <details open={mustOpen || open.length === 0 || undefined} className="rounded-lg border border-line">
          <summary className="px-3 py-1.5 text-dim">More fields ({folded.length})</summary>
          <div className="flex flex-col gap-3 border-t border-line p-3">
            {folded.map((field) => (
              <Row key={field.pointer} field={field} {...props} />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

function Row({ field, draft, onChange, faults, hintOf, isPlain = false }: ArgsFormProps & { field: Field }) {
  return (
    <FieldRow
      field={field}
      text={fieldText(draft, field)}
      planned={valueAt(draft.planned, field.path)}
      isChanged={!isPlain && isChanged(draft, field)}
      fault={faults[field.pointer]}
      hint={hintOf?.(field.pointer)}
      onText={(text) => onChange(withText(draft, field, text))}
      onReset={() => onChange(withReset(draft, field))}
    />
  );
}
