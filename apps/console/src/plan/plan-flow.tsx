// A plan with the states of its steps: as a graph, or as a list.
import { lazy, Suspense, useMemo, useState } from 'react';
import { useMedia } from '../display/media.ts';
import type { PlanFlowProps } from './flow-step.ts';
import { PlanList } from './plan-list.tsx';

export type { FlowStep, PlanFlowProps } from './flow-step.ts';

const PlanGraph = lazy(() => import('./plan-graph.tsx').then(({ PlanGraph }) => ({ default: PlanGraph })));

type Shape = 'graph' | 'list';

/** A plan as a graph from left to right; a list on narrow screens. */
export function PlanFlow(props: PlanFlowProps) {
  const isNarrow = useMedia('(width < 48rem)');
  const [chosen, choose] = useState<Shape>();
  const shape = chosen ?? (isNarrow ? 'list' : 'graph');
  // A new object for each state of a step must not lay out the graph again.
  const key = props.steps.map(({ stepId, needs }) => `${stepId}:${needs.map((need) => need.stepId)}`).join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says everything that the layout depends on
  const layoutSteps = useMemo(() => props.steps, [key]);
  if (props.steps.length === 0) return <p className="p-3 text-dim">There is no plan yet.</p>;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <ShapeChoice shape={shape} onChoose={choose} />
      {shape === 'list' ? (
        <PlanList {...props} />
      ) : (
        <Suspense fallback={<div className="h-28" />}>
          <PlanGraph {...props} layoutSteps={layoutSteps} />
        </Suspense>
      )}
    </div>
  );
}

const SHAPES = { graph: 'Graph', list: 'List' } as const;

const ShapeChoice = ({ shape, onChoose }: { shape: Shape; onChoose: (shape: Shape) => void }) => (
  <fieldset className="flex gap-1 self-end">
    <legend className="sr-only">Show the plan as</legend>
    {(['graph', 'list'] as const).map((each) => (
      <button
        key={each}
        type="button"
        aria-pressed={shape === each}
        className="rounded-lg px-2 py-1 text-sm text-dim hover:bg-soft aria-pressed:bg-soft aria-pressed:font-semibold aria-pressed:text-ink"
        onClick={() => onChoose(each)}
      >
        {SHAPES[each]}
      </button>
    ))}
  </fieldset>
);
