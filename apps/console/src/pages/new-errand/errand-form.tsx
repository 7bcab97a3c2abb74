import { approvalStrategyLabels } from '@errand/contracts/labels';
import { useId } from 'react';
import { Field, TextArea, TextInput } from '../../controls/field.tsx';
import { UserOptions } from '../../session/user-options.tsx';
import type { FormErrors, FormValues, Strategy } from './form-values.ts';
import { IntegrationPicker } from './integration-picker.tsx';

export type FieldsProps = {
  values: FormValues;
  errors: FormErrors;
  onChange: (change: Partial<FormValues>) => void;
};

export function ErrandForm({ onPreview, ...props }: FieldsProps & { onPreview: () => void }) {
  const { values, errors, onChange } = props;
  return (
    <div className="flex flex-col gap-4">
      <Field label="Intent" hint="One or more sentences. Ctrl Enter previews." error={errors.intent}>
        {(control) => (
          <TextArea
            {...control}
            data-first-focus
            rows={4}
            maxLength={10_000}
            value={values.intent}
            onChange={({ target }) => onChange({ intent: target.value })}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
              event.preventDefault();
              onPreview();
            }}
          />
        )}
      </Field>
      <UserField {...props} />
      <IntegrationPicker
        userId={values.userId}
        chosen={values.integrations}
        onChange={(integrations) => onChange({ integrations })}
      />
      <StrategyCards chosen={values.approvalStrategy} onChange={(approvalStrategy) => onChange({ approvalStrategy })} />
      <MoreFields {...props} />
    </div>
  );
}

function UserField({ values: { userId }, errors, onChange }: FieldsProps) {
  const listId = useId();
  return (
    <Field label="User" hint="The calls use the credentials of this user of your product." error={errors.userId}>
      {(control) => (
        <>
          <TextInput
            {...control}
            list={listId}
            maxLength={255}
            value={userId}
            onChange={({ target }) => onChange({ userId: target.value })}
          />
          <UserOptions id={listId} text={userId} />
        </>
      )}
    </Field>
  );
}

const StrategyCards = ({ chosen, onChange }: { chosen: Strategy; onChange: (strategy: Strategy) => void }) => (
  <fieldset>
    <legend className="mb-1 font-semibold">What a person approves</legend>
    <div className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
      {(Object.entries(approvalStrategyLabels) as [Strategy, { label: string; consequence: string }][]).map(
        ([strategy, { label, consequence }]) => (
          <label
            key={strategy}
            className="flex cursor-pointer items-start gap-2 rounded-lg border border-line bg-pane p-2 has-checked:border-accent"
          >
            <input
              type="radio"
              name="approvalStrategy"
              checked={strategy === chosen}
              onChange={() => onChange(strategy)}
              className="mt-1"
            />
            <span>
              <span className="block font-semibold">{label}</span>
              <span className="text-sm text-dim">{consequence}</span>
            </span>
          </label>
        ),
      )}
    </div>
  </fieldset>
);

const MoreFields = ({ values, errors, onChange }: FieldsProps) => (
  <details className="rounded-lg border border-line p-3">
    <summary className="font-semibold">Context, shape of the result, limits</summary>
    <div className="mt-3 flex flex-col gap-4">
      <Field label="Context" hint="Details that are not in the intent, for example account=Northwind.">
        {(control) => (
          <TextArea
            {...control}
            rows={2}
            maxLength={50_000}
            value={values.context}
            onChange={({ target }) => onChange({ context: target.value })}
          />
        )}
      </Field>
      <Field
        label="Shape of the result, as JSON"
        hint={<ShapeChoice values={values} onChange={onChange} />}
        error={errors.outputSchema}
      >
        {(control) => (
          <TextArea
            {...control}
            rows={5}
            spellCheck={false}
            className="font-mono text-sm"
            value={values.outputSchema}
            onChange={({ target }) => onChange({ outputSchema: target.value })}
          />
        )}
      </Field>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Most calls" error={errors.maxToolCalls}>
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              value={values.maxToolCalls}
              onChange={({ target }) => onChange({ maxToolCalls: target.value })}
            />
          )}
        </Field>
        <Field label="Most seconds" error={errors.maxSeconds}>
          {(control) => (
            <TextInput
              {...control}
              inputMode="numeric"
              value={values.maxSeconds}
              onChange={({ target }) => onChange({ maxSeconds: target.value })}
            />
          )}
        </Field>
      </div>
    </div>
  </details>
);

const ShapeChoice = ({ values: { isExample }, onChange }: Pick<FieldsProps, 'values' | 'onChange'>) => (
  <span className="flex gap-4">
    {[true, false].map((each) => (
      <label key={String(each)} className="flex items-center gap-1.5">
        <input type="radio" name="shape" checked={isExample === each} onChange={() => onChange({ isExample: each })} />
        {each ? 'an example of the result' : 'a JSON Schema'}
      </label>
    ))}
  </span>
);
