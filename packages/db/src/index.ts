export type { ApiKeyInfo } from './apiKeys/apiKeys.ts';
export type { RequestGrant, RequestQuota } from './apiKeys/requestQuota.ts';
export type { KeyId, StreamLeases } from './apiKeys/streamLeases.ts';
export { type CredentialUse, CredentialUses } from './audit/use.ts';
export { type AuditBreach, type AuditHead, type AuditVerdict, verifyAuditAt } from './audit/verify.ts';
export { type AuditNote, audit } from './audit/write.ts';
export { type DatabaseOptions, type Db, openDatabase, type WorkspaceDb } from './database.ts';
export type { OpenCredential } from './management/credentials.ts';
export {
  grantDestination,
  type PublicAuth,
  secretDestination,
  type Target,
  tokenDestination,
} from './management/destination.ts';
export type { FeedbackPatch } from './management/feedback.ts';
export type { GrantEnd, GrantTurn, NewGrant, StoredGrant } from './management/grants.ts';
export type { IntegrationPage } from './management/integrationList.ts';
export {
  type Connection,
  newCustomerIntegrationId,
  type Registered,
} from './management/integrationRow.ts';
export type { IntegrationPatch, NewIntegration } from './management/integrations.ts';
export type { PendingConsent, TakenConsent } from './management/pendingConsents.ts';
export type { NewerSource } from './management/refresh.ts';
export type { LiveRule, NewRule } from './management/rules.ts';
export type { NewTool, StoredTool, ToolTexts } from './management/toolRow.ts';
export type { Chosen, Named, ToolsOff } from './management/tools.ts';
export type { Workspace } from './management/workspaces.ts';
export { MigrationError, migrate, migrateOrCheck, migrationsDir } from './migrate/migrate.ts';
export { ensurePartitions } from './retention/partitions.ts';
export { type Ages, type Removed, removeOld } from './retention/removal.ts';
export { boundPool } from './rls/boundPool.ts';
export { Share, WorkspaceBusy } from './rls/share.ts';
export { type CallRef, type CallText, readCallTexts, readShownCall, type ShownCall } from './runs/calls.ts';
export {
  type Claim,
  type ClaimOptions,
  type ClaimOutcome,
  claimRuns,
  defaultSlots,
  mostClaimed,
  readClaim,
} from './runs/claim.ts';
export {
  createRun,
  findOfOtherContexts,
  findRepeatable,
  type NewRun,
  type Repeatable,
  type StoredPlan,
} from './runs/create.ts';
export {
  type EventDraft,
  type EventLimit,
  type EventPage,
  type EventRow,
  readEvents,
  readFrom,
  readHeads,
  readNewestEvents,
  readShownSteps,
} from './runs/events.ts';
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
export {
  type Beat,
  beatPool,
  deadPools,
  dropPool,
  freeLeases,
  type Held,
  lookAtHeld,
  takeBack,
  takeBackDeaths,
} from './runs/pools.ts';
export { countOpenRuns, giveBack, takeAnswers, tickRuns } from './runs/queue.ts';
export { countRuns, listRuns, type RunFilter, type RunHead, readHead, readPlan, readRun } from './runs/read.ts';
export type { RunRow } from './runs/row.ts';
export { newId, type Runner, type RunScope, withTransaction } from './runs/scope.ts';
export { readShownRun, type ShownRun, shownAtLeast } from './runs/shown.ts';
export { type Claimed, type MadeDue, suspectDeaths, type Taker } from './runs/taking.ts';
export { applyTransition, type RunWriter, type Transition, type UsageDelta } from './runs/transition.ts';
export { laneOptions, Transitions } from './runs/transitions.ts';
export { keepUp } from './runs/upkeep.ts';
export {
  type Decided,
  type Decision,
  decideWaiting,
  type FoundWaiting,
  findWaiting,
  listPending,
  type NewDecision,
  type NewWaiting,
  type OpenWaiting,
  readConsents,
  readOpenWaiting,
  readWaiting,
  readWaitingRuns,
  voidWaiting,
  type WaitingKind,
  type WaitingRow,
  type WaitingRun,
  waitForExpiry,
} from './runs/waiting.ts';
export { isDatabaseTrouble } from './trouble.ts';
export { type MasterKey, parseMasterKeys } from './vault/masterKeys.ts';
export { passThroughPlace } from './vault/places.ts';
export type { Resealed } from './vault/reseal.ts';
export type { Place } from './vault/seal.ts';
export { Vault } from './vault/vault.ts';
