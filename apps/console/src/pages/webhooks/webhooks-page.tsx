import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { Webhook } from './events.ts';
import { PauseButton, TestButton } from './webhook-buttons.tsx';
import { CreateWebhookDialog, DeleteWebhookDialog, RotateWebhookDialog } from './webhook-dialogs.tsx';
import { WebhookHealth } from './webhook-health.tsx';

type Opened = { name: 'create' } | { name: 'rotate' | 'delete'; webhook: Webhook };

/** The addresses to which Errand posts events, and whether the events arrive. */
export function WebhooksPage() {
  const client = useClient();
  const [opened, open] = useState<Opened>();
  const off = useOffReason('webhooks:write');
  const list = useCursorList({
    key: ['webhooks'],
    isOff: off !== undefined,
    read: async (page, signal) => {
      const { webhooks, nextCursor } = await client.webhooks.list.query(page, { signal });
      return { items: webhooks, nextCursor };
    },
  });
  const close = () => open(undefined);
  return (
    <Page
      title="Webhooks"
      about="Errand posts to your addresses when something happens. Each request is signed, and repeated until your receiver accepts it, up to 14 times in some 28 hours."
      actions={
        <>
          <CodeButton title="List the webhooks from code" operation="webhooks.list" input={{}} />
          <Button look="accent" offBecause={off} onClick={() => open({ name: 'create' })}>
            New webhook
          </Button>
        </>
      }
    >
      {off === undefined ? (
        <ListView
          label="Webhooks"
          list={list}
          columns={columns(open)}
          keyOf={({ webhookId }) => webhookId}
          empty="There is no webhook. Create one, and your back end need not ask for news."
        />
      ) : (
        <p>{off}</p>
      )}
      {opened?.name === 'create' && <CreateWebhookDialog onClose={close} />}
      {opened?.name === 'rotate' && <RotateWebhookDialog webhook={opened.webhook} onClose={close} />}
      {opened?.name === 'delete' && <DeleteWebhookDialog webhook={opened.webhook} onClose={close} />}
    </Page>
  );
}

const columns = (open: (opened: Opened) => void): Column<Webhook>[] => [
  { name: 'Address', isMain: true, cell: (webhook) => <Address webhook={webhook} /> },
  { name: 'State', cell: (webhook) => <WebhookHealth webhook={webhook} /> },
  {
    name: 'Events',
    cell: ({ events }) => (
      <span className="text-dim">{events.some((event) => event === '*') ? 'all' : events.join(', ')}</span>
    ),
  },
  {
    name: 'Secret',
    cell: ({ secretLast4, oldSecretUntil }) => (
      <span className="flex flex-col">
        <code className="font-mono text-sm">…{secretLast4}</code>
        {oldSecretUntil !== undefined && (
          <span className="text-dim">
            the old one ends <Ago at={oldSecretUntil} />
          </span>
        )}
      </span>
    ),
  },
  { name: 'Made by', cell: ({ createdBy }) => <Text>{createdBy}</Text> },
  {
    name: '',
    cell: (webhook) => (
      <span className="flex flex-wrap gap-1 sm:justify-end">
        <TestButton webhook={webhook} isOfRow />
        <PauseButton webhook={webhook} isOfRow />
        <Button look="quiet" aria-label={`Rotate ${webhook.url}`} onClick={() => open({ name: 'rotate', webhook })}>
          Rotate
        </Button>
        <Button
          look="quiet"
          className="!text-bad"
          aria-label={`Delete ${webhook.url}`}
          onClick={() => open({ name: 'delete', webhook })}
        >
          Delete
        </Button>
      </span>
    ),
  },
];

function Address({ webhook: { webhookId, url, description } }: { webhook: Webhook }) {
  const workspaceId = useWorkspaceId();
  return (
    <span className="flex min-w-0 flex-col">
      <Link
        to="/w/$workspaceId/webhooks/$webhookId"
        params={{ workspaceId, webhookId }}
        className="font-semibold break-all text-accent"
      >
        <Text>{url}</Text>
      </Link>
      {description !== undefined && (
        <span className="text-dim">
          <Text>{description}</Text>
        </span>
      )}
    </span>
  );
}
