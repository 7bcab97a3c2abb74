import { ProblemError } from '@errand/trpc-openapi/contract';
import { z } from 'zod';

export { ProblemError };

const at = <const S extends number>(status: S, title: string) => ({ status, title });

/** Every code that a caller can meet in an answer: code → status and title. The only such table. */
export const errorTable = {
  // the caller
  unauthenticated: at(401, 'No valid API key'),
  insufficient_scope: at(403, 'The API key lacks a scope'),
  wrong_user: at(403, 'Another user than the token is of'),
  unknown_workspace: at(403, 'The token belongs to no workspace'),
  origin_not_allowed: at(403, 'A web page of another site'),
  key_in_query: at(400, 'API key in the query string'),
  // the request
  bad_request: at(400, 'Not an acceptable HTTP request'),
  invalid_json: at(400, 'The body is not acceptable JSON'),
  json_too_deep: at(400, 'JSON nested too deeply'),
  invalid_string: at(400, 'A string holds NUL or a lone surrogate'),
  validation_failed: at(400, 'A field is not valid'),
  invalid_cursor: at(400, 'The cursor is not one of ours'),
  invalid_event_id: at(400, 'The event id is not valid'),
  invalid_idempotency_key: at(400, 'The Idempotency-Key is not valid'),
  not_supported: at(400, 'Not served yet'),
  body_too_large: at(413, 'The body is too large'),
  headers_too_large: at(431, 'The headers are too large'),
  uri_too_long: at(414, 'The address is too long'),
  unsupported_media_type: at(415, 'The content type is not served'),
  method_not_allowed: at(405, 'The method is not served here'),
  request_timeout: at(408, 'The request took too long to arrive'),
  not_found: at(404, 'Not found'),
  connection_not_found: at(400, 'No such integration'),
  connection_inactive: at(400, 'The integration is inactive'),
  integration_exists: at(409, 'Another integration has this id'),
  idempotency_key_reused: at(422, 'Idempotency-Key used with another body'),
  request_in_progress: at(409, 'The first request with this key is still in flight'),
  rate_limited: at(429, 'Too many requests'),
  too_many_streams: at(429, 'Too many open streams'),
  too_many_waits: at(429, 'Too many requests that wait'),
  too_many_preflights: at(429, 'Too many preflights at once'),
  too_many_imports: at(429, 'Too many imports at once'),
  internal: at(500, 'Something broke on our side'),
  unavailable: at(503, 'Not available for the moment'),
  credential_unavailable: at(503, 'A stored credential cannot be opened'),
  // schemas, documents and plans of the caller
  schema_not_supported: at(400, 'The JSON Schema uses something that is not supported'),
  schema_pattern_unsupported: at(400, 'A pattern of the JSON Schema is not supported'),
  schema_too_complex: at(400, 'The JSON Schema is too complex'),
  plan_invalid: at(400, 'The plan does not pass the checker'),
  mcp_failed: at(400, 'The MCP server cannot be used'),
  openapi_invalid: at(400, 'The OpenAPI document cannot be used'),
  openapi_too_large: at(400, 'The OpenAPI document is too large'),
  url_not_allowed: at(400, 'The URL may not be called'),
  // consents of users
  oauth_state_invalid: at(400, 'The authorization is not one of ours'),
  oauth_issuer_mismatch: at(400, 'Another authorization server answered'),
  oauth_denied: at(400, 'The authorization was denied'),
  oauth_failed: at(400, 'The authorization failed'),
  consent_not_found: at(404, 'No such link'),
  consent_gone: at(410, 'Nothing is asked any more'),
  // keys
  api_key_ended: at(409, 'The API key has ended'),
  // schedules
  cron_invalid: at(400, 'The cron expression cannot be used'),
  schedule_limit_reached: at(409, 'The workspace has as many schedules as it may'),
  // webhooks
  webhook_limit_reached: at(409, 'The workspace has as many webhooks as it may'),
  webhook_inactive: at(409, 'The webhook is switched off'),
  // runs
  run_already_finished: at(409, 'The run has ended'),
  plan_not_repeatable: at(409, 'The plan cannot be executed again'),
  tools_changed: at(409, 'Tools of the plan have changed'),
  action_exists: at(409, 'Another action has this key'),
  action_paused: at(409, 'The action is paused'),
  action_stale: at(409, 'What the action calls has changed'),
  action_waits: at(409, 'A human must act first'),
  action_unfinished: at(409, 'The run goes on'),
  action_failed: at(422, 'The run did not succeed'),
  effect_already_resolved: at(409, 'The effect is resolved'),
  approval_not_found: at(404, 'No such approval'),
  approval_gone: at(410, 'The approval no longer stands'),
  approval_already_decided: at(409, 'The approval is decided'),
  self_approval: at(403, 'Who asked may not approve'),
  question_not_found: at(404, 'No such question'),
  question_gone: at(410, 'The question is no longer asked'),
  question_already_answered: at(409, 'The question is answered'),
  input_not_found: at(404, 'No such request of a service'),
  input_gone: at(410, 'The service no longer asks'),
  input_already_answered: at(409, 'The service has its answer'),
  csrf_failed: at(403, 'The form was not made for this browser'),
  approval_args_changed: at(409, 'The arguments have changed'),
} as const;

export type ErrorCode = keyof typeof errorTable;

/** Codes that end a run or a tool call; they stand in `Run.error.code` and in tool results, never as an HTTP status. */
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
  description: 'Why a run, or one call of it, did not succeed.',
});
export type RunErrorCode = z.infer<typeof RunErrorCode>;

/**
 * An expected error of the contract.
 * @param code word of the table above; it fixes the HTTP status
 * @param detail one sentence for the caller: what is wrong and what to do
 */
export const problem = (code: ErrorCode, detail?: string, options?: ConstructorParameters<typeof ProblemError>[2]) =>
  new ProblemError(code, detail, options);

export const Problem = z
  .object({
    type: z
      .string()
      .meta({ description: 'URI of the page that explains the code.', examples: ['/problems/validation_failed'] }),
    title: z.string().meta({ description: 'What the code means.', examples: ['A field is not valid'] }),
    status: z.int().meta({ description: 'The HTTP status.', examples: [400] }),
    detail: z.string().optional().meta({ description: 'What is wrong here and what to do.' }),
    instance: z.string().optional().meta({ description: 'The request id.' }),
    code: z.string().meta({ description: 'A stable word to branch on.', examples: ['validation_failed'] }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'JSON pointer to the part at fault.', examples: ['/intent'] }),
          message: z.string().meta({
            description: 'What is wrong with it.',
            examples: ['Too small: expected string to have >=1 characters'],
          }),
        }),
      )
      .optional()
      .meta({ description: 'The parts of the input that are at fault.' }),
    runId: z
      .string()
      .optional()
      .meta({
        description: 'The run that was made anyway: of action_waits, action_unfinished and action_failed.',
        examples: ['0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'],
      }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document.' });
