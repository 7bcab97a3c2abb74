import { mutation, query, type RouterOf, subscription } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { apiKeys } from './apiKey.ts';
import { approvals } from './approval.ts';
import { audit } from './audit.ts';
import { consents } from './consent.ts';
import { CreateRunInput } from './create.ts';
import { effects } from './effect.ts';
import type { ErrorCode } from './error.ts';
import { RunEvent, ToolCall } from './event.ts';
import { EventList, GetToolCallInput, ListEventsInput, StreamEventsInput } from './events.ts';
import { feedback } from './feedback.ts';
import {
  CreateIntegrationInput,
  Integration,
  IntegrationRef,
  ListIntegrationsInput,
  PatchIntegrationInput,
  SetToolsInput,
  ToolList,
} from './integration.ts';
import { CancelRunInput, GetRunInput, ListRunsInput, RunList } from './list.ts';
import { pending } from './pending.ts';
import { ExecutionPlan, GetExecutionPlanInput } from './plan.ts';
import { refreshes } from './refresh.ts';
import { approvalRules } from './rule.ts';
import { CreatedRun, Run, RunHandle } from './run.ts';
import { IntegrationUser, IntegrationUserRef, PutCredentialsInput, users } from './user.ts';

const codes = <const C extends readonly ErrorCode[]>(...list: C) => list;
const schemaErrors = codes('schema_not_supported', 'schema_pattern_unsupported', 'schema_too_complex');

// What is said of every answer that could be large.
const roomOf = (more: string) =>
  `An answer has at most 8 MiB (over tRPC the calls of a batch share 4 MiB); what has no room is told by \`leftOut\` and \`eventsTruncated\`, and where to read it. ${more}`;

