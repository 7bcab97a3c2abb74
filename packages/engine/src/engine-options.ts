import type { ToolSource } from '@errand/contracts';
import type { Db } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { CallPauses } from '@errand/ports/call-pauses';
import type { Log } from '@errand/ports/log';
import type { Observer } from '@errand/ports/observer';
import type { Planner } from '@errand/ports/planner';
import type { Siblings } from '@errand/ports/siblings';
import type { Toolbox } from '@errand/ports/toolbox';
import type { Limits } from './activation/budget.ts';
import type { CallPolicy } from './activation/calls/call-policy.ts';
import type { OutputLimits } from './activation/outputs.ts';
import type { PlanningPolicy } from './activation/planning/plan.ts';
import type { ApprovalPolicy, RuleCheck, RuledRun } from './decisions/ask/approvals.ts';
import type { RequestLifetimes } from './decisions/ask/decision-requests.ts';
import type { Links } from './events/links.ts';
import type { Faults } from './failpoints.ts';
import type { QueueOptions } from './queue/backlog.ts';
import type { WorkerOptions } from './queue/worker.ts';
import type { WebhookOptions } from './webhooks/webhooks.ts';

/**
 * The database access of the engine. `pool`: statements over all workspaces, and activations. `poolOf`: requests of callers in one
 * workspace. `connect`: LISTEN and the worker's lock.
 */
type EngineDb = Pick<Db, 'pool' | 'batchPool' | 'transitions' | 'poolOf' | 'bypassingRlsOf' | 'connect'> & {
  people: Pick<Db['people'], 'behind' | 'requesters' | 'deciders'>;
};

export type EngineOptions = {
  db: EngineDb;
  sandbox: Sandbox;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  planning?: Partial<PlanningPolicy>;
  log: Log;
  /** Keys of list cursors: at least 32 bytes, the same in every process. */
  cursorKeys: () => readonly [Buffer, ...Buffer[]];
  workers?: Partial<WorkerOptions>;
  queue?: Partial<QueueOptions>;
  limits?: Partial<Limits>;
  outputs?: Partial<OutputLimits>;
  callPolicy?: Partial<CallPolicy>;
  requestLifetimes?: Partial<RequestLifetimes>;
  approvalPolicy?: Partial<ApprovalPolicy>;
  /** No person behind the principal that created a run may decide about it. */
  fourEyes?: boolean;
  /** Calls that need no decision request; none by default. */
  approvalRules?: (run: RuledRun) => RuleCheck;
  /** Makes links to the pages where humans decide; without it events have no links. */
  links?: Links;
  /** Without it no webhook is sent. */
  webhooks?: WebhookOptions;
  /** Told of the pauses of calls that other processes begin. */
  callPauses?: CallPauses;
  /** The other processes of this machine; without them this one does all periodic work. */
  siblings?: Siblings | undefined;
  /** Traces activations and counts business events. */
  observer?: Observer | undefined;
  /** Only for the fault tests. */
  faults?: Faults;
};
