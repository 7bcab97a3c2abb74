// The error codes of answers and of runs.
import { ProblemError } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import type { NeedsValues, problemValues, ValuesOf } from './problem-values.ts';

export { ProblemError };

const row = (status: number, title: string, remedy?: string) => ({ status, title, remedy });

/** Every error code of an answer, with its status, title and remedy. The only such table. */
export const errorTable = {
  // the caller
  unauthenticated: row(401, 'No valid API key', 'Send a valid key in `x-api-key`, or as `Authorization: Bearer`.'),
  insufficient_scope: row(403, 'The API key lacks a scope', 'Use a key that has the scope of the operation.'),
  wrong_user: row(403, 'The token belongs to another user', 'Leave out `x-user-id`.'),
  unknown_workspace: row(403, 'The token belongs to no workspace', 'Ask the operator to check ERRAND_TOKEN_ISSUERS.'),
  operators_only: row(
    403,
    'Only for operators of the instance',
    'Use a platform key, or sign in as an operator: `login-link.js --operator`.',
  ),
  workspace_suspended: row(403, 'The workspace is suspended', 'Ask the operator of the instance.'),
  people_only: row(403, 'Only for people who are signed in', 'Sign in at /console.'),
  keys_only: row(403, 'Only for API keys', 'Send the request from your server, with an API key of the workspace.'),
  insufficient_ability: row(
    403,
    'The user token lacks an ability',
    'Mint a token whose `can` names the ability, or send the request from your server.',
  ),
  beyond_user_token: row(
    403,
    'The user token does not allow this',
    'Leave out the parts that `detail` and `errors` name.',
  ),
  console_needs_https: row(
    403,
    'The console needs https',
    'Serve Errand over https and set PUBLIC_URL, or reach it through an SSH tunnel to its port at 127.0.0.1.',
  ),
  link_not_valid: row(
    401,
    'The link cannot be used',
    'Ask for another invitation, or run `node apps/server/dist/login-link.js` for another sign-in link.',
  ),
  sign_in_refused: row(400, 'The sign-in was refused', 'Sign in again at /console.'),
  origin_not_allowed: row(403, 'Requests from other sites are not allowed'),
  key_in_browser: row(
    403,
    'API keys do not belong in a browser',
    'Call Errand from your server, or mint a user token there for the page: POST /v1/user-tokens.',
  ),
  key_in_query: row(400, 'API key in the query string', 'Send it in a header, and replace it: logs contain URLs.'),
  // the request
  bad_request: row(400, 'Not an acceptable HTTP request'),
  invalid_json: row(400, 'The body is not acceptable JSON', 'Send one JSON object as application/json in UTF-8.'),
  json_too_deep: row(400, 'JSON nested too deeply', 'Nest objects and arrays at most 64 levels deep.'),
  invalid_string: row(400, 'A string contains NUL or a lone surrogate', 'Remove NUL characters and lone surrogates.'),
  validation_failed: row(400, 'A field is not valid', 'Correct the request as `detail` and `errors` say.'),
  invalid_cursor: row(400, 'The cursor is not valid', 'Send `nextCursor` with the same filters.'),
  invalid_event_id: row(400, 'The event id is not valid', 'Resume after an id that you received.'),
  invalid_idempotency_key: row(
    400,
    'The Idempotency-Key is not valid',
    'Send 1 to 255 ASCII characters without spaces.',
  ),
  not_supported: row(400, 'Not supported yet', 'Leave out the parts that `detail` and `errors` name.'),
  body_too_large: row(413, 'The body is too large', 'Send a smaller body.'),
  headers_too_large: row(431, 'The headers are too large', 'Send fewer or shorter headers.'),
  uri_too_long: row(414, 'The address is too long', 'Send a shorter URL.'),
  unsupported_media_type: row(415, 'The content type is not supported', 'Send uncompressed application/json in UTF-8.'),
  method_not_allowed: row(405, 'The method is not allowed here'),
  request_timeout: row(408, 'The request took too long to arrive'),
  not_found: row(404, 'Not found'),
  connection_not_found: row(400, 'No such integration', 'GET /v1/integrations lists the integrations.'),
  connection_inactive: row(400, 'The integration is inactive', 'Leave it out, or PATCH it with `active: true`.'),
  integration_exists: row(409, 'Another integration has this id', 'Choose another id, or leave it out.'),
  idempotency_key_reused: row(422, 'Idempotency-Key used with another body', 'Use a new key for another request.'),
  request_in_progress: row(409, 'The first request with this key is still in flight', 'Try again after `Retry-After`.'),
  rate_limited: row(429, 'Too many requests', 'Try again after `Retry-After`.'),
  too_many_streams: row(429, 'Too many open streams', 'Close some streams.'),
  too_many_runs: row(429, 'Too many open runs', 'Wait until a run of the user has ended, or cancel one.'),
  too_many_user_tokens: row(429, 'Too many user tokens', 'Mint fewer tokens, or for fewer minutes.'),
  too_many_waits: row(429, 'Too many waiting requests', 'Send the request without waiting, or stream the runs.'),
  too_many_preflights: row(429, 'Too many preflights at once', 'Try again after `Retry-After`.'),
  too_many_imports: row(429, 'Too many imports at once', 'Try again after `Retry-After`.'),
  internal: row(500, 'Internal error'),
  unavailable: row(503, 'Temporarily unavailable', 'Try again after `Retry-After`.'),
  credential_unavailable: row(503, 'A stored credential cannot be opened', 'Store the credential again.'),
  // schemas, documents and plans of the caller
  schema_not_supported: row(400, 'The JSON Schema uses something that is not supported'),
  schema_pattern_unsupported: row(400, 'A pattern of the JSON Schema is not supported'),
  schema_too_complex: row(400, 'The JSON Schema is too complex'),
  plan_invalid: row(400, 'The plan does not pass the checker', 'Correct the parts that `detail` and `errors` name.'),
  mcp_failed: row(400, 'The MCP server cannot be used', 'Check `url` and the token.'),
  openapi_invalid: row(
    400,
    'The OpenAPI document cannot be used',
    'Correct the parts that `detail` and `errors` name.',
  ),
  openapi_too_large: row(400, 'The OpenAPI document is too large', 'Register a part of the document.'),
  url_not_allowed: row(400, 'The URL may not be called', 'Use a public https URL, or allow its origin.'),
  // consents of users
  oauth_state_invalid: row(400, 'The authorization is not valid', 'Start the authorization again.'),
  oauth_issuer_mismatch: row(400, 'Another authorization server answered', 'Check `issuer` of the integration.'),
  oauth_denied: row(400, 'The authorization was denied'),
  oauth_failed: row(400, 'The authorization failed', 'Check URLs, client and scopes of the integration.'),
  consent_not_found: row(404, 'No such link', 'Request a new link.'),
  consent_gone: row(410, 'The request is closed'),
  consent_for_another_user: row(
    409,
    'The consent is for another user',
    'Show the user that another person sent them the link. Nothing was stored.',
  ),
  // people and workspaces
  workspace_exists: row(409, 'Another workspace has this name', 'Choose another name.'),
  workspace_has_key: row(409, 'The workspace has a valid key', 'Create further keys with `apiKeys.create` inside it.'),
  workspace_has_administrator: row(
    409,
    'The workspace has an administrator',
    'The administrator invites others; `login-link.js` makes a link for a person who cannot sign in.',
  ),
  workspace_not_suspended: row(409, 'The workspace is not suspended', 'Suspend the workspace first.'),
  workspace_busy: row(409, 'Runs of the workspace are in progress', 'Cancel them, or try again when they have ended.'),
  workspace_deleting: row(409, 'The workspace is being deleted'),
  last_operator: row(
    409,
    'The last operator stays',
    'Make another person an operator first: `login-link.js --operator`.',
  ),
  own_account: row(409, 'You cannot disable yourself', 'Ask another operator.'),
  last_admin: row(409, 'The last administrator stays', 'Make another member an administrator first.'),
  integration_limit_reached: row(
    409,
    'The workspace has reached its limit of integrations',
    'Delete an integration, or ask the operator of the instance for a higher limit.',
  ),
  origins_not_enabled: row(
    409,
    'Only the operator may allow origins',
    'The operator of this service sets ERRAND_WORKSPACE_ORIGINS=true and restarts, or adds the origin to ERRAND_EGRESS_ALLOW.',
  ),
  origin_limit_reached: row(409, 'The workspace has reached its limit of origins', 'Remove an origin.'),
  invitation_limit_reached: row(409, 'Too many open invitations', 'Revoke invitations that nobody needs.'),
  item_limit_reached: row(409, 'The workspace has reached a limit', 'Remove items that are not used.'),
  // keys
  api_key_ended: row(409, 'The API key has ended'),
  // schedules
  cron_invalid: row(400, 'The cron expression cannot be used', 'Correct `cron`: `errors` says what is wrong.'),
  schedule_limit_reached: row(409, 'The workspace has reached its limit of schedules', 'Delete a schedule.'),
  // webhooks
  webhook_limit_reached: row(409, 'The workspace has reached its limit of webhooks', 'Delete a webhook.'),
  webhook_inactive: row(409, 'The webhook is inactive', 'Activate it by PATCH with `active: true`.'),
  // runs
  run_already_finished: row(409, 'The run has ended'),
  plan_not_repeatable: row(409, 'The plan cannot be executed again', 'Rerun it with `"mode": "new_plan"`.'),
  run_unfinished: row(409, 'The run has not ended', 'Wait for its end, or cancel it.'),
  effect_unresolved: row(
    409,
    'Whether a call took effect is not known',
    'Check the service. Then send as `from` the step of the call, or a step that it needs.',
  ),
  outputs_gone: row(409, 'Outputs of the run are no longer kept', 'Rerun it without `from`.'),
  tools_changed: row(409, 'Tools of the plan have changed', 'Rerun it with `"mode": "new_plan"`.'),
  tool_version_changed: row(409, 'The tool has changed', 'Read its change again, then accept it.'),
  action_exists: row(409, 'Another action has this key', 'Choose another key, or delete that action.'),
  action_paused: row(409, 'The action is paused', 'Take it over: PUT /v1/actions/{key}.'),
  action_stale: row(409, 'A tool of the action has changed', 'Send `"replan": true`.'),
  action_waits: row(409, 'The run waits for a person', 'Follow the run of `runId`; do not repeat the request.'),
  action_unfinished: row(409, 'The run is still in progress', 'Follow the run of `runId`, or wait longer.'),
  action_failed: row(422, 'The run did not succeed', 'Read the run of `runId`: its writes stay.'),
  pending_count_changed: row(
    409,
    'Another number of requests matches',
    'Look at the requests again, then confirm the new number.',
  ),
  effect_already_resolved: row(409, 'The effect is resolved'),
  approval_not_found: row(404, 'No such approval', 'Check the id, or request a new link.'),
  approval_gone: row(410, 'The approval is closed'),
  approval_already_decided: row(409, 'The approval is decided', 'Read the decision in the events of the run.'),
  self_approval: row(
    403,
    'The requester may not approve',
    'Another person decides: in the console, or with a key of their own.',
  ),
  not_an_approver: row(403, 'Only the approvers of the run may decide', 'One of `approvers` of the run decides.'),
  question_not_found: row(404, 'No such question', 'Check the id, or request a new link.'),
  question_gone: row(410, 'The question is closed'),
  question_already_answered: row(409, 'The question is answered', 'Read the answer in the events of the run.'),
  input_not_found: row(404, 'No such input request', 'Check the id, or request a new link.'),
  input_gone: row(410, 'The input request is closed'),
  input_already_answered: row(409, 'The input request is answered', 'Read the answer in the events of the run.'),
  csrf_failed: row(403, 'The form belongs to another browser', 'Open the link again, and decide there.'),
  approval_args_changed: row(409, 'The arguments have changed', 'Load the approval again, then decide.'),
} as const;

