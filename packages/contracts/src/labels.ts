// The words of pages for the states, kinds and rights of the contract. Nothing here loads a schema, so that pages stay small.
import type { Role } from './access/role.ts';
import type { Scope } from './access/scope.ts';
import type { ApprovalStrategy } from './base/approval-strategy.ts';
import type { RunStatus } from './base/run-status.ts';
import type { Effect } from './base/scalars.ts';
import type { PendingEntry } from './decisions/pending-entry.ts';
import type { AuthType } from './integrations/auth/auth.ts';
import type { IntegrationHealth } from './integrations/integration-health.ts';
import type { UserState } from './integrations/integration-user.ts';
import type { Tool } from './integrations/tool.ts';
import type { RunEvent } from './runs/event.ts';
import type { Step, ToolCall } from './runs/event-parts.ts';
import type { RunPhases } from './runs/run.ts';

export { actorTypes, auditActions } from './access/audit-actions.ts';
export type { Role } from './access/role.ts';
export { scopesOfRole } from './access/role-scopes.ts';
export type { Scope } from './access/scope.ts';
export { isTerminal, isWaiting } from './base/run-transitions.ts';

/** Lower case, to stand alone or in a sentence. */
export const runStatusLabels: Readonly<Record<RunStatus, string>> = {
  QUEUED: 'queued',
  RUNNING: 'running',
  AUTH_REQUIRED: 'waits for a consent',
  PAUSED: 'waits for a decision',
  SUCCESS: 'success',
  PARTIAL_SUCCESS: 'partial success',
  NO_SUCCESS: 'no success',
  FAILED: 'failed',
  CANCELED: 'canceled',
};

export const stepStateLabels: Readonly<Record<NonNullable<Step['state']>, string>> = {
  waiting: 'waits',
  done: 'done',
  failed: 'failed',
  denied: 'denied',
  skipped: 'nothing to do',
  blocked: 'blocked by an earlier step',
};

export const callStateLabels: Readonly<Record<NonNullable<ToolCall['state']>, string>> = {
  intended: 'waits for approval',
  running: 'running',
  done: 'done',
  failed: 'failed',
  uncertain: 'effect unknown',
  skipped: 'skipped',
  denied: 'denied',
};

export const effectLabels: Readonly<Record<Effect, string>> = { read: 'reads', write: 'writes' };

/** The kinds of decision requests. */
export const requestKindLabels: Readonly<Record<PendingEntry['kind'], string>> = {
  plan: 'plan',
  call: 'call',
  consent: 'consent',
  effect: 'uncertain effect',
  question: 'question',
  input: 'request of a service',
};

export const decisionLabels: Readonly<Record<NonNullable<PendingEntry['decided']>['decision'], string>> = {
  approve: 'approved',
  deny: 'denied',
  retry: 'to be made again',
  happened: 'had happened',
  skip: 'skipped',
  answer: 'answered',
};

/** What an expired request means, to complete "when it expires, …". */
export const expiryLabels: Readonly<Record<PendingEntry['onExpiry'], string>> = {
  deny: 'it counts as denied',
  skip: 'the call is skipped',
  no_answer: 'it stays without an answer',
};

/** Why a person may not decide a request, as a sentence. */
export const mayNotLabels: Readonly<Record<NonNullable<PendingEntry['mayNotBecause']>, string>> = {
  scope: 'Your role does not allow it. An administrator can change your role.',
  four_eyes: 'You, or a person behind you, asked for this errand. Another person must decide.',
  not_an_approver: 'This errand names its approvers, and you are not one of them.',
};

/** The consequence of each strategy, in a sentence. */
export const approvalStrategyLabels: Readonly<Record<ApprovalStrategy, { label: string; consequence: string }>> = {
  NONE: { label: 'Never', consequence: 'Calls are made without asking.' },
  ON_START: { label: 'The plan', consequence: 'A person approves the plan before the first call.' },
  ON_WRITE: { label: 'Each write', consequence: 'A person approves each call that changes something.' },
  ON_TOOL_CALL: { label: 'Each call', consequence: 'A person approves every call.' },
};

