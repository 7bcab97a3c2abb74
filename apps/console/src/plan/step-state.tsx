// The states of steps: a shape, a color and a word for each.
import { callStateLabels, effectLabels, stepStateLabels } from '@errand/contracts/labels';
import {
  Ban,
  Check,
  Circle,
  CircleDot,
  CircleHelp,
  CopyCheck,
  Hand,
  Lock,
  type LucideIcon,
  Minus,
  PencilLine,
  X,
} from 'lucide-react';
import type { FlowStep } from './flow-step.ts';

export type StepState = FlowStep['state'];

export const flowStateLabels: Readonly<Record<StepState, string>> = {
  ...stepStateLabels,
  planned: 'planned',
  running: callStateLabels.running,
  uncertain: callStateLabels.uncertain,
  'taken over': 'taken over',
};

const LOOKS: Readonly<Record<StepState, { icon: LucideIcon; color: string }>> = {
  planned: { icon: Circle, color: 'text-dim' },
  running: { icon: CircleDot, color: 'text-accent' },
  waiting: { icon: Hand, color: 'text-wait' },
  done: { icon: Check, color: 'text-good' },
  failed: { icon: X, color: 'text-bad' },
  denied: { icon: Ban, color: 'text-bad' },
  skipped: { icon: Minus, color: 'text-dim' },
  blocked: { icon: Lock, color: 'text-dim' },
  uncertain: { icon: CircleHelp, color: 'text-wait' },
  'taken over': { icon: CopyCheck, color: 'text-good' },
};

export function StepStateMark({ state }: { state: StepState }) {
  const { icon: Icon, color } = LOOKS[state];
  return (
    <span className={`inline-flex shrink-0 items-center gap-1 whitespace-nowrap ${color}`}>
      <Icon size={13} aria-hidden="true" className={state === 'running' ? 'motion-safe:animate-running' : ''} />
      {flowStateLabels[state]}
    </span>
  );
}

export const WriteMark = () => (
  <span className="inline-flex shrink-0 items-center gap-1 text-sm text-write">
    <PencilLine size={12} aria-hidden="true" />
    {effectLabels.write}
  </span>
);

/** "CRM: List deals" as the integration and the operation. */
export function splitTitle(title: string): { integration?: string; operation: string } {
  const colon = title.indexOf(': ');
  return colon < 0 ? { operation: title } : { integration: title.slice(0, colon), operation: title.slice(colon + 2) };
}
