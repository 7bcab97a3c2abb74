import { CopyCheck, PencilLine, RotateCw } from 'lucide-react';

type RerunStepsProps = {
  runsAgain: readonly {
    stepId: string;
    title: string;
    effect: 'read' | 'write';
    needsApproval?: boolean;
    callsKept?: number;
  }[];
  takenOver: readonly { stepId: string; title: string }[];
};

/** What a rerun does: its writes first to be seen. */
export function RerunSteps({ runsAgain, takenOver }: RerunStepsProps) {
  const writes = runsAgain.filter(({ effect }) => effect === 'write').length;
  return (
    <section aria-label="Steps of the rerun" className="rounded-lg border border-line p-3">
      <p className={writes > 0 ? 'font-semibold text-write' : 'text-dim'}>{writesText(writes)}</p>
      <ol className="mt-2 flex max-h-60 flex-col gap-1 overflow-auto">
        {takenOver.map(({ stepId, title }) => (
          <li key={stepId} className="flex items-center gap-2 text-dim">
            <CopyCheck size={13} aria-hidden="true" className="shrink-0" />
            <span className="min-w-0 break-words">{title}: keeps its output</span>
          </li>
        ))}
        {runsAgain.map(({ stepId, title, effect, needsApproval, callsKept = 0 }) => (
          <li key={stepId} className="flex items-center gap-2">
            {effect === 'write' ? (
              <PencilLine size={13} aria-hidden="true" className="shrink-0 text-write" />
            ) : (
              <RotateCw size={13} aria-hidden="true" className="shrink-0 text-dim" />
            )}
            <span className="min-w-0 break-words">
              {title}: {effect === 'write' ? 'writes again' : 'reads again'}
              {needsApproval === true && ', after an approval'}
              {callsKept > 0 && <span className="text-dim"> ({callsKept} calls are kept)</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function writesText(writes: number): string {
  if (writes === 0) return 'Nothing is written again.';
  return writes === 1 ? '1 step writes again.' : `${writes} steps write again.`;
}
