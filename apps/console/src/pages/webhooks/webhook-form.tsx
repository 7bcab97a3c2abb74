import { Field, TextInput } from '../../controls/field.tsx';
import { EventChoice, type Events } from './event-choice.tsx';
import { isEvent, selectionOf, type Webhook } from './events.ts';

export type WebhookValues = { url: string; description: string; events: Events; traceparent: boolean };

export const NEW_WEBHOOK: WebhookValues = {
  url: '',
  description: '',
  events: { isAll: false, chosen: ['run.end', 'run.waiting'] },
  traceparent: false,
};

export const valuesOf = ({ url, description = '', events, traceparent }: Webhook): WebhookValues => ({
  url,
  description,
  events: { isAll: events.some((event) => event === '*'), chosen: events.filter(isEvent) },
  traceparent,
});

/** The fields that creation and change of a webhook share. */
export const fieldsOf = ({ url, events: { isAll, chosen }, traceparent }: WebhookValues) => ({
  url: url.trim(),
  events: selectionOf(isAll, chosen),
  traceparent,
});

export const hasEvents = ({ events: { isAll, chosen } }: WebhookValues): boolean => isAll || chosen.length > 0;

type WebhookFormProps = { values: WebhookValues; onChange: (values: WebhookValues) => void };

export const WebhookForm = ({ values, onChange }: WebhookFormProps) => (
  <>
    <Field label="Address" hint="Public https on port 443. An administrator allows other addresses in the settings.">
      {(control) => (
        <TextInput
          {...control}
          data-first-focus
          required
          inputMode="url"
          maxLength={2000}
          placeholder="https://app.example.com/hooks/errand"
          value={values.url}
          onChange={({ target }) => onChange({ ...values, url: target.value })}
        />
      )}
    </Field>
    <Field label="Description" hint="What receives the events.">
      {(control) => (
        <TextInput
          {...control}
          maxLength={200}
          value={values.description}
          onChange={({ target }) => onChange({ ...values, description: target.value })}
        />
      )}
    </Field>
    <EventChoice
      events={values.events}
      error={hasEvents(values) ? undefined : 'Choose at least one event.'}
      onChange={(events) => onChange({ ...values, events })}
    />
    <label className="flex items-start gap-2">
      <input
        type="checkbox"
        className="mt-1"
        checked={values.traceparent}
        onChange={({ target }) => onChange({ ...values, traceparent: target.checked })}
      />
      <span className="min-w-0">
        Send the trace id of the errand
        <span className="block text-sm text-dim">
          Sends the id of the errand to the receiver in the header <code className="font-mono">traceparent</code>, so
          that its traces join that of the errand.
        </span>
      </span>
    </label>
  </>
);
