import type { Outputs } from '@errand/client/console';
import { useState } from 'react';
import { CodeButton } from '../../../code/code-button.tsx';
import { Button } from '../../../controls/button.tsx';
import { ProblemNote } from '../../../display/problem-note.tsx';
import { Text } from '../../../display/text.tsx';
import { useOffReason } from '../../../manage/rights.ts';
import { useAct } from '../../../manage/use-act.ts';
import { useClient } from '../../../session/workspace.tsx';

type Trial = Outputs['integrations']['try'];

type TrialCardProps = {
  customerIntegrationId: string;
  /** The user whose credential is tried; by default that of the workspace. */
  userId?: string;
};

/** Tries the credential with a harmless read. */
export function TrialCard({ customerIntegrationId, userId }: TrialCardProps) {
  const client = useClient();
  const off = useOffReason('connections:write');
  const [trial, setTrial] = useState<Trial>();
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
      {trial && <TrialResult trial={trial} />}
    </div>
  );
}

const NOT_TRIED: Readonly<Record<NonNullable<Trial['notTried']>, string>> = {
  no_tool: 'Nothing was called: no tool that is on reads something without arguments.',
  no_credential: 'Nothing was called: no usable credential is stored.',
  busy: 'Nothing was called: too many trials are in progress. Try again in a moment.',
};
const LOOKS = { accepted: 'text-good', rejected: 'text-bad', unknown: 'text-wait' } as const;

function TrialResult({ trial: { result, tool, status, account, notTried } }: { trial: Trial }) {
  return (
    <p role="status" className={`break-words ${LOOKS[result]}`}>
      {notTried === undefined ? (
        <>
          {result === 'accepted' && 'The service accepted it. '}
          {result === 'rejected' && 'The service refused the credential. Its page replaces it. '}
          {result === 'unknown' && 'The service gave no clear answer. '}
          {tool !== undefined && <Text>{tool}</Text>}
          {status !== undefined && ` answered ${status}.`}
          {account !== undefined && (
            <>
              {' '}
              The account is <Text>{account}</Text>.
            </>
          )}
        </>
      ) : (
        NOT_TRIED[notTried]
      )}
    </p>
  );
}
