// Requests that are sent again.
import { Button } from '../../controls/button.tsx';
import { toast } from '../../controls/toast.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient } from '../../session/workspace.tsx';
import type { Webhook } from '../webhooks/events.ts';
import { WEBHOOKS } from '../webhooks/webhook-dialogs.tsx';

/** Deliveries of one click, in requests of 100. */
const MAX_REQUESTS = 20;

export const offWhilePaused = ({ active }: Webhook): string | undefined =>
  active ? undefined : 'The webhook is off. Switch it on first.';

/** Sends all failed deliveries again. */
export function RedeliverManyButton({ webhook }: { webhook: Webhook }) {
  const client = useClient();
  const { webhookId } = webhook;
  const { run, isBusy } = useAct({
    act: async () => {
      let total = 0;
      let hasMore = true;
      for (let requests = 0; hasMore && requests < MAX_REQUESTS; requests++) {
        const answer = await client.webhooks.redeliverMany.mutate({ webhookId, state: 'failed' });
        total += answer.redelivered;
        hasMore = answer.hasMore;
      }
      return { total, hasMore };
    },
    refresh: WEBHOOKS,
    onDone: (answer) => toast(messageOf(answer)),
  });
  return (
    <Button isBusy={isBusy} offBecause={offWhilePaused(webhook)} onClick={run}>
      Send failed ones again
    </Button>
  );
}

function messageOf({ total, hasMore }: { total: number; hasMore: boolean }): string {
  if (total === 0) return 'There is nothing to send again.';
  const sent = total === 1 ? '1 delivery is sent again.' : `${total.toLocaleString()} deliveries are sent again.`;
  return hasMore ? `${sent} More have failed: click again.` : sent;
}
