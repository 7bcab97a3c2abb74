export type { ActionDraft, ActionHead, ListedAction, StoredAction } from './actions/actions.ts';
export type { ApiKeyInfo } from './api-keys/api-keys.ts';
export type { RequestGrant, RequestQuota } from './api-keys/request-quota.ts';
export type { ApiKeyRef, StreamLeases } from './api-keys/stream-leases.ts';
export { type CredentialUse, CredentialUses } from './audit/use.ts';
export { type AuditBreach, type AuditHead, type AuditVerdict, verifyAuditAt } from './audit/verify.ts';
export { type AuditNote, audit } from './audit/write.ts';
export { startPeriodicTasks, type WebhookAge } from './background/periodic-tasks.ts';
export { startSealing } from './background/seal-audit.ts';
export type { OpenCredential } from './credentials/credentials.ts';
export {
  grantDestination,
  isOfSameServer,
  type PublicAuth,
  secretDestination,
  type Target,
  tokenDestination,
} from './credentials/destination.ts';
export type { ErasedGrant } from './credentials/erased-grants.ts';
export type { GrantEnd, GrantScopes, GrantTurn, NewGrant, StoredGrant } from './credentials/grants.ts';
export type { ClientRegistration, StoredClient } from './credentials/oauth-clients.ts';
export type { PendingConsent, ReturnedConsent } from './credentials/pending-consents.ts';
export {
  findUnannounced,
  markAnnounced,
  readUnannounced,
  type UnannouncedCredential,
} from './credentials/unannounced.ts';
export { type DatabaseOptions, type Db, openDatabase, type WorkspaceDb } from './database.ts';
export {
  type ClosedEntry,
  type EntryFilter,
  type EntryRow,
  readClosed,
  readEntries,
  readEntriesOf,
  readOpenIds,
} from './decisions/entries.ts';
export type { LiveRule, NewRule } from './decisions/rules.ts';
export type { IntegrationPatch } from './integrations/change.ts';
export type { NewIntegration } from './integrations/create.ts';
export type { IntegrationPage } from './integrations/integration-list.ts';
export { type Connection, newCustomerIntegrationId } from './integrations/integration-row.ts';
export {
  type DueList,
  LISTS_TASK,
  type ListState,
  listFailed,
  listIsSame,
  takeLists,
  wantList,
} from './integrations/lists.ts';
export type { NewerSource } from './integrations/refresh.ts';
export type { Chosen } from './integrations/tool-choice.ts';
export { addToolsJob, TOOLS_TASK, type ToolsJob } from './integrations/tools-job.ts';
export { MigrationError, migrate, migrateOrCheck, migrationsDir } from './migrate/migrate.ts';
export { ReadOnlyServer } from './primary/primary-watch.ts';
export { ensurePartitions } from './retention/partitions.ts';
export { type Ages, type Removed, removeOld } from './retention/removal.ts';
export { boundPool } from './rls/bound-pool.ts';
export { WorkspaceBusy, WorkspaceLimit } from './rls/workspace-limit.ts';
export {
  type CallRef,
  type CallText,
  type RenderedCall,
  readCallTexts,
  readRenderedCall,
} from './runs/calls.ts';
export {
  createRun,
  findOfOtherContexts,
  findRepeatable,
  type NewRun,
  type Repeatable,
  type ScheduledBy,
  type StoredPlan,
} from './runs/create.ts';
export {
  type Decided,
  type Decision,
  type DecisionKind,
  type DecisionRequest,
  decideRequest,
  type ExpiringRun,
  type FoundDecisionRequest,
  findDecisionRequest,
  hasOpenDecisionRequest,
  type NewDecision,
  type NewDecisionRequest,
  type OpenDecisionRequest,
  readConsents,
  readDecisionRequests,
  readExpiringRuns,
  readSealedState,
  voidDecisionRequests,
  waitForExpiry,
} from './runs/decision-requests.ts';
export { type EarlierRun, readEarlierRun } from './runs/earlier-run.ts';
export {
  type EventDraft,
  type EventLimit,
  type EventPage,
  type EventRow,
  readEvents,
  readFrom,
  readHeads,
  readNewestEvents,
  readReportedSteps,
} from './runs/events.ts';
export type { FeedbackPatch } from './runs/feedback.ts';
export {
  claimRequest,
  finishRequest,
  forgetRequest,
  type OnceRequest,
  type RequestClaim,
  removeExpiredRequests,
  unlockRequest,
} from './runs/idempotency.ts';
export { jsonText, storable } from './runs/json.ts';
export {
  countEffects,
  type LedgerEntry,
  type LedgerRow,
  type LedgerState,
  readInFlight,
  readLedger,
  readLedgerEntry,
  readOutputs,
  recordLate,
} from './runs/ledger.ts';
export { type ChangedRun, readChangedRuns, readOpenRuns } from './runs/list/changes.ts';
export type { RunFilter } from './runs/list/filter.ts';
export { countRuns, type ListPosition, listRuns, type RunSort } from './runs/list/list.ts';
export {
  type Claim,
  type ClaimOptions,
  type ClaimOutcome,
  claimRuns,
  DEFAULT_SLOTS,
  MAX_CLAIMED,
  readClaim,
} from './runs/queue/claim.ts';
export { type ClaimedRun, type ClaimingWorker, type DueRun, SUSPECT_DEATHS } from './runs/queue/claimed-run.ts';
export { maintainTables } from './runs/queue/maintain-tables.ts';
export { countOpenRuns, giveBack, takeAnswers, tickRuns } from './runs/queue/queue.ts';
export {
  checkHeld,
  deadPools,
  dropPool,
  freeLeases,
  type Held,
  reclaimOrphans,
  type SentHeartbeat,
  sendHeartbeat,
  takeOffDeaths,
} from './runs/queue/workers.ts';
export { readHead, readOutcome, readPlan, readRunOfPlan } from './runs/read.ts';
export { MIN_RENDERED, type RenderedRun, readRenderedRun } from './runs/rendered-run.ts';
export type { RunFields, RunHead, RunRow } from './runs/row.ts';
export { applyTransition, type RunWriter, type Transition, type UsageDelta } from './runs/transitions/transition.ts';
export { batchPoolOptions, Transitions } from './runs/transitions/transitions.ts';
export { type DueSchedule, dueSchedules, finishTime, pauseOrphans, tellRefused } from './schedules/due.ts';
export type { NewSchedule, SchedulePatch, StoredSchedule } from './schedules/schedules.ts';
export { newId, type Runner, type RunScope, withTransaction } from './statements/scope.ts';
export type { NewTool, Registered, ToolTexts } from './tools/tool-row.ts';
export type { Named, SeenTool, ToolsOff } from './tools/tools.ts';
export { isDatabaseTrouble } from './trouble.ts';
export type { Usage } from './usage/count.ts';
export type { UsageReport } from './usage/read.ts';
export { quantileOf, RELATIVE_ERROR } from './usage/sketch.ts';
export { inputStateLocation, passThroughLocation } from './vault/locations.ts';
export { type MasterKey, parseMasterKeys } from './vault/master-keys.ts';
export type { Resealed } from './vault/reseal.ts';
export type { SecretLocation } from './vault/seal.ts';
export { Vault } from './vault/vault.ts';
export type { DeliveryFilter } from './webhooks/deliveries.ts';
export { addWebhookJobs, WEBHOOK_TASK, type WebhookKey } from './webhooks/jobs.ts';
export { relayMessages } from './webhooks/outbox.ts';
export {
  type DueDelivery,
  type DueRound,
  dueWebhooks,
  type Outcome,
  recordOutcomes,
  removeDeliveries,
  takeDeliveries,
} from './webhooks/posting.ts';
export type { ToldMessage, ToldRun } from './webhooks/told.ts';
export type { NewWebhook, WebhookPatch } from './webhooks/webhooks.ts';
export type { Workspace } from './workspaces/workspaces.ts';
