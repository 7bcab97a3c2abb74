export type { PreparedAction } from './actions/run-action.ts';
export type { Limits } from './activation/budget.ts';
export type { CallPolicy } from './activation/calls/call-policy.ts';
export type { ApprovalRequest } from './decisions/answer/decide-approval.ts';
export type { DecidedConsent } from './decisions/answer/decide-consents.ts';
export { createApprovalRules } from './decisions/ask/approval-rules.ts';
export type { ApprovalPolicy } from './decisions/ask/approvals.ts';
export type { Links } from './decisions/ask/links.ts';
export { createEngine, type Engine } from './engine.ts';
export type { EngineOptions } from './engine-options.ts';
export type { SentEvent, SentEvents } from './events/events.ts';
export type { WaitOptions } from './events/wait.ts';
export type { Failpoint, Faults } from './failpoints.ts';
export type {
  CallInput,
  Catalog,
  Log,
  MissingCredential,
  RunIdentity,
  Toolbox,
  ToolRequest,
  WebhookAnswer,
  WebhookRequest,
  WebhookSender,
} from './ports.ts';
export type { Preflighted } from './preflight/preflight.ts';
export { BacklogFull, type QueueOptions } from './queue/backlog.ts';
export type { WorkerOptions } from './queue/worker-options.ts';
export { ANSWER_BYTES, AnswerText } from './runs/answer-text.ts';
export type { RunOrigin } from './runs/create.ts';
export type { PreparedRerun } from './runs/rerun.ts';
export { timesOf } from './schedules/cron.ts';
