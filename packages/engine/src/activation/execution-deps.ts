import type { Planner, ToolSource } from '@errand/contracts';
import type { Sandbox } from '@errand/plan';
import type { Approvals } from '../decisions/approval.ts';
import type { DecisionRequests } from '../decisions/requests.ts';
import type { Faults } from '../failpoints.ts';
import type { Log, Toolbox } from '../ports.ts';
import type { Publish } from '../transition.ts';
import type { Budgeter } from './budget.ts';
import type { CallPolicy } from './call-policy.ts';
import type { OutputMemory } from './outputs.ts';
import type { ActivationWriter } from './writer.ts';

/** What a plan under way needs of its activation. */
export type ExecutionDeps = {
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  sandbox: Sandbox;
  writer: ActivationWriter;
  budget: Budgeter;
  signal: AbortSignal;
  policy: CallPolicy;
  requests: DecisionRequests;
  approvals: Approvals;
  faults: Faults;
  memory: OutputMemory;
  log: Log;
  publish: Publish;
  maySend: () => Promise<boolean>;
  /** Told as soon as calls can be made, so that an error can be answered with what they came to. */
  began: (calls: Began) => void;
};

/** The calls of an activation: how to wait for those in flight, how many may have changed something, how many were about to. */
export type Began = { settle: () => Promise<void>; readonly effects: number; readonly intended: number };
