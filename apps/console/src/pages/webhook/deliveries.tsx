import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Check, Clock, type LucideIcon, X } from 'lucide-react';
import { CodeButton } from '../../code/code-button.tsx';
import { Select } from '../../controls/field.tsx';
import { Ago } from '../../display/time.tsx';
import { type Column, ListView } from '../../manage/list-view.tsx';
import { Section } from '../../manage/page.tsx';
import { PAGE_SIZE, useCursorList } from '../../manage/use-cursor-list.ts';
import { useClient } from '../../session/workspace.tsx';
import type { Webhook } from '../webhooks/events.ts';
import { type Delivery, DeliveryDialog } from './delivery-dialog.tsx';
import { RedeliverManyButton } from './redeliver.tsx';
import { DELIVERY_STATES, type DeliveryState, type WebhookSearch } from './search.ts';

const route = getRouteApi('/w/$workspaceId/webhooks/$webhookId');
const REFRESH_MS = 2_000;

/** A list with an open delivery changes soon. Long lists are read again on request alone. */
const refreshMs = (deliveries: readonly Delivery[]) =>
  deliveries.length <= PAGE_SIZE && deliveries.some(({ state }) => state === 'pending') ? REFRESH_MS : undefined;

/** The requests to a webhook, newest first. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const { webhookId } = webhook;
  const client = useClient();
  const { state, delivery } = route.useSearch();
  const change = useChangeSearch();
  const filter = { webhookId, ...(state && { state }) };
  const list = useCursorList({
    key: ['webhook', webhookId, 'deliveries', state],
    read: async (page, signal) => {
      const { deliveries, nextCursor } = await client.webhooks.deliveries.query({ ...filter, ...page }, { signal });
      return { items: deliveries, nextCursor };
    },
    refreshMs,
  });
  return (
    <Section
      title="Deliveries"
      actions={
        <>
          <StateFilter state={state} onChange={(next) => change({ state: next })} />
          <CodeButton title="List the deliveries from code" operation="webhooks.deliveries" input={filter} />
          <RedeliverManyButton webhook={webhook} />
        </>
      }
    >
      <ListView
        label="Requests to the webhook"
        list={list}
        columns={columns((deliveryId) => change({ delivery: deliveryId }))}
        keyOf={({ deliveryId }) => deliveryId}
        empty={state === undefined ? 'Nothing was posted yet. Test sends an event.' : STATES[state].none}
      />
      {delivery !== undefined && (
        <DeliveryDialog webhook={webhook} deliveryId={delivery} onClose={() => change({ delivery: undefined })} />
      )}
    </Section>
  );
}

function useChangeSearch() {
  const navigate = useNavigate({ from: '/w/$workspaceId/webhooks/$webhookId' });
  return (change: { [K in keyof WebhookSearch]?: WebhookSearch[K] | undefined }) =>
    void navigate({
      search: (before) =>
        Object.fromEntries(
          Object.entries({ ...before, ...change }).filter(([, value]) => value !== undefined),
        ) as WebhookSearch,
      replace: true,
      resetScroll: false,
    });
}

type StateFilterProps = { state: DeliveryState | undefined; onChange: (state: DeliveryState | undefined) => void };

const StateFilter = ({ state, onChange }: StateFilterProps) => (
  <Select
    aria-label="Shown deliveries"
    className="!w-auto"
    value={state ?? ''}
    onChange={({ target }) => onChange(DELIVERY_STATES.find((each) => each === target.value))}
  >
    <option value="">All</option>
    {DELIVERY_STATES.map((each) => (
      <option key={each} value={each}>
        {STATES[each].word}
      </option>
    ))}
  </Select>
);

const STATES: Readonly<Record<DeliveryState, { word: string; none: string; icon: LucideIcon; className: string }>> = {
  pending: { word: 'on its way', none: 'No delivery is on its way.', icon: Clock, className: 'text-wait' },
  delivered: { word: 'delivered', none: 'Nothing was delivered yet.', icon: Check, className: 'text-good' },
  failed: { word: 'failed', none: 'No delivery has failed.', icon: X, className: 'text-bad' },
};

const columns = (open: (deliveryId: string) => void): Column<Delivery>[] => [
  {
    name: 'Event',
    isMain: true,
    cell: ({ deliveryId, type }) => (
      <button
        type="button"
        className="text-left font-mono text-sm font-semibold break-all text-accent"
        onClick={() => open(deliveryId)}
      >
        {type}
      </button>
    ),
  },
  { name: 'When', cell: ({ createdAt }) => <Ago at={createdAt} /> },
  {
    name: 'State',
    cell: ({ state }) => {
      const { word, icon: Icon, className } = STATES[state];
      return (
        <span className={`inline-flex items-center gap-1.5 font-semibold whitespace-nowrap ${className}`}>
          <Icon size={14} aria-hidden="true" />
          {word}
        </span>
      );
    },
  },
  { name: 'Attempts', isNumeric: true, cell: ({ attempts }) => attempts },
  { name: 'Answer', isNumeric: true, cell: ({ lastStatus }) => lastStatus ?? <span className="text-dim">none</span> },
  { name: 'Reason', cell: ({ lastError }) => lastError ?? <span className="text-dim">–</span> },
  {
    name: 'Next attempt',
    cell: ({ nextAttemptAt }) =>
      nextAttemptAt === undefined ? <span className="text-dim">–</span> : <Ago at={nextAttemptAt} />,
  },
];
