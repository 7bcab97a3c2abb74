import { useState } from 'react';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient } from '../../../session/workspace.tsx';
import { type TrialOutcome, TrialResult } from '../../integration/trial-result.tsx';

type TrialCardProps = {
  customerIntegrationId: string;
  /** The user with the credential to try; by default the workspace. */
  userId?: string;
};

/** Tries the credential with a harmless read. */
export function TrialCard({ customerIntegrationId, userId }: TrialCardProps) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const [trial, setTrial] = useState<TrialOutcome>();
  const input = { customerIntegrationId, ...(userId !== undefined && { userId }) };
  const { run, isBusy, error } = useAct({
    act: () => client.integrations.try.mutate(input),
    onDone: setTrial,
    showsProblem: true,
  });
  return (
    <div className="flex max-w-3xl flex-col gap-3 rounded-xl border border-line bg-pane p-3">
      <p>Try the credential: Errand calls a read that needs no arguments. It changes nothing.</p>
      <div className="flex flex-wrap gap-2">
        <Button isBusy={isBusy} offBecause={off} onClick={run}>
          Try it
        </Button>
        <CodeButton title="Try the credential from code" operation="integrations.try" input={input} />
      </div>
      {error != null && <ProblemNote error={error} />}
      {trial && <TrialResult result={trial} />}
    </div>
  );
}
