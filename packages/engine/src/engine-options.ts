import type { ToolSource } from '@errand/contracts';
import type { Db } from '@errand/db';
import type { Sandbox } from '@errand/plan';
import type { Log } from '@errand/ports/log';
import type { Planner } from '@errand/ports/planner';
import type { Toolbox } from '@errand/ports/toolbox';
import type { Limits } from './activation/budget.ts';
import type { CallPolicy } from './activation/calls/call-policy.ts';
import type { OutputRoom } from './activation/outputs.ts';
import type { PlanningPolicy } from './activation/planning/plan.ts';
import type { ApprovalPolicy, RuleCheck, RuledRun } from './decisions/ask/approvals.ts';
import type { AskPolicy } from './decisions/ask/requests.ts';
import type { Links } from './events/links.ts';
import type { Faults } from './failpoints.ts';
import type { QueueOptions } from './queue/backlog.ts';
import type { WorkerOptions } from './queue/worker-options.ts';
import type { WebhookOptions } from './webhooks/webhooks.ts';

/**
 * What the engine needs of the database. `pool` is for statements over all workspaces and for activations, `poolOf` for requests of callers in
 * one workspace, `connect` for LISTEN and for the worker's lock.
 */
type EngineDb = Pick<Db, 'pool' | 'batchPool' | 'transitions' | 'poolOf' | 'bypassingRlsOf' | 'connect'>;

export type EngineOptions = {
  db: EngineDb;
  sandbox: Sandbox;
  toolbox: Toolbox;
  planner: Planner<ToolSource>;
  planning?: Partial<PlanningPolicy>;
  log: Log;
  /** Signs the cursors of lists; at least 32 bytes, the same in every process. */
  cursorKeys: () => readonly [Buffer, ...Buffer[]];
  workers?: Partial<WorkerOptions>;
  queue?: Partial<QueueOptions>;
  limits?: Partial<Limits>;
  outputs?: Partial<OutputRoom>;
  calls?: Partial<CallPolicy>;
  asking?: Partial<AskPolicy>;
  approving?: Partial<ApprovalPolicy>;
  /** Four eyes: the principal that created a run may not decide about it. */
  fourEyes?: boolean;
  /** Which calls need no decision request; none by default. */
  approvalRules?: (run: RuledRun) => RuleCheck;
  /** Makes links to the pages where humans decide; without it events have no links. */
  links?: Links;
  /** How webhooks are told; without it they are not. */
  webhooks?: WebhookOptions;
  /** For the fault harness only. */
  faults?: Faults;
};
