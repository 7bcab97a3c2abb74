import { Button } from '../../controls/button.tsx';
import { useAct } from '../../manage/use-act.ts';
import { useClient } from '../../session/workspace.tsx';
import type { Webhook } from './events.ts';
import { WEBHOOKS } from './webhook-dialogs.tsx';

type ButtonProps = {
  webhook: Webhook;
  /** In a list: the address tells the buttons of the rows apart. */
  isOfRow?: boolean;
};

const labelled = (isOfRow: boolean, label: string) =>
  isOfRow ? ({ look: 'quiet', 'aria-label': label } as const) : {};

/** Pauses a webhook, or switches it on again. */
export function PauseButton({ webhook: { webhookId, url, active }, isOfRow = false }: ButtonProps) {
  const client = useClient();
  const { run, isBusy } = useAct({
    act: () => client.webhooks.patch.mutate({ webhookId, active: !active }),
    done: active ? 'Paused. Events until it is on again are not sent later.' : 'The webhook is on.',
    refresh: WEBHOOKS,
  });
  const verb = active ? 'Pause' : 'Switch on';
  return (
    <Button {...labelled(isOfRow, `${verb} ${url}`)} isBusy={isBusy} onClick={run}>
      {verb}
    </Button>
  );
}

/** Posts a test event. */
export function TestButton({ webhook: { webhookId, url, active }, isOfRow = false }: ButtonProps) {
  const client = useClient();
  const { run, isBusy } = useAct({
    act: () => client.webhooks.test.mutate({ webhookId }),
    done: 'A test event is on its way.',
    refresh: WEBHOOKS,
  });
  return (
    <Button
      {...labelled(isOfRow, `Test ${url}`)}
      isBusy={isBusy}
      offBecause={active ? undefined : 'The webhook is off. Switch it on first.'}
      onClick={run}
    >
      Test
    </Button>
  );
}