export type ErrorCode = keyof typeof errorTable;

/** The codes that an operation may answer with, kept as literals. */
export const codes = <const C extends readonly ErrorCode[]>(...list: C) => list;

/** Codes that end a run or a tool call. They appear in `Run.error.code` and in tool results, never as an HTTP status. */
export const runErrorCodes = [
  'plan_failed',
  'no_plan',
  'plan_invalid',
  'tool_failed',
  'tool_not_allowed',
  'tool_args_invalid',
  'tool_changed',
  'pass_through_refused',
  'tool_timeout',
  'upstream_error',
  'upstream_paused',
  'upstream_redirect',
  'upstream_too_large',
  'upstream_timeout',
  'upstream_unreachable',
  'url_not_allowed',
  'credential_missing',
  'credential_rejected',
  'credential_unavailable',
  'scope_missing',
  'expression_failed',
  'schema_too_complex',
  'result_validation_failed',
  'nothing_found',
  'plan_ended',
  'budget_exhausted',
  'write_repeated',
  'effect_uncertain',
  'effect_skipped',
  'approval_denied',
  'approval_mismatch',
  'consent_denied',
  'output_unknown',
  'question_unanswered',
  'input_declined',
  'input_unanswered',
  'input_refused',
  'input_expired',
  'model_failed',
  'run_crashed',
  'canceled',
  'internal',
] as const;
export const RunErrorCode = z.enum(runErrorCodes).meta({
  id: 'RunErrorCode',
  description: 'Why a run or a call did not succeed.',
});

