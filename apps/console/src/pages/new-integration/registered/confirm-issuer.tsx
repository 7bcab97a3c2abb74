import { Button } from '../../../controls/button.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient } from '../../../session/workspace.tsx';
import type { Integration } from '../../integration/use-integration.ts';

type ConfirmIssuerProps = { integration: Integration; pendingIssuer: string };

/** An MCP server names an authorization server of another site: nothing is sent there before a person confirms it. */
export function ConfirmIssuer({ integration: { customerIntegrationId, host }, pendingIssuer }: ConfirmIssuerProps) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.patch.mutate({ customerIntegrationId, confirmIssuer: pendingIssuer }),
    done: 'The authorization server is confirmed.',
    refresh: [['integrations']],
    showsProblem: true,
  });
  return (
    <div className="flex max-w-3xl flex-col gap-2 rounded-xl border border-wait bg-wait-soft p-3">
      <p className="break-words">
        Users would sign in at <Text>{pendingIssuer}</Text>, which is another site than <Text>{host}</Text>. The access
        that they grant there goes to <Text>{host}</Text>. Confirm it if both belong together.
      </p>
      {error != null && <ProblemNote error={error} />}
      <div>
        <Button isBusy={isBusy} offBecause={off} onClick={run}>
          Confirm
        </Button>
      </div>
    </div>
  );
}
