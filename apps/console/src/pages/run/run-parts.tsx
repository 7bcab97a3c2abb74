// The views of a run, with the inspector of a step at their side; on narrow screens it opens over them.
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Dialog } from '../../controls/dialog.tsx';
import { useMedia } from '../../display/media.ts';
import { ProblemNote } from '../../display/problem-note.tsx';
import { EventsView } from './events-view.tsx';
import { FlowView } from './flow-view.tsx';
import { Inspector } from './inspector/inspector.tsx';
import type { Plan, Run } from './log/phases.ts';
import type { Reading } from './log/use-run-log.ts';
import { RawView } from './raw-view.tsx';
import { type RunSearch, VIEWS, type View } from './search.ts';
import { WaterfallView } from './waterfall-view.tsx';

type RunPartsProps = {
  run: Run;
  plan: Plan | undefined;
  isPlanPending: boolean;
  planError: unknown;
  reading: Reading;
  search: RunSearch;
  step: string | undefined;
  isExpanded: boolean;
};

export function RunParts({ run, plan, isPlanPending, planError, reading, search, step, isExpanded }: RunPartsProps) {
  const isNarrow = useMedia('(width < 64rem)');
  const { view = 'flow', call } = search;
  const hasInspector = view === 'flow' || view === 'waterfall';
  const inspector = step !== undefined && (
    <Inspector run={run} log={reading.log} plan={plan} stepId={step} callId={call} />
  );
  return (
    <div className={hasInspector && !isNarrow ? 'grid grid-cols-[minmax(0,1fr)_340px] items-start gap-4' : ''}>
      <div className="flex min-w-0 flex-col gap-3">
        <Tabs view={view} />
        {search.view !== 'events' && planError != null && <ProblemNote error={planError} />}
        {reading.error != null && <ProblemNote error={reading.error} onRetry={reading.retry} />}
        <ChosenView
          {...{ run, plan, isPlanPending, reading, view, isExpanded }}
          selected={isNarrow ? search.step : step}
          call={call}
        />
      </div>
      {hasInspector && !isNarrow && inspector && (
        <aside
          aria-label="Step"
          className="sticky top-16 max-h-[calc(100dvh-80px)] overflow-auto rounded-xl border border-line bg-pane p-4"
        >
          {inspector}
        </aside>
      )}
      {hasInspector && isNarrow && search.step !== undefined && <StepDialog>{inspector}</StepDialog>}
    </div>
  );
}

function StepDialog({ children }: { children: ReactNode }) {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs/$runId' });
  const close = () => void navigate({ search: ({ step: _, call: __, ...before }) => before, replace: true });
  return (
    <Dialog title="Step" onClose={close} isWide>
      {children}
    </Dialog>
  );
}

const LABELS: Readonly<Record<View, { label: string; keys?: string }>> = {
  flow: { label: 'Flow', keys: 'o' },
  waterfall: { label: 'Waterfall', keys: 'w' },
  events: { label: 'Events', keys: 'e' },
  raw: { label: 'Raw' },
};

const Tabs = ({ view }: { view: View }) => (
  <nav aria-label="Views" className="flex gap-4 border-b border-line">
    {VIEWS.map((each) => (
      <Link
        key={each}
        from="/w/$workspaceId/runs/$runId"
        search={(before) => ({ ...before, view: each })}
        replace
        title={LABELS[each].keys && `Shortcut: ${LABELS[each].keys}`}
        aria-current={view === each ? 'page' : undefined}
        className={`py-1.5 ${view === each ? 'font-semibold shadow-[inset_0_-2px_var(--color-ink)]' : 'text-dim hover:text-ink'}`}
      >
        {LABELS[each].label}
      </Link>
    ))}
  </nav>
);

type ChosenViewProps = Omit<RunPartsProps, 'search' | 'step' | 'planError'> & {
  view: View;
  selected: string | undefined;
  call: string | undefined;
};

function ChosenView({
  run,
  plan,
  isPlanPending,
  reading: { log, isComplete },
  view,
  selected,
  call,
  isExpanded,
}: ChosenViewProps) {
  const navigate = useNavigate({ from: '/w/$workspaceId/runs/$runId' });
  const select = (step: string) =>
    void navigate({ search: ({ call: _, ...before }) => ({ ...before, step }), replace: true });
  switch (view) {
    case 'flow':
      return isPlanPending ? (
        <div className="h-40" />
      ) : (
        <FlowView run={run} log={log} plan={plan} selected={selected} onSelect={select} />
      );
    case 'waterfall':
      return <WaterfallView run={run} log={log} plan={plan} selected={call ?? selected} isExpanded={isExpanded} />;
    case 'events':
      return <EventsView log={log} isComplete={isComplete} />;
    case 'raw':
      return <RawView run={run} log={log} isComplete={isComplete} plan={plan} />;
  }
}