type ProblemOptions = Omit<NonNullable<ConstructorParameters<typeof ProblemError>[2]>, 'values'>;
type Values = typeof problemValues;
/** The values of a code are required where the table of values says so. */
type ProblemArguments<Code extends ErrorCode> = Code extends keyof Values
  ? NeedsValues<Values[Code]> extends true
    ? [detail: string | undefined, options: ProblemOptions & { values: ValuesOf<Values[Code]> }]
    : [detail?: string, options?: ProblemOptions & { values?: ValuesOf<Values[Code]> }]
  : [detail?: string, options?: ProblemOptions];

/**
 * An expected error of the contract.
 * @param code of the table above; it determines the HTTP status
 * @param more `detail`, one sentence for people that says what is wrong. The option `remedy` says what a developer should do; `values` are
 *   those of the code
 */
export const problem = <Code extends ErrorCode>(code: Code, ...more: ProblemArguments<Code>) =>
  new ProblemError(
    code,
    ...(more as ConstructorParameters<typeof ProblemError> extends [string, ...infer Rest] ? Rest : never),
  );

/** Codes of operations that take a JSON Schema. */
export const schemaCodes = ['schema_not_supported', 'schema_pattern_unsupported', 'schema_too_complex'] as const;
/** Codes of operations that select integrations. */
export const selectionCodes = ['connection_not_found', 'connection_inactive'] as const;
/** Codes of operations that create a run, once for each Idempotency-Key, and may wait for it. */
export const creationCodes = [
  'invalid_idempotency_key',
  'idempotency_key_reused',
  'request_in_progress',
  'too_many_waits',
  'unavailable',
] as const;
/** Codes of operations that read a document or the tools of an MCP server. */
export const importCodes = [
  'openapi_invalid',
  'openapi_too_large',
  'mcp_failed',
  'url_not_allowed',
  'too_many_imports',
] as const;
