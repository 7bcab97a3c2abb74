import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CodeButton } from '../../code/code-button.tsx';
import { Button } from '../../controls/button.tsx';
import { Dialog } from '../../controls/dialog.tsx';
import { CopyButton } from '../../display/copy-button.tsx';
import { JsonView } from '../../display/json-view.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { ScrollBox } from '../../display/scroll-box.tsx';
import { Text } from '../../display/text.tsx';
import { Ago, At } from '../../display/time.tsx';
import { Facts } from '../../manage/facts.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { Webhook } from '../webhooks/events.ts';
import { WEBHOOKS } from '../webhooks/webhook-dialogs.tsx';
import { offWhilePaused } from './redeliver.tsx';

export type Delivery = Outputs['webhooks']['deliveries']['deliveries'][number];
type Details = Outputs['webhooks']['delivery'];

const REFRESH_MS = 2_000;

type DeliveryDialogProps = { webhook: Webhook; deliveryId: string; onClose: () => void };

/** One request: its body, and the answer of the receiver. */
export function DeliveryDialog({ webhook, deliveryId, onClose }: DeliveryDialogProps) {
  const client = useClient();
  const input = { webhookId: webhook.webhookId, deliveryId };
  const { data, error, refetch } = useQuery({
    queryKey: ['webhook', useWorkspaceId(), webhook.webhookId, 'delivery', deliveryId],
    queryFn: ({ signal }) => client.webhooks.delivery.query(input, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'pending' ? REFRESH_MS : false),
  });
  const redeliver = useAct({
    act: () => client.webhooks.redeliver.mutate(input),
    done: 'The same body is sent again.',
    refresh: WEBHOOKS,
    showsProblem: true,
  });
  return (
    <Dialog title={data ? `Delivery of ${data.type}` : 'Delivery'} onClose={onClose} isWide>
      <div className="flex min-w-0 flex-col gap-4">
        {error && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {!data && !error && <div role="status" aria-label="The delivery is being read" className="h-48" />}
        {data && <DeliveryParts delivery={data} />}
        {redeliver.error != null && <ProblemNote error={redeliver.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <CodeButton
            title="Send it again from code"
            operation="webhooks.redeliver"
            input={input}
            note="Each call posts the same body once more, with the same webhook-id."
          />
          <Button isBusy={redeliver.isBusy} offBecause={offWhilePaused(webhook)} onClick={redeliver.run}>
            Send again
          </Button>
          <Button data-first-focus onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const DeliveryParts = ({ delivery }: { delivery: Details }) => (
  <>
    <Facts facts={factsOf(delivery)} />
    <Part title="Body">
      {delivery.body === undefined ? (
        <p className="text-dim">Retention has removed the errand that it described.</p>
      ) : (
        <Body text={delivery.body} fileName={delivery.messageId} />
      )}
    </Part>
    <Part title="Answer of the receiver">
      {delivery.lastAnswer === undefined ? (
        <p className="text-dim">
          {delivery.state === 'delivered'
            ? 'It accepted the event. The text of such an answer is not kept.'
            : 'There was no text.'}
        </p>
      ) : (
        <ScrollBox label="Answer of the receiver" className="max-h-48 rounded-lg bg-soft p-2">
          <pre className="font-mono text-sm break-all whitespace-pre-wrap">
            <Text>{delivery.lastAnswer}</Text>
          </pre>
        </ScrollBox>
      )}
    </Part>
  </>
);

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="flex min-w-0 flex-col gap-1">
    <h3 className="font-semibold">{title}</h3>
    {children}
  </section>
);

function Body({ text, fileName }: { text: string; fileName: string }) {
  return <JsonView value={JSON.parse(text)} fileName={fileName} />;
}

function factsOf({
  messageId,
  runId,
  attempts,
  lastStatus,
  lastError,
  nextAttemptAt,
  deliveredAt,
  createdAt,
}: Details) {
  return [
    ['Created', <At key="created" at={createdAt} />],
    ['Attempts', attempts],
    ...(lastStatus === undefined ? [] : [['Last status', lastStatus] as const]),
    ...(lastError === undefined ? [] : [['Last failure', <Text key="failure">{lastError}</Text>] as const]),
    ...(nextAttemptAt === undefined ? [] : [['Next attempt', <Ago key="next" at={nextAttemptAt} />] as const]),
    ...(deliveredAt === undefined ? [] : [['Delivered', <At key="delivered" at={deliveredAt} />] as const]),
    ...(runId === undefined ? [] : [['Errand', <RunLink key="run" runId={runId} />] as const]),
    [
      'webhook-id',
      <span key="message" className="flex items-center gap-1">
        <code className="font-mono text-sm break-all">{messageId}</code>
        <CopyButton text={messageId} name="the id of the message" />
      </span>,
    ],
  ] as const;
}

const RunLink = ({ runId }: { runId: string }) => (
  <Link
    to="/w/$workspaceId/runs/$runId"
    params={{ workspaceId: useWorkspaceId(), runId }}
    className="font-mono text-sm break-all text-accent underline"
  >
    {runId}
  </Link>
);
