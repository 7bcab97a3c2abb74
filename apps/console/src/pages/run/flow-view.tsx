// The plan as a flow, with the plans that it replaced below it.
import { type ReactNode, useMemo, useState } from 'react';
import { At } from '../../display/time.tsx';
import { PlanFlow } from '../../plan/plan-flow.tsx';
import { flowSteps } from './log/flow-steps.ts';
import type { RunLog } from './log/log.ts';
import type { Plan, Run } from './log/phases.ts';
import { usePlan } from './log/use-run.ts';

type FlowViewProps = {
  run: Run;
  log: RunLog;
  plan: Plan | undefined;
  selected: string | undefined;
  onSelect: (stepId: string) => void;
};

export function FlowView({ run, log, plan, selected, onSelect }: FlowViewProps) {
  const steps = useMemo(() => flowSteps(plan, log), [plan, log]);
  const earlier = plan?.versions.filter(({ version }) => version !== plan.version) ?? [];
  return (
    <div className="flex flex-col gap-4">
      {plan && earlier.length > 0 && <h2 className="font-semibold">Plan {plan.version}, the present one</h2>}
      <PlanFlow steps={steps} selected={selected} onSelect={onSelect} />
      {plan && <Maker plan={plan} />}
      {earlier.toReversed().map((version) => (
        <EarlierPlan
          key={version.version}
          run={run}
          log={log}
          version={version}
          selected={selected}
          onSelect={onSelect}
          successor={successorOf(plan!, version.version)}
        />
      ))}
    </div>
  );
}

type Version = Plan['versions'][number];

const successorOf = (plan: Plan, version: number): Version | undefined =>
  plan.versions.find((each) => each.version === version + 1);

const MAKERS: Readonly<Record<Plan['madeBy']['kind'], string>> = {
  builtin: 'the planner of the service',
  model: 'a model',
  caller: 'the caller',
  repeat: 'an earlier errand',
  action: 'the action',
  rerun: 'the errand that it reruns',
};

function Maker({ plan: { madeBy, madeAt, words } }: { plan: Plan }) {
  return (
    <details className="text-dim">
      <summary>
        Plan of {madeBy.model ?? MAKERS[madeBy.kind]}, <At at={madeAt} />, in words
      </summary>
      <ul className="mt-1 flex flex-col gap-0.5 text-ink">
        {words.map((sentence) => (
          <li key={sentence} className="break-words">
            {sentence}
          </li>
        ))}
      </ul>
    </details>
  );
}

type EarlierPlanProps = Omit<FlowViewProps, 'plan'> & { version: Version; successor: Version | undefined };

/** A plan that was replaced. It is read when a person opens it. */
function EarlierPlan({ version, successor, ...flow }: EarlierPlanProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span className="font-semibold">Plan {version.version}</span>{' '}
        <span className="text-dim">
          of {version.madeBy.model ?? MAKERS[version.madeBy.kind]}, replaced
          {successor?.reason === undefined ? '' : `: ${successor.reason}`}
        </span>
      </summary>
      {isOpen && (
        <div className="mt-2 opacity-80">
          <EarlierFlow {...flow} version={version.version} />
        </div>
      )}
    </details>
  );
}

function EarlierFlow({ run, log, version, selected, onSelect }: Omit<FlowViewProps, 'plan'> & { version: number }) {
  const { plan } = usePlan(run, version);
  const steps = useMemo(() => flowSteps(plan, log), [plan, log]);
  return plan ? <PlanFlow steps={steps} selected={selected} onSelect={onSelect} /> : <div className="h-24" />;
}
