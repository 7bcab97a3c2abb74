// The graph of a plan. Loaded with its layout only when it is shown.
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from 'react';
import { ScrollBox } from '../display/scroll-box.tsx';
import type { FlowStep, PlanFlowProps } from './flow-step.ts';
import { Iterations } from './iterations.tsx';
import { LABEL, type Layout, type LayoutStep, layoutOf, NODE, neighborOf, pathOf } from './layout.ts';
import { StepStateMark, splitTitle, WriteMark } from './step-state.tsx';

const MAX_LABEL = 24;

/** @param props.layoutSteps the same array for the same steps and needs */
export function PlanGraph({
  steps,
  layoutSteps,
  selected,
  onSelect,
}: PlanFlowProps & { layoutSteps: readonly LayoutStep[] }) {
  const layout = useMemo(() => layoutOf(layoutSteps), [layoutSteps]);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const step = selected === undefined ? null : box.current?.querySelector(`[data-step="${CSS.escape(selected)}"]`);
    // Only within the graph: the page stays where the person reads.
    if (box.current && step instanceof HTMLElement) reveal(box.current, step);
  }, [selected]);
  const walk = useCallback(
    (event: KeyboardEvent, stepId: string) => {
      const next = neighborOf(layout, stepId, event.key);
      if (next === undefined) return;
      event.preventDefault();
      box.current?.querySelector<HTMLElement>(`[data-step="${CSS.escape(next)}"]`)?.focus();
    },
    [layout],
  );
  const latest = useRef(onSelect);
  useEffect(() => {
    latest.current = onSelect;
  });
  const select = useCallback((stepId: string) => latest.current?.(stepId), []);
  return (
    <ScrollBox ref={box} label="Graph of the plan" className="max-h-[28rem] rounded-lg border border-line bg-pane">
      <div className="relative mx-auto" style={{ width: layout.width, height: layout.height }}>
        <Edges layout={layout} steps={steps} />
        {steps.map((step) => {
          const corner = layout.nodes.get(step.stepId);
          if (!corner) return null;
          const isSelected = step.stepId === selected;
          return (
            <GraphStep
              key={step.stepId}
              step={step}
              {...corner}
              isSelected={isSelected}
              onSelect={select}
              onKeyDown={walk}
            />
          );
        })}
      </div>
    </ScrollBox>
  );
}

const MARGIN = 12;

function reveal(box: HTMLElement, { offsetLeft, offsetTop, offsetWidth, offsetHeight }: HTMLElement): void {
  const right = offsetLeft + offsetWidth + MARGIN - box.clientWidth;
  const bottom = offsetTop + offsetHeight + MARGIN - box.clientHeight;
  if (right > box.scrollLeft || offsetLeft < box.scrollLeft) box.scrollLeft = right;
  if (bottom > box.scrollTop || offsetTop < box.scrollTop) box.scrollTop = bottom;
}

const BORDERS: Partial<Record<FlowStep['state'], string>> = {
  running: 'border-accent',
  waiting: 'border-wait border-dashed',
  uncertain: 'border-wait border-dashed',
  done: 'border-good',
  failed: 'border-bad',
  denied: 'border-bad',
  'taken over': 'border-good border-dotted',
};

type GraphStepProps = {
  step: FlowStep;
  x: number;
  y: number;
  isSelected: boolean;
  onSelect: (stepId: string) => void;
  onKeyDown: (event: KeyboardEvent, stepId: string) => void;
};

const GraphStep = memo(function GraphStep({ step, x, y, isSelected, onSelect, onKeyDown }: GraphStepProps) {
  const { stepId, title, effect, state, iterations, note } = step;
  const { integration, operation } = splitTitle(title);
  // A step for each item of a list looks like a stack.
  const stack = iterations ? 'shadow-[4px_4px_0_-1px_var(--color-pane),4px_4px_0_0_var(--color-edge)]' : '';
  return (
    <button
      type="button"
      data-step={stepId}
      aria-pressed={isSelected}
      className={`absolute flex flex-col justify-center overflow-hidden rounded-lg border-2 bg-pane px-2.5 text-left leading-[18px] hover:bg-soft aria-pressed:bg-soft aria-pressed:outline-2 aria-pressed:outline-offset-2 aria-pressed:outline-accent ${BORDERS[state] ?? 'border-line'} ${stack}`}
      style={{ left: x, top: y, ...NODE }}
      onClick={() => onSelect(stepId)}
      onKeyDown={(event) => onKeyDown(event, stepId)}
    >
      <span className="block w-full truncate font-semibold" title={title}>
        {operation}
      </span>
      <span className="flex w-full gap-2 text-sm">
        <span className="min-w-0 flex-1 truncate text-dim">{integration}</span>
        {effect === 'write' && <WriteMark />}
      </span>
      <span className="flex w-full min-w-0 gap-2 text-sm">
        <StepStateMark state={state} />
        <span className="min-w-0 flex-1 truncate text-right text-dim">
          {iterations ? <Iterations {...iterations} /> : note}
        </span>
      </span>
    </button>
  );
}, isSame);

/** A live plan makes new objects for all steps whenever one of them changes. */
function isSame(before: GraphStepProps, after: GraphStepProps): boolean {
  const { step, ...others } = before;
  const { step: next, ...nextOthers } = after;
  const { iterations, needs: _, ...texts } = step;
  const { iterations: nextIterations, needs: __, ...nextTexts } = next;
  return (
    hasSameValues(others, nextOthers) &&
    hasSameValues(texts, nextTexts) &&
    hasSameValues(iterations ?? {}, nextIterations ?? {})
  );
}

const hasSameValues = <T extends object>(a: T, b: T): boolean =>
  (Object.keys({ ...a, ...b }) as (keyof T)[]).every((name) => Object.is(a[name], b[name]));

const Edges = ({ layout, steps }: { layout: Layout; steps: readonly FlowStep[] }) => {
  const labels = new Map(
    steps.flatMap(({ stepId, needs }) => needs.map((need) => [`${need.stepId} ${stepId}`, need.label] as const)),
  );
  return (
    <svg width={layout.width} height={layout.height} className="absolute inset-0 text-edge" aria-hidden="true">
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" fill="currentColor" />
        </marker>
      </defs>
      {layout.edges.map(({ from, to, points, label }) => (
        <g key={`${from} ${to}`}>
          <path d={pathOf(points)} fill="none" stroke="currentColor" strokeWidth="1.5" markerEnd="url(#arrow)" />
          {label && <EdgeLabel {...label} text={labels.get(`${from} ${to}`) ?? ''} />}
        </g>
      ))}
    </svg>
  );
};

const LETTER = 6;

const EdgeLabel = ({ x, y, text }: { x: number; y: number; text: string }) => {
  const label = text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text;
  const width = Math.min(LABEL.width, label.length * LETTER + LETTER);
  return (
    <>
      <rect x={x - width / 2} y={y - LABEL.height / 2} width={width} height={LABEL.height} className="fill-pane" />
      <text x={x} y={y + 4} textAnchor="middle" className="fill-dim text-xs">
        <title>{text}</title>
        {label}
      </text>
    </>
  );
};
