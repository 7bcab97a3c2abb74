import { Button } from '../../controls/button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { useAct } from '../../manage/use-act.ts';
import { problemFor } from '../../session/problem.ts';
import { useClient } from '../../session/workspace.tsx';
import { allowableOrigin } from './allowable-origin.ts';

type RefusalProps = {
  error: unknown;
  /** Sends the refused request again. */
  onRetry: () => void;
};

/** A refused request. An administrator can allow an address that is not public, as far as the operator permits it. */
export function Refusal({ error, onRetry }: RefusalProps) {
  const origin = allowableOrigin(problemFor(error));
  if (origin === undefined) return <ProblemNote error={error} onRetry={onRetry} />;
  return (
    <div className="flex flex-col gap-2">
      <ProblemNote error={error} />
      <AllowOrigin origin={origin} onAllowed={onRetry} />
    </div>
  );
}

function AllowOrigin({ origin, onAllowed }: { origin: string; onAllowed: () => void }) {
  const client = useClient();
  const off = useOffReason('admin');
  const { run, isBusy, error } = useAct({
    act: () => client.workspace.allowOrigin.mutate({ origin, note: 'Allowed while an integration was added.' }),
    done: `${origin} is allowed.`,
    refresh: [['service origins']],
    onDone: onAllowed,
    showsProblem: true,
  });
  return (
    <div className="flex flex-col gap-2 rounded-lg border border-wait bg-wait-soft p-3">
      <p className="break-words">
        Is <code className="font-mono text-sm break-all">{origin}</code> a service of yours? Allow it, and calls of this
        workspace may reach it, also inside your network. The settings list what is allowed.
      </p>
      {error != null && <ProblemNote error={error} />}
      <div>
        <Button isBusy={isBusy} offBecause={off} onClick={run}>
          Allow this origin
        </Button>
      </div>
    </div>
  );
}
