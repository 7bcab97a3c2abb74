// What can be done with a webhook.
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Text } from '../../display/text.tsx';
import { ClosingDialog } from '../../manage/closing-dialog.tsx';
import { ConfirmDialog } from '../../manage/confirm-dialog.tsx';
import { FormDialog } from '../../manage/form-dialog.tsx';
import { SecretOnce } from '../../manage/secret-once.tsx';
import { useClient } from '../../session/workspace.tsx';
import type { Webhook } from './events.ts';
import { fieldsOf, hasEvents, NEW_WEBHOOK, valuesOf, WebhookForm } from './webhook-form.tsx';

/** Old after every change of a webhook. */
export const WEBHOOKS = [['webhooks'], ['webhook']];
const SECRET_VARIABLE = 'ERRAND_WEBHOOK_SECRET';

type WebhookDialogProps = { webhook: Webhook; onClose: () => void };

/** Asks where and when to post, then shows the secret once. */
export function CreateWebhookDialog({ onClose }: { onClose: () => void }) {
  const client = useClient();
  const [values, setValues] = useState(NEW_WEBHOOK);
  const [secret, setSecret] = useState<string>();
  if (secret !== undefined) return <SecretDialog title="The webhook is created" secret={secret} onClose={onClose} />;
  const description = values.description.trim();
  const input = { ...fieldsOf(values), ...(description !== '' && { description }) };
  return (
    <FormDialog
      title="New webhook"
      verb="Create the webhook"
      act={() => client.webhooks.create.mutate(input)}
      offBecause={hasEvents(values) ? undefined : 'Choose at least one event.'}
      refresh={WEBHOOKS}
      onClose={onClose}
      onDone={(created) => setSecret(created.secret)}
      actions={
        <CodeButton
          title="Create a webhook from code"
          operation="webhooks.create"
          input={input}
          note="Each call creates another webhook. Only its answer has the secret."
        />
      }
    >
      <WebhookForm values={values} onChange={setValues} />
    </FormDialog>
  );
}

export function ChangeWebhookDialog({ webhook, onClose }: WebhookDialogProps) {
  const client = useClient();
  const [values, setValues] = useState(() => valuesOf(webhook));
  const description = values.description.trim();
  const input = {
    webhookId: webhook.webhookId,
    ...fieldsOf(values),
    description: description === '' ? null : description,
  };
  return (
    <FormDialog
      title="Change the webhook"
      verb="Save"
      act={() => client.webhooks.patch.mutate(input)}
      offBecause={hasEvents(values) ? undefined : 'Choose at least one event.'}
      done="The webhook is changed."
      refresh={WEBHOOKS}
      onClose={onClose}
      actions={<CodeButton title="Change the webhook from code" operation="webhooks.patch" input={input} />}
    >
      <WebhookForm values={values} onChange={setValues} />
    </FormDialog>
  );
}

export function RotateWebhookDialog({ webhook: { webhookId }, onClose }: WebhookDialogProps) {
  const client = useClient();
  const [secret, setSecret] = useState<string>();
  if (secret !== undefined) return <SecretDialog title="The secret is rotated" secret={secret} onClose={onClose} />;
  return (
    <FormDialog
      title="Rotate the secret"
      verb="Rotate"
      act={() => client.webhooks.rotate.mutate({ webhookId })}
      refresh={WEBHOOKS}
      onClose={onClose}
      onDone={(rotated) => setSecret(rotated.secret)}
      actions={
        <CodeButton
          title="Rotate the secret from code"
          operation="webhooks.rotate"
          input={{ webhookId }}
          note="Each call makes another secret."
        />
      }
    >
      <p>
        Errand makes a new secret. For 24 hours both secrets sign, so that your receiver can change without an
        interruption. A second rotation ends the oldest secret at once.
      </p>
    </FormDialog>
  );
}

type DeleteWebhookDialogProps = WebhookDialogProps & { onDone?: () => void };

export function DeleteWebhookDialog({ webhook: { webhookId, url }, onClose, onDone }: DeleteWebhookDialogProps) {
  const client = useClient();
  return (
    <ConfirmDialog
      title="Delete the webhook"
      verb="Delete"
      act={() => client.webhooks.delete.mutate({ webhookId })}
      done="The webhook is deleted."
      refresh={[['webhooks']]}
      onClose={onClose}
      {...(onDone && { onDone })}
    >
      <p>
        Nothing is posted to <Text>{url}</Text> any more, and its deliveries are deleted. To stop for a while, pause the
        webhook instead.
      </p>
    </ConfirmDialog>
  );
}

type SecretDialogProps = { title: string; secret: string; onClose: () => void };

const SecretDialog = ({ title, secret, onClose }: SecretDialogProps) => (
  <ClosingDialog title={title} onClose={onClose}>
    <SecretOnce secret={secret} name="the secret" variable={SECRET_VARIABLE} />
    <p>
      Your receiver verifies each request with it: any library of Standard Webhooks does, by the headers{' '}
      <code className="font-mono text-sm">webhook-id</code>,{' '}
      <code className="font-mono text-sm">webhook-timestamp</code> and{' '}
      <code className="font-mono text-sm">webhook-signature</code>.
    </p>
  </ClosingDialog>
);
