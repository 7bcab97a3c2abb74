// The values of errors: facts with which a product words an error itself, by the code.
import { z } from 'zod';

/** A value has a type; a `?` marks one that may be absent. */
type ValueType = 'string' | 'number' | 'string[]';
type ValueTable = Readonly<Record<string, Readonly<Record<string, ValueType | `${ValueType}?`>>>>;

const decided = { decision: 'string', decidedBy: 'string?' } as const;
const waits = { retryAfterSeconds: 'number' } as const;
const limit = { max: 'number' } as const;
const ofIntegrations = { customerIntegrationIds: 'string[]' } as const;

/** The values of problems, by code. Other codes have none. */
export const problemValues = {
  insufficient_scope: { scope: 'string?' },
  validation_failed: { maxBytes: 'number?', bytes: 'number?' },
  openapi_too_large: { maxBytes: 'number?' },
  connection_not_found: ofIntegrations,
  connection_inactive: ofIntegrations,
  rate_limited: waits,
  request_in_progress: waits,
  too_many_streams: limit,
  too_many_waits: limit,
  too_many_preflights: waits,
  too_many_imports: waits,
  unavailable: { retryAfterSeconds: 'number?' },
  integration_limit_reached: limit,
  origin_limit_reached: limit,
  invitation_limit_reached: limit,
  schedule_limit_reached: limit,
  webhook_limit_reached: limit,
  item_limit_reached: limit,
  run_already_finished: { status: 'string' },
  run_unfinished: { status: 'string' },
  action_waits: { runId: 'string' },
  action_unfinished: { runId: 'string' },
  action_failed: { runId: 'string', status: 'string' },
  pending_count_changed: { count: 'number' },
  effect_already_resolved: decided,
  approval_already_decided: decided,
  question_already_answered: { answeredBy: 'string?' },
  input_already_answered: { action: 'string', answeredBy: 'string?' },
} as const satisfies ValueTable;

const ofStep = { stepId: 'string', tool: 'string', customerIntegrationId: 'string?' } as const;

/** The values of errors of runs, by code. Every error of a step has those of `ofStep`. */
export const runErrorValues = {
  plan_failed: { limit: 'string?' },
  budget_exhausted: { limit: 'string', max: 'number' },
  tool_failed: ofStep,
  tool_args_invalid: ofStep,
  tool_not_allowed: ofStep,
  tool_changed: ofStep,
  pass_through_refused: ofStep,
  upstream_error: { ...ofStep, status: 'number?' },
  upstream_paused: ofStep,
  upstream_redirect: ofStep,
  upstream_too_large: ofStep,
  upstream_timeout: ofStep,
  upstream_unreachable: ofStep,
  url_not_allowed: ofStep,
  credential_missing: ofStep,
  credential_rejected: ofStep,
  credential_unavailable: ofStep,
  scope_missing: ofStep,
  consent_denied: ofStep,
  expression_failed: ofStep,
  nothing_found: ofStep,
  plan_ended: ofStep,
  write_repeated: ofStep,
  approval_denied: ofStep,
  approval_mismatch: ofStep,
  effect_uncertain: ofStep,
  effect_skipped: ofStep,
  output_unknown: ofStep,
  question_unanswered: ofStep,
  input_declined: ofStep,
  input_unanswered: ofStep,
  input_refused: ofStep,
  input_expired: ofStep,
} as const satisfies ValueTable;

export const ErrorValues = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())])).meta({
  id: 'ErrorValues',
  description: 'Facts about the error, for your own words, by name. docs/problems.md lists the names of each code.',
  examples: [{ limit: 'maxToolCalls', max: 50 }],
});
export type ErrorValues = z.infer<typeof ErrorValues>;

type Types = { string: string; number: number; 'string[]': readonly string[] };
type OptionalName<Table> = { [Name in keyof Table]: Table[Name] extends `${string}?` ? Name : never }[keyof Table];
type TypeOf<Text> = Text extends `${infer Name extends keyof Types}?`
  ? Types[Name] | undefined
  : Text extends keyof Types
    ? Types[Text]
    : never;

/** The values of a row of a table. */
export type ValuesOf<Row> = { [Name in Exclude<keyof Row, OptionalName<Row>>]: TypeOf<Row[Name]> } & {
  [Name in OptionalName<Row>]?: TypeOf<Row[Name]>;
};

/** Whether a row has a value that must be there. */
export type NeedsValues<Row> = Exclude<keyof Row, OptionalName<Row>> extends never ? false : true;
