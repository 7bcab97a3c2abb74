export type { ActionDraft, ActionHead, StoredAction } from './actions/actions.ts';
export type { ApiKeyInfo } from './api-keys/api-keys.ts';
export { USER_TOKEN_PREFIX } from './api-keys/format.ts';
export type { ApiKeyRef, RequestQuota } from './api-keys/limits.ts';
export { type CredentialUse, CredentialUses } from './audit/credential-uses.ts';
export { type AuditHead, verifyAuditAt } from './audit/verify.ts';
export { startPeriodicTasks, startSealing, type WebhookRetention } from './background/periodic-tasks.ts';
export type { BrandRow, NewLogo } from './brand/brand.ts';
export { DEFAULT_POOL_SIZE, type PoolUse, readConnectionLimit } from './connections.ts';
export type { OpenCredential } from './credentials/credentials.ts';
export {
  grantDestination,
  hasUserVariables,
  isOfSameServer,
  type PublicAuth,
  secretDestination,
  tokenDestination,
  variablesDestination,
} from './credentials/destination.ts';
export type { ErasedGrant } from './credentials/erased-grants.ts';
export type { GrantScopes, RefreshResult, StoredGrant } from './credentials/grants.ts';
export type { ClientRegistration, StoredClient } from './credentials/oauth-clients.ts';
export { findUnannounced, markAnnounced, readUnannounced } from './credentials/unannounced-credentials.ts';
export {
  takeExpiredConsents,
  toErasedGrant,
  type UnconfirmedConsent,
} from './credentials/unconfirmed-consents.ts';
export type { UserVariables } from './credentials/user-variables.ts';
export { type Db, openDatabase, type WorkspaceDb } from './database.ts';
export { isDatabaseTrouble } from './database-errors.ts';
export {
  type ClosedEntry,
  type EntryFilter,
  type EntryRow,
  readClosed,
  readEntries,
  readEntriesOf,
  readMatchingIds,
  readOpenIds,
} from './decisions/entries.ts';
export { type EntryOrder, type EntryPage, type EntrySearch, readEntryPage } from './decisions/entry-pages.ts';
export type { ActiveRule } from './decisions/rules.ts';
export { CallCounts, type CallEnd } from './integrations/call-counts.ts';
export type { CatalogChange } from './integrations/catalog-entry.ts';
export type { IntegrationPatch } from './integrations/change.ts';
export type { StoredDocument } from './integrations/documents.ts';
export type { IntegrationPosition } from './integrations/integration-list.ts';
export { type CatalogFields, type Connection, newCustomerIntegrationId } from './integrations/integration-row.ts';
export {
  addToolsJob,
  type DueList,
  leaseDueLists,
  recordFailedListRead,
  recordUnchangedList,
  requestListRead,
  type ToolsJob,
} from './integrations/list-reads.ts';
export {
  type AnnouncedPause,
  type CallGrant,
  type CallPause,
  type CallQuota,
  PAUSE_CHANNEL,
  type QuotaKey,
  readPauses,
  type StoredPause,
  storePause,
  takeCalls,
} from './integrations/pauses.ts';
export type { NewSettings, StoredSettings } from './integrations/settings.ts';
export type { SelectedIntegration } from './integrations/tool-choice.ts';
export { type MigrationState, migrate, migrateOrCheck, readPending } from './migrate/migrate.ts';
export { decidersReader, type ReadDeciders } from './people/deciders.ts';
export type { AccessRefusal } from './people/first-access.ts';
export type { GroupRole } from './people/group-roles.ts';
export type { Identity } from './people/identities.ts';
export type { ChangedPerson, InstancePerson, PersonRefusal } from './people/instance-people.ts';
export type { WorkspaceInfo, WorkspaceRefusal } from './people/instance-workspaces.ts';
export type { CreatedLink, LinkFault, RedeemedLink } from './people/links.ts';
export type { MemberChange, MemberPosition } from './people/members.ts';
export type { Person } from './people/people.ts';
export { peopleBehindReader, type ReadPeopleBehind } from './people/people-behind.ts';
export { PLATFORM_PREFIX, type PlatformKeyInfo } from './people/platform-keys.ts';
export { type ReadRequesters, requesterReader } from './people/requesters.ts';
export { personPrincipal, type Session, type SessionRef, type SessionSecrets } from './people/sessions.ts';
export { NoPrimaryError, ReadOnlyServerError } from './primary/read-only-server.ts';
export { readHoldAt } from './restores/hold.ts';
export type { ErasurePort } from './retention/erase-users.ts';
export { type RunRetention, removeOld } from './retention/removal.ts';
export { boundPool } from './rls/bound-pool.ts';
export { WorkspaceBusy, WorkspaceLimit } from './rls/workspace-limit.ts';
export { type CallRef, type CallText, readCallTexts, readRenderedCall } from './runs/calls.ts';
export {
  createRun,
  EarlierCallsGone,
  findOfOtherContexts,
  findRepeatable,
  type NewRun,
  type Repeatable,
  RunExists,
  type ScheduledBy,
  type StoredPlan,
  type TakeOver,
} from './runs/create.ts';
export {
  type Decided,
  type DecisionKind,
  type DecisionRequest,
  decideRequest,
  type FoundDecisionRequest,
  findDecisionRequest,
  hasOpenDecisionRequest,
  type NewDecision,
  type NewDecisionRequest,
  type OpenDecisionRequest,
  postponeToNextExpiry,
  readDecisionRequests,
  readExpiringRuns,
  readOpenConsentRequests,
  readSealedState,
  voidDecisionRequests,
  withStep,
} from './runs/decision-requests.ts';
export {
  type EventDraft,
  type EventLimit,
  type EventPage,
  type EventRow,
  type LogPosition,
  readEvents,
  readEventsBackwards,
  readEventsOfRuns,
  readHeadAndEvents,
  readHeads,
  readNewestEvents,
  readReportedSteps,
  readStepStates,
} from './runs/events.ts';
export {
  claimRequest,
  finishRequest,
  forgetRequest,
  type KeyedRequest,
  unlockRequest,
} from './runs/idempotency.ts';
export { jsonText, storable } from './runs/json.ts';
export {
  type CallState,
  countEffects,
  type LedgerEntry,
  type LedgerRow,
  type LedgerState,
  readCallStates,
  readInFlight,
  readLedger,
  readLedgerEntry,
  readOutputs,
  recordLateCall,
} from './runs/ledger.ts';
export { type ChangedRun, readChangedRuns, readOpenRuns } from './runs/list/changes.ts';
export type { RunFilter } from './runs/list/filter.ts';
export { type BucketCount, countByTime } from './runs/list/histogram.ts';
export { countRuns, type ListPosition, listRuns } from './runs/list/list.ts';
export { forgetResultWords } from './runs/list/result-words.ts';
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
export { clearDue, countOpenRuns, makeRetriesDue, releaseRun } from './runs/queue/queue.ts';
export {
  checkLeases,
  deadPools,
  dropPool,
  freeLeases,
  reclaimOrphans,
  type SentHeartbeat,
  sendHeartbeat,
  undoDeaths,
} from './runs/queue/workers.ts';
export {
  type EarlierRun,
  type PlanOfAnyVersion,
  readEarlierRun,
  readHead,
  readOutcome,
  readPlan,
  readPlanVersions,
} from './runs/read.ts';
export type { RunFields, RunHead, RunRow } from './runs/row.ts';
export {
  MIN_SHOWN_CHARACTERS,
  type RunForResponse,
  readRunForResponse,
} from './runs/run-for-response.ts';
export type { EndedRun, RunWriter, Transition, UsageDelta } from './runs/transitions/transition.ts';
export { applyTransition, batchPoolOptions, Transitions } from './runs/transitions/transitions.ts';
export {
  advanceSchedule,
  type DueSchedule,
  dueSchedules,
  pauseOrphans,
  reportRefusal,
} from './schedules/due-schedules.ts';
export type { StoredSchedule } from './schedules/schedules.ts';
export { newId, type RunScope, withTransaction } from './statements/scope.ts';
export type { Growth } from './status/growth.ts';
export {
  type InstanceLoad,
  type LoadPart,
  type LoadReader,
  type LoadReading,
  loadParts,
} from './status/instance-load.ts';
export { waitKinds } from './status/load-parts.ts';
export type { Replication } from './status/replication.ts';
export type { Position as ToolPosition } from './tools/slices.ts';
export type { NewTool } from './tools/tool-row.ts';
export type { DisabledTools, UserForm } from './tools/tools.ts';
export type { Usage } from './usage/count.ts';
export { quantileOf, RELATIVE_ERROR } from './usage/sketch.ts';
export type { RunOwner } from './user-tokens/run-owners.ts';
export type { CreatedUserToken } from './user-tokens/user-tokens.ts';
export { scopesNeeded, type TokenAnswer, type UserTokenRef } from './user-tokens/verify.ts';
export { inputStateLocation, passThroughLocation } from './vault/locations.ts';
export type { Resealed } from './vault/reseal.ts';
export { Vault } from './vault/vault.ts';
export {
  type DueDelivery,
  type DueRound,
  dueWebhooks,
  leaseDeliveries,
  type Outcome,
  recordOutcomes,
} from './webhooks/delivery-queue.ts';
export type { MessageContent, MessageRun } from './webhooks/message-content.ts';
export { addWebhookJobs, relayMessages, type WebhookKey } from './webhooks/outbox.ts';
export { toLimits, type WorkspaceSettings } from './workspaces/workspace-settings.ts';