const runs = {
  create: mutation({
    input: CreateRunInput,
    output: z.union([CreatedRun, RunHandle]),
    scope: 'runs:write',
    errors: codes(
      'validation_failed',
      'connection_not_found',
      'connection_inactive',
      'plan_invalid',
      'not_supported',
      'invalid_idempotency_key',
      'idempotency_key_reused',
      'request_in_progress',
      'unavailable',
      ...schemaErrors,
    ),
    http: {
      method: 'POST',
      path: '/v1/runs',
      status: 201,
      tag: 'Runs',
      summary: 'Create a run',
      description:
        'Accepts an errand and answers at once. Planning and execution follow; watch the events. A key that does not hold runs:read is answered a RunHandle alone, also with Prefer: wait and when an earlier answer comes again. Answers hold no links: those are in the events.',
      headers: { 'Idempotency-Key': 'idempotencyKey', Prefer: 'prefer' },
    },
  }),
  list: query({
    input: ListRunsInput,
    output: RunList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_cursor'),
    http: {
      method: 'GET',
      path: '/v1/runs',
      tag: 'Runs',
      summary: 'List runs',
      description: `Newest first. ${roomOf('Each run of the page has an equal share of it.')}`,
    },
  }),
  get: query({
    input: GetRunInput,
    output: Run,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}',
      tag: 'Runs',
      summary: 'Get a run',
      description: roomOf('Its documents always have room.'),
    },
  }),
  cancel: mutation({
    input: CancelRunInput,
    output: z.union([Run, RunHandle]),
    scope: 'runs:write',
    errors: codes('validation_failed', 'not_found', 'run_already_finished'),
    http: {
      method: 'DELETE',
      path: '/v1/runs/{runId}',
      tag: 'Runs',
      summary: 'Cancel a run',
      description:
        'Cancels a run that has not ended. A call in flight is aborted; what has taken effect stays visible. A key that does not hold runs:read is answered a RunHandle alone.',
    },
  }),
  events: query({
    input: ListEventsInput,
    output: EventList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/events',
      tag: 'Runs',
      summary: 'List the events of a run',
      description: `Events after \`after\`, oldest first. ${roomOf('')}Of a run whose events the service is set to keep no longer only \`end\` is left, under the number it had.`,
    },
  }),
  toolCall: query({
    input: GetToolCallInput,
    output: ToolCall,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/calls/{toolCallId}',
      tag: 'Runs',
      summary: 'Get a call of a run',
      description: 'One call whole, however large, as the newest event that tells of it has it.',
    },
  }),
  stream: subscription({
    input: StreamEventsInput,
    output: RunEvent,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_event_id', 'not_found', 'too_many_streams'),
    http: {
      method: 'GET',
      path: '/v1/runs/{runId}/sse',
      tag: 'Runs',
      summary: 'Stream the events of a run',
      description:
        'All past events, then live ones, as server-sent events; closes after `end`. Last-Event-ID resumes exactly, over restarts. A finished run that was read to its end answers 204. Of a run whose events the service is set to keep no longer only `end` is left, under the number it had.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
};

const executionPlans = {
  get: query({
    input: GetExecutionPlanInput,
    output: ExecutionPlan,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/execution-plans/{executionPlanId}',
      tag: 'Execution plans',
      summary: 'Get an execution plan',
    },
  }),
};

const integrations = {
  list: query({
    input: ListIntegrationsInput,
    output: z.array(Integration),
    scope: 'runs:read',
    errors: codes('validation_failed'),
    http: { method: 'GET', path: '/v1/integrations', tag: 'Integrations', summary: 'List integrations' },
  }),
  create: mutation({
    input: CreateIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes(
      'validation_failed',
      'integration_exists',
      'openapi_invalid',
      'openapi_too_large',
      'url_not_allowed',
      'too_many_imports',
      'oauth_failed',
      'oauth_issuer_mismatch',
      'not_supported',
    ),
    http: {
      method: 'POST',
      path: '/v1/integrations',
      status: 201,
      tag: 'Integrations',
      summary: 'Register an integration',
      description: 'Reads the OpenAPI document and makes a tool of each operation.',
      bodyLimit: 6 * 1024 * 1024,
      headers: { 'Idempotency-Key': 'idempotencyKey' },
    },
  }),
  get: query({
    input: IntegrationRef,
    output: Integration,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/integrations/{customerIntegrationId}',
      tag: 'Integrations',
      summary: 'Get an integration',
    },
  }),
  patch: mutation({
    input: PatchIntegrationInput,
    output: Integration,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found', 'url_not_allowed', 'oauth_failed', 'oauth_issuer_mismatch'),
    http: {
      method: 'PATCH',
      path: '/v1/integrations/{customerIntegrationId}',
      tag: 'Integrations',
      summary: 'Change an integration',
    },
  }),
  delete: mutation({
    input: IntegrationRef,
    output: z.null(),
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/integrations/{customerIntegrationId}',
      status: 204,
      tag: 'Integrations',
      summary: 'Delete an integration',
      description: 'With its tools and credentials. Runs that used it keep their events.',
    },
  }),
  tools: query({
    input: IntegrationRef,
    output: ToolList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/integrations/{customerIntegrationId}/tools',
      tag: 'Integrations',
      summary: 'List the tools of an integration',
    },
  }),
  setTools: mutation({
    input: SetToolsInput,
    output: ToolList,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'PUT',
      path: '/v1/integrations/{customerIntegrationId}/tools',
      tag: 'Integrations',
      summary: 'Choose the tools of an integration',
      description: 'An allow-list: tools that are not named are invisible to planners and refused when called.',
    },
  }),
  getUser: query({
    input: IntegrationUserRef,
    output: IntegrationUser,
    scope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}',
      tag: 'Integrations',
      summary: 'Get a user at an integration',
    },
  }),
  ...consents,
  ...refreshes,
  putCredentials: mutation({
    input: PutCredentialsInput,
    output: IntegrationUser,
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'PUT',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
      tag: 'Integrations',
      summary: "Store a user's token",
      description:
        'In place of any earlier one, for the origin that the integration has now. Runs that wait for it go on. It is not tried: the first call that the service answers with 401 asks the user again.',
    },
  }),
  deleteCredentials: mutation({
    input: IntegrationUserRef,
    output: z.null(),
    scope: 'connections:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/integrations/{customerIntegrationId}/users/{userId}/credentials',
      status: 204,
      tag: 'Integrations',
      summary: "Revoke a user's token or consent",
      description: 'Erased here, and given back at the authorization server where that takes it.',
    },
  }),
};

/** Everything that Errand answers. REST, SSE, the OpenAPI document, tRPC and the clients are derived from it. */
export const contract = {
  runs,
  executionPlans,
  pending,
  approvals,
  approvalRules,
  effects,
  integrations,
  feedback,
  apiKeys,
  users,
  audit,
};

/** The tRPC router type; a client needs nothing of the server to be typed by it. */
export type AppRouter = RouterOf<typeof contract>;
