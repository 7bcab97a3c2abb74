import type { ComponentType, ReactNode } from 'react';
import { ProblemNote } from '../display/problem-note.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { ApprovalPanel } from './approval-panel.tsx';
import { Arguments } from './call-body.tsx';
import { ClosingNote } from './closing-note.tsx';
import { ConsentPanel } from './consent-panel.tsx';
import { EffectPanel } from './effect-panel.tsx';
import type { Entry } from './entry.ts';
import { ErrandLine, Heading, RequestPreview } from './facts.tsx';
import type { PanelProps } from './panel-parts.tsx';
import { PlanBody } from './plan-body.tsx';
import { useEntry } from './use-entry.ts';

const PANELS: Record<Entry['kind'], ComponentType<PanelProps>> = {
  plan: ApprovalPanel,
  call: ApprovalPanel,
  consent: ConsentPanel,
  effect: EffectPanel,
  question: AnswerPanel,
  input: AnswerPanel,
};

type DecisionPanelProps = {
  entryId: string;
  /** The entry as a list shows it, perhaps without its documents. */
  known?: Entry | undefined;
  /** After the decision of this person. */
  onDone?: () => void;
  /** In the page of its errand. */
  isCompact?: boolean;
};

/** One decision request of any kind, with everything needed to decide. It says at once when another person has decided. */
export function DecisionPanel({ entryId, known, onDone, isCompact = false }: DecisionPanelProps) {
  const { entry, closing, isMissing, isRead, error, readAgain } = useEntry(entryId, known);
  if (isMissing) return <Missing />;
  if (!entry)
    return error ? <ProblemNote error={error} onRetry={readAgain} /> : <div className="h-96" aria-busy="true" />;
  const Panel = PANELS[entry.kind];
  return (
    <Pane entry={entry} isCompact={isCompact}>
      {error != null && <ProblemNote error={error} onRetry={readAgain} />}
      {closing ? (
        <>
          <ClosingNote closing={closing} />
          <ClosedBody entry={entry} isCompact={isCompact} />
        </>
      ) : isRead ? (
        <Panel key={entryId} {...{ entryId, entry, readAgain, onDone, isCompact }} />
      ) : (
        <div className="h-60" aria-busy="true" />
      )}
    </Pane>
  );
}

function Pane({ entry, isCompact, children }: { entry: Entry; isCompact: boolean; children: ReactNode }) {
  return (
    <article
      aria-label={entry.title}
      className="flex min-w-0 flex-col gap-4 rounded-xl border border-line bg-pane p-4 max-sm:p-3"
    >
      <div className="flex flex-col gap-1">
        <Heading entry={entry} />
        {!isCompact && <ErrandLine entry={entry} />}
      </div>
      {children}
    </article>
  );
}

function ClosedBody({ entry, isCompact }: { entry: Entry; isCompact: boolean }) {
  if (entry.kind === 'plan') return <PlanBody entry={entry} isCompact={isCompact} />;
  if (entry.kind !== 'call' && entry.kind !== 'effect') return null;
  return (
    <>
      <Arguments entry={entry} />
      <RequestPreview entry={entry} />
    </>
  );
}

const Missing = () => (
  <div className="rounded-xl border border-line bg-pane p-6">
    <p className="font-semibold">This request does not exist here.</p>
    <p className="text-dim">Its errand may have ended or was deleted, or it belongs to another workspace.</p>
  </div>
);
