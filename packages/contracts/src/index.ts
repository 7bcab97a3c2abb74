export { ApiKey, CreatedApiKey } from './access/api-keys.ts';
export { AuditAction, AuditActor, AuditEntry, type AuditPage, type ListAuditInput } from './access/audit.ts';
export * from './access/principal.ts';
export * from './access/scope.ts';
export { type TokenIssuer, TokenIssuers } from './access/token-issuer.ts';
export {
  Action,
  ActionDetails,
  ActionKey,
  type ActionResult,
  type ActionValue,
  type RunActionInput,
} from './actions/actions.ts';
export { type AgentTool, listedAgentTool } from './agents/agent-tool.ts';
export { AGENT_ENTRY_FIELDS, agentTools, MAX_AGENT_EVENTS } from './agents/agent-tools.ts';
export * from './base/approval-strategy.ts';
export {
  type ErrorCode,
  errorTable,
  ProblemError,
  problem,
  RunErrorCode,
  runErrorCodes,
} from './base/error.ts';
export * from './base/ids.ts';
export * from './base/json.ts';
export * from './base/plan.ts';
export * from './base/run-status.ts';
export * from './base/tool-name.ts';
export * from './contract.ts';
export * from './decisions/approval.ts';
export * from './decisions/approval-link.ts';
export { ApprovalRule } from './decisions/approval-rule.ts';
export * from './decisions/arg-origin.ts';
export * from './decisions/asks.ts';
export * from './decisions/effect.ts';
export * from './decisions/in-words.ts';
export * from './decisions/input.ts';
export * from './decisions/pending.ts';
export * from './decisions/pending-entry.ts';
export * from './decisions/pending-frame.ts';
export * from './decisions/question.ts';
export { exampleAnswer, fieldsFault, formOf } from './decisions/question-fields.ts';
export * from './decisions/waiting-on.ts';
export * from './integrations/auth.ts';
export * from './integrations/consent.ts';
export {
  EFFECT_WORDS_VERSION,
  effectByWords,
  type NamedOperation,
} from './integrations/effect-by-words.ts';
export * from './integrations/integration.ts';
export { IntegrationUser } from './integrations/integration-user.ts';
export * from './integrations/secret.ts';
export * from './integrations/tool.ts';
export * from './integrations/tool-choice.ts';
export { FoundTool } from './integrations/tool-search.ts';
export * from './integrations/user.ts';
export * from './runs/create.ts';
export * from './runs/event.ts';
export * from './runs/event-parts.ts';
export * from './runs/events.ts';
export * from './runs/execution-plan.ts';
export * from './runs/feedback.ts';
export * from './runs/list.ts';
export { ModelFailure } from './runs/model-failure.ts';
export * from './runs/planner.ts';
export * from './runs/preflight.ts';
export * from './runs/progress.ts';
export * from './runs/rerun.ts';
export * from './runs/result.ts';
export * from './runs/run.ts';
export * from './runs/token-usage.ts';
export { ListFrame, type WatchRunsInput } from './runs/watch.ts';
export * from './schedules/schedules.ts';
export type { GetUsageInput, UsageReport, UsageRow } from './usage/usage.ts';
export * from './webhooks/delivery.ts';
export * from './webhooks/event.ts';
export * from './webhooks/webhook.ts';
