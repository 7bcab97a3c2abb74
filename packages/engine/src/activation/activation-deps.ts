import type { Awaitable } from '@errand/basics/awaitable';
import type { ToolSource } from '@errand/contracts';
import type { Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Span } from '@errand/ports/observer';
import type { Planner } from '@errand/ports/planner';
import type { Toolbox } from '@errand/ports/toolbox';
import type { ApprovalPolicy, Approvals, RuleCheck, RuledRun } from '../decisions/ask/approvals.ts';
import type { DecisionRequests, RequestLifetimes } from '../decisions/ask/decision-requests.ts';
import type { Progress } from '../events/progress.ts';
import type { ActivationWriter } from '../events/writer.ts';
import type { Faults } from '../failpoints.ts';
import type { Publish, WritingScope } from '../model/transition.ts';
import type { BeginActivation, Report } from '../observation/report.ts';
import type { DueSignal } from '../queue/activation.ts';
import type { BudgetMeter, Limits } from './budget.ts';
import type { CallPolicy } from './calls/call-policy.ts';
import type { OutputMemory } from './outputs.ts';

/** Dependencies shared by all activations of a process. */
export type AdvanceDeps = {
  scopeOf: (workspaceId: string) => WritingScope;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  /** Maximum number of further plans of a run. */
  maxReplans: number;
  sandbox: Sandbox;
  publish: Publish;
  progress: Pick<Progress, 'begin' | 'end'>;
  /** Waits until no other worker can hold this worker's runs; false when the signal was aborted first. */
  waitUntilSeenAlive: (signal: AbortSignal) => Awaitable<boolean>;
  isSeenAlive: () => boolean;
  /** Called after a run that is due at once was given back. */
  signalDue: () => void;
  log: Log;
  beginActivation: BeginActivation;
  report: Report;
  limits: Limits;
  outputMemory: OutputMemory;
  callPolicy: CallPolicy;
  requestLifetimes: RequestLifetimes;
  approvalPolicy: ApprovalPolicy;
  allowedByRule: (run: RuledRun) => RuleCheck;
  faults: Faults;
};

export type ActivationDeps = AdvanceDeps & {
  writer: ActivationWriter;
  budget: BudgetMeter;
  requests: DecisionRequests;
  approvals: Approvals;
  dueSignal: DueSignal;
  signal: AbortSignal;
  /** Undefined if the run is not traced. */
  span: Span | undefined;
  /** The time of the database. */
  now: () => Date;
  /** Called once calls can be made, so that the activation can count them after an error. */
  onCalls: (calls: CallsInFlight) => void;
};

/** The calls of an activation. `effects`: calls that may have changed something; `intended`: calls without an outcome. */
export type CallsInFlight = { waitForCalls: () => Promise<void>; readonly effects: number; readonly intended: number };
