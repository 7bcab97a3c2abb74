import { approvalStrategyLabels } from '@errand/contracts/labels';
import { Link } from '@tanstack/react-router';
import { Button } from '../../controls/button.tsx';
import { Badge } from '../../display/badge.tsx';
import { Text } from '../../display/text.tsx';
import { Ago } from '../../display/time.tsx';
import { Facts } from '../../manage/facts.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { useIntegrationNames } from '../../session/integrations.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { type Action, AFTER_CHANGE } from './use-action.ts';

export function ActionFacts({ action }: { action: Action }) {
  const names = useIntegrationNames();
  const workspaceId = useWorkspaceId();
  const { state, madeBy, customerIntegrationIds, approvalStrategy, runId, updatedAt } = action;
  return (
    <>
      {state === 'paused' && <PausedNote action={action} />}
      <Facts
        facts={[
          [
            'State',
            <Badge key="state" look={state === 'active' ? 'good' : 'wait'}>
              {state}
            </Badge>,
          ],
          ['Owner', <Text key="owner">{madeBy}</Text>],
          [
            'Integrations',
            <Text key="names">{customerIntegrationIds.map((id) => names.get(id) ?? id).join(', ')}</Text>,
          ],
          ['A person approves', approvalStrategyLabels[approvalStrategy].label.toLowerCase()],
          [
            'Saved errand',
            <Link
              key="run"
              to="/w/$workspaceId/runs/$runId"
              params={{ workspaceId, runId }}
              className="text-accent underline"
            >
              Open it, unless it was removed
            </Link>,
          ],
          ['Changed', <Ago key="changed" at={updatedAt} />],
        ]}
      />
    </>
  );
}

/** A change without fields makes the person its owner. */
function PausedNote({ action: { key } }: { action: Action }) {
  const client = useClient();
  const off = useOffReason('runs:write');
  const { run, isBusy } = useAct({
    act: () => client.actions.change.mutate({ key }),
    done: 'The action is active, and you are its owner.',
    refresh: AFTER_CHANGE,
  });
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-xl border border-wait bg-wait-soft p-4">
      <p className="min-w-64 flex-1">The action is paused: its owner may no longer create errands.</p>
      <Button offBecause={off} isBusy={isBusy} onClick={run}>
        Activate it as its owner
      </Button>
    </div>
  );
}
