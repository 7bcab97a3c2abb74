import { ArrowLeft } from 'lucide-react';
import type { FlowStep, PlanFlowProps } from './flow-step.ts';
import { Iterations } from './iterations.tsx';
import { StepStateMark, WriteMark } from './step-state.tsx';

/** The steps of a plan in their order, each with what it takes from others. */
export function PlanList({ steps, selected, onSelect }: PlanFlowProps) {
  const titles = new Map(steps.map(({ stepId, title }, index) => [stepId, `${index + 1}. ${title}`]));
  return (
    <ol className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-pane">
      {steps.map((step, index) => (
        <li key={step.stepId} className={step.stepId === selected ? 'bg-soft' : ''}>
          <ListStep
            step={step}
            number={index + 1}
            titles={titles}
            isSelected={step.stepId === selected}
            onSelect={onSelect}
          />
        </li>
      ))}
    </ol>
  );
}

type ListStepProps = {
  step: FlowStep;
  number: number;
  titles: ReadonlyMap<string, string>;
  isSelected: boolean;
  onSelect: PlanFlowProps['onSelect'];
};

function ListStep({ step, number, titles, isSelected, onSelect }: ListStepProps) {
  const { stepId, title, effect, needs, state, iterations, note } = step;
  const content = (
    <>
      <span className="flex w-full flex-wrap items-center gap-x-2">
        <span className="min-w-3/5 flex-1 font-semibold break-words">
          {number}. {title}
        </span>
        {effect === 'write' && <WriteMark />}
        <StepStateMark state={state} />
      </span>
      {note !== undefined && <span className="text-dim break-words">{note}</span>}
      {iterations && <Iterations {...iterations} />}
      {needs.map((need) => (
        <span key={need.stepId} className="flex items-center gap-1 text-sm text-dim">
          <ArrowLeft size={12} aria-hidden="true" className="shrink-0" />
          <span className="min-w-0 break-words">
            {need.label === undefined ? '' : `${need.label}, `}from {titles.get(need.stepId) ?? need.stepId}
          </span>
        </span>
      ))}
    </>
  );
  const className = 'flex w-full flex-col items-start gap-0.5 px-3 py-2 text-left';
  if (!onSelect) return <div className={className}>{content}</div>;
  return (
    <button
      type="button"
      aria-pressed={isSelected}
      className={`${className} hover:bg-soft`}
      onClick={() => onSelect(stepId)}
    >
      {content}
    </button>
  );
}
