// A run that was read: its head, what it waits for, its result, and its views.
import { isTerminal } from '@errand/contracts/labels';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { snippetOf } from '../../code/snippets.ts';
import { useShortcuts } from '../../controls/shortcuts.ts';
import { WaitingBanner } from '../../decide/waiting-banner.tsx';
import { copy } from '../../display/copy-button.tsx';
import { ProblemNote } from '../../display/problem-note.tsx';
import { RunActions } from './actions/run-actions.tsx';
import type { RunDialogName } from './actions/run-dialog.tsx';
import { requestFor } from './actions/run-request.ts';
import { FeedbackForm } from './feedback-form.tsx';
import type { RunLog } from './log/log.ts';
import type { Plan, Run } from './log/phases.ts';
import { usePlan } from './log/use-run.ts';
import type { Reading } from './log/use-run-log.ts';
import { ResultCard } from './result-card.tsx';
import { RunHeader } from './run-header.tsx';
import { RunParts } from './run-parts.tsx';
import type { RunSearch, View } from './search.ts';

const RunDialog = lazy(() => import('./actions/run-dialog.tsx').then((module) => ({ default: module.RunDialog })));

type RunViewProps = { run: Run; reading: Reading; search: RunSearch; error: unknown; onRetry: () => void };

const MAX_TITLE = 60;

export function RunView({ run, reading, search, error, onRetry }: RunViewProps) {
  const { plan, isPending, error: planError } = usePlan(run);
  const [isExpanded, setExpanded] = useState(false);
  const isEnded = isTerminal(run.status);
  const isWaiting = !isEnded && run.waitingOn.length > 0;
  // The banner tells the decision of another person after nothing waits any more.
  const [hasWaited, setHasWaited] = useState(isWaiting);
  if (isWaiting && !hasWaited) setHasWaited(true);
  const [dialog, show] = useState<RunDialogName>();
  const step = search.step ?? interestingStep(reading.log, plan);
  useRunShortcuts({ run, isWaiting, plan, step, show, onExpand: () => setExpanded(!isExpanded) });
  return (
    <article className="flex max-w-[1600px] flex-col gap-4">
      <title>{`${run.intent.slice(0, MAX_TITLE)} · Errand`}</title>
      <RunHeader
        run={run}
        log={reading.log}
        plan={plan}
        isExpanded={isExpanded}
        actions={<RunActions run={run} reading={reading} onDialog={show} />}
      />
      {error != null && <ProblemNote error={error} onRetry={onRetry} />}
      {hasWaited && <WaitingBanner runId={run.runId} />}
      {!isEnded && <WaitingFor run={run} />}
      <ResultCard run={run} feedback={<FeedbackForm runId={run.runId} />} />
      <RunParts
        run={run}
        plan={plan}
        isPlanPending={isPending}
        planError={planError}
        reading={reading}
        search={search}
        step={step}
        isExpanded={isExpanded}
      />
      {dialog !== undefined && (
        <Suspense>
          <RunDialog name={dialog} run={run} plan={plan} step={search.step} onClose={() => show(undefined)} />
        </Suspense>
      )}
    </article>
  );
}

/** The step that a person looks for first: one that waits, runs or failed, else the first. */
function interestingStep(log: RunLog, plan: Plan | undefined): string | undefined {
  for (const state of ['waiting', 'failed', 'denied'] as const)
    for (const [stepId, record] of log.steps) if (record.step.state === state) return stepId;
  return [...log.running.values()][0]?.stepId ?? plan?.steps[0]?.stepId;
}

const REASONS: Readonly<Record<NonNullable<Run['waitingFor']>['what'], string>> = {
  slot: 'It waits for a free worker.',
  retry: 'The database failed; it is tried again within seconds.',
  start: 'It starts later.',
  human: '',
  suspect: 'Workers ended while they executed it. It is tried alone.',
};

function WaitingFor({ run: { waitingFor } }: { run: Run }) {
  const text = waitingFor && REASONS[waitingFor.what];
  return text ? <p className="text-dim">{text}</p> : null;
}

type ShortcutOptions = {
  run: Run;
  isWaiting: boolean;
  plan: Plan | undefined;
  step: string | undefined;
  show: (dialog: RunDialogName) => void;
  onExpand: () => void;
};

function useRunShortcuts({ run, isWaiting, plan, step, show, onExpand }: ShortcutOptions): void {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs/$runId' });
  const see = (view: View) => () => void navigate({ search: (before) => ({ ...before, view }), replace: true });
  const go = (distance: number) => () => {
    const ids = plan?.steps.map(({ stepId }) => stepId) ?? [];
    const next = ids[Math.min(Math.max(0, ids.indexOf(step ?? '') + distance), ids.length - 1)];
    if (next !== undefined)
      void navigate({ search: ({ call: _, ...before }) => ({ ...before, step: next }), replace: true });
  };
  const others = [
    { keys: 'e', text: 'Events', run: see('events') },
    { keys: 'r', text: 'Rerun', run: () => show('rerun') },
    { keys: 'y', text: 'Copy as curl', run: () => void copy(snippetOf('curl', location.origin, requestFor(run))) },
  ];
  useShortcuts([
    { keys: 'o', text: 'Flow', run: see('flow') },
    { keys: 'w', text: 'Waterfall', run: see('waterfall') },
    { keys: '[', text: 'Previous step', run: go(-1) },
    { keys: ']', text: 'Next step', run: go(1) },
    { keys: '.', text: 'Expand or fold', run: onExpand },
    // The banner of an open request has these keys for itself.
    ...(isWaiting ? [] : others),
  ]);
}
