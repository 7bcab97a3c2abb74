import type { Planner, ToolSource } from '@errand/contracts';
import type { Sandbox } from '@errand/plan';
import type { Approvals } from '../decisions/ask/approvals.ts';
import type { DecisionRequests } from '../decisions/ask/requests.ts';
import type { Faults } from '../failpoints.ts';
import type { Log, Toolbox } from '../ports.ts';
import type { Publish } from '../transition.ts';
import type { Budgeter } from './budget.ts';
import type { CallPolicy } from './call-policy.ts';
import type { OutputMemory } from './outputs.ts';
import type { ActivationWriter } from './writer.ts';

/** What the execution of a plan needs from its activation. */
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
  waitUntilSeenAlive: () => Promise<boolean>;
  /** Called as soon as calls can be made, so that the activation can count them after an error. */
  began: (calls: Began) => void;
};

/** The calls of an activation: `settle` waits for those in flight; `effects` may have changed something; `intended` have no outcome. */
export type Began = { settle: () => Promise<void>; readonly effects: number; readonly intended: number };
