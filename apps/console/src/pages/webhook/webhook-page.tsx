import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { Facts } from '../../manage/facts.tsx';
import { Skeleton } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { eventTexts, isEvent, type Webhook } from '../webhooks/events.ts';
import { PauseButton, TestButton } from '../webhooks/webhook-buttons.tsx';
import { ChangeWebhookDialog, DeleteWebhookDialog, RotateWebhookDialog } from '../webhooks/webhook-dialogs.tsx';
import { WebhookHealth } from '../webhooks/webhook-health.tsx';
import { Deliveries } from './deliveries.tsx';

const route = getRouteApi('/w/$workspaceId/webhooks/$webhookId');

/** A webhook: its state, and the requests to it. */
export function WebhookPage() {
  const { webhookId } = route.useParams();
  const client = useClient();
  const off = useOffReason('webhooks:write');
  const { data, error, refetch } = useQuery({
    queryKey: ['webhook', useWorkspaceId(), webhookId],
    queryFn: ({ signal }) => client.webhooks.get.query({ webhookId }, { signal }),
    enabled: off === undefined,
  });
  return (
    <Page title="Webhook" actions={data && <Actions webhook={data} />}>
      {off !== undefined && <p>{off}</p>}
      {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && off === undefined && <Skeleton label="The settings" />}
      {data && (
        <div className="flex min-w-0 flex-col gap-8">
          <Facts facts={factsOf(data)} />
          <Deliveries webhook={data} />
        </div>
      )}
    </Page>
  );
}

type DialogName = 'change' | 'rotate' | 'delete';

function Actions({ webhook }: { webhook: Webhook }) {
  const [opened, open] = useState<DialogName>();
  const workspaceId = useWorkspaceId();
  const navigate = useNavigate();
  const dialog = { webhook, onClose: () => open(undefined) };
  return (
    <>
      <TestButton webhook={webhook} />
      <PauseButton webhook={webhook} />
      <Button onClick={() => open('change')}>Change</Button>
      <Button onClick={() => open('rotate')}>Rotate</Button>
      <Button look="danger" onClick={() => open('delete')}>
        Delete
      </Button>
      <CodeButton
        title="Read the webhook from code"
        operation="webhooks.get"
        input={{ webhookId: webhook.webhookId }}
      />
      {opened === 'change' && <ChangeWebhookDialog {...dialog} />}
      {opened === 'rotate' && <RotateWebhookDialog {...dialog} />}
      {opened === 'delete' && (
        <DeleteWebhookDialog
          {...dialog}
          onDone={() => void navigate({ to: '/w/$workspaceId/webhooks', params: { workspaceId } })}
        />
      )}
    </>
  );
}

function factsOf(webhook: Webhook) {
  const { webhookId, url, description, traceparent, secretLast4, oldSecretUntil, createdBy, createdAt } = webhook;
  return [
    [
      'Address',
      <span key="address" className="break-all">
        <Text>{url}</Text>
      </span>,
    ],
    ...(description === undefined ? [] : [['Description', <Text key="description">{description}</Text>] as const]),
    ['State', <WebhookHealth key="state" webhook={webhook} />],
    ['Sends when', <Events key="events" webhook={webhook} />],
    ['Trace', traceparent ? 'Requests about an errand carry its trace id.' : 'Requests carry no trace id.'],
    [
      'Secret',
      <span key="secret">
        ends with <code className="font-mono text-sm">{secretLast4}</code>
        {oldSecretUntil !== undefined && (
          <>
            ; the previous one also signs, and ends <Ago at={oldSecretUntil} />
          </>
        )}
      </span>,
    ],
    [
      'Made by',
      <span key="maker">
        <Text>{createdBy}</Text>, <Ago at={createdAt} />
      </span>,
    ],
    [
      'Id',
      <span key="id" className="flex items-center gap-1">
        <code className="font-mono text-sm break-all">{webhookId}</code>
        <CopyButton text={webhookId} name="the id of the webhook" />
      </span>,
    ],
  ] as const;
}

function Events({ webhook: { events } }: { webhook: Webhook }) {
  if (events.some((event) => event === '*')) return 'anything happens';
  return (
    <ul>
      {events.filter(isEvent).map((event) => (
        <li key={event}>
          {eventTexts[event]} <code className="font-mono text-sm text-dim">{event}</code>
        </li>
      ))}
    </ul>
  );
}