export const phaseLabels: Readonly<Record<keyof RunPhases, string>> = {
  queuedMs: 'queued',
  planningMs: 'planned',
  callsMs: 'calls',
  waitingMs: 'waited for people',
};

export const eventLabels: Readonly<Record<RunEvent['type'], string>> = {
  start: 'started',
  status: 'status',
  step: 'step',
  authentication: 'consent',
  run_approval: 'plan approval',
  run_action: 'decision',
  effect: 'uncertain effect',
  question: 'question',
  input: 'request of a service',
  answer: 'answer',
  end: 'ended',
};

/** What a scope permits, to complete "may …". */
export const scopeLabels: Readonly<Record<Scope, string>> = {
  'runs:read': 'read errands and their results',
  'runs:write': 'create and cancel errands',
  'approvals:decide': 'decide requests',
  'connections:write': 'change integrations and consents',
  'webhooks:write': 'change webhooks',
  'persons:claim': 'name the person for whom a product acts',
  admin: 'manage keys, members and the audit log',
};

export const roleLabels: Readonly<Record<Role, string>> = {
  viewer: 'viewer',
  decider: 'decider',
  operator: 'operator',
  admin: 'administrator',
};

/** The faults of an integration, and what a person does about each. */
export const integrationFaultLabels: Readonly<
  Record<IntegrationHealth['faults'][number], { label: string; remedy: string }>
> = {
  needs_review: {
    label: 'tools changed',
    remedy: 'Review the changes. Until then runs cannot call the changed tools.',
  },
  tools_not_read: {
    label: 'tools not read',
    remedy: 'The service did not list its tools. They are read again by themselves; Refresh does it now.',
  },
  token_rejected: {
    label: 'token rejected',
    remedy: 'The service refused the token of the workspace. Replace it.',
  },
  token_origin_changed: {
    label: 'token not sent',
    remedy: 'The address of the service has changed, so the token is not sent there. Enter it again.',
  },
  base_url_pending: {
    label: 'new address',
    remedy: 'The document names another address. Confirm it, or nothing is sent there.',
  },
  issuer_pending: {
    label: 'new authorization server',
    remedy: 'The server names another authorization server. Confirm it, or users keep signing in at the previous one.',
  },
  users_must_reconnect: {
    label: 'users must reconnect',
    remedy: 'Send these users a link to a new consent. Their errands wait for it.',
  },
  failing: {
    label: 'failing',
    remedy: 'At least half of the recent calls failed. Look at the service, or pause it here.',
  },
};

export const authTypeLabels: Readonly<Record<AuthType, string>> = {
  NONE: 'no credential',
  API_TOKEN: 'token',
  BASIC: 'user name and password',
  OAUTH2: 'consent of each user (OAuth 2)',
  CLIENT_CREDENTIALS: 'client credentials (OAuth 2)',
  AWS_ASSUME_ROLE: 'role at AWS',
  GOOGLE_SERVICE_ACCOUNT_OAUTH: 'service account at Google',
};

export const userStateLabels: Readonly<Record<UserState, string>> = {
  connected: 'connected',
  needs_reconnect: 'must reconnect',
  not_connected: 'not connected',
};

/** Why a credential is unusable. Authorization servers have codes of their own, which are shown as they are. */
export const reconnectReasonLabels: Readonly<Record<string, string>> = {
  rejected: 'the service refused it',
  origin_changed: 'the address of the service has changed',
  lost: 'an answer was lost while it was renewed',
  no_refresh_token: 'it has expired and cannot be renewed',
};

export const toolChangeLabels: Readonly<Record<NonNullable<Tool['change']>, string>> = {
  new: 'new',
  changed: 'changed',
  removed: 'removed',
};
