// The steps of a plan as pages show them.
import type { ReactNode } from 'react';

export type FlowStep = {
  stepId: string;
  /** "CRM: List deals" */
  title: string;
  effect?: 'read' | 'write' | undefined;
  /** The steps whose outputs it reads. */
  needs: { stepId: string /** The value that goes along the edge: "accountId ← accounts[0].id". */; label?: string }[];
  state:
    | 'planned'
    | 'running'
    | 'waiting'
    | 'done'
    | 'failed'
    | 'denied'
    | 'skipped'
    | 'blocked'
    | 'uncertain'
    | 'taken over';
  /** Iterations of a `forEach` step. */
  iterations?: { done: number; total: number } | undefined;
  /** A line below the title: "1 account · 62 ms". */
  note?: ReactNode;
};

export type PlanFlowProps = {
  steps: readonly FlowStep[];
  selected?: string | undefined;
  onSelect?: (stepId: string) => void;
};
