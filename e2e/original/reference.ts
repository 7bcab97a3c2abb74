// The documented answers of the original Run API: its field names alone, written by hand. Like a client of the original, these schemas
// ignore other fields. Nothing here comes from this repository's contract.
import { z } from 'zod';

const id = z.guid();
const time = z.iso.datetime({ precision: 3 });
const text = z.string().min(1);

const statuses = [
  'QUEUED',
  'RUNNING',
  'AUTH_REQUIRED',
  'PAUSED',
  'SUCCESS',
  'PARTIAL_SUCCESS',
  'NO_SUCCESS',
  'FAILED',
  'CANCELED',
] as const;
const Status = z.enum(statuses);
export type Status = z.infer<typeof Status>;

const Link = z.object({ action: z.enum(['approve', 'deny']), url: z.url() });

const ToolCall = z.object({
  toolCallId: text,
  toolName: text,
  toolParameters: z.unknown(),
  toolResult: z
    .object({ approvalResult: z.object({ status: text, text: z.string() }), executionResult: z.unknown() })
    .optional(),
});

const Step = z.object({
  reason: text,
  approval: z.enum(['APPROVED', 'DENIED', 'PENDING', 'NOT_REQUIRED']),
  approvalActions: z.array(Link).length(2).optional(),
  toolCalls: z.array(ToolCall).min(1).optional(),
  text: text.optional(),
});

const Auth = z.discriminatedUnion('status', [
  z.object({ status: z.literal('required'), url: z.url(), integrationName: text }),
  z.object({ status: z.literal('success') }),
  z.object({ status: z.literal('denied') }),
]);

const event = <const S extends readonly [Status, ...Status[]], F extends z.ZodRawShape>(runStatus: S, fields: F) =>
  z.object({ runId: id, runStatus: z.enum(runStatus), timestamp: time, ...fields });

/** The events of a stream by name, with the allowed statuses of each. */
export const events = {
  start: event(['RUNNING'], {}),
  status: event(statuses, {}),
  step: event(['RUNNING', 'PAUSED'], { step: Step }),
  authentication: event(['AUTH_REQUIRED', 'RUNNING', 'FAILED'], { auth: Auth }),
  run_approval: event(statuses, { approvalActions: z.array(Link).length(2) }),
  run_action: event(statuses, {}),
  end: event(['SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'], {}),
} as const;
export type EventName = keyof typeof events;
export type OriginalEvent = { [N in EventName]: { name: N } & z.infer<(typeof events)[N]> }[EventName];

/** An event in a list, which lacks its name. */
const ListedEvent = z.object({
  runId: id,
  runStatus: Status,
  timestamp: time,
  step: Step.optional(),
  auth: Auth.optional(),
  approvalActions: z.array(Link).optional(),
});

export const Run = z.object({
  runId: id,
  repeatKey: text,
  repeatRunId: id.optional(),
  status: Status,
  executionPlanId: id,
  events: z.array(ListedEvent),
  result: z.unknown().optional(),
  intent: text,
  context: z.string(),
  createdAt: time,
  updatedAt: time,
});
export type Run = z.infer<typeof Run>;

export const Plan = z.object({ planType: z.enum(['text', 'json']), plan: z.unknown() });
export const CreatedRun = Run.extend({ plan: Plan });

const count = z.int().min(0);
export const RunPage = z.object({
  runs: z.array(Run),
  pagination: z.object({ page: count, pageSize: count, totalItems: count, totalPages: count }),
});

export const Integrations = z.array(
  z.object({
    integrationId: text,
    customerIntegrationId: text,
    active: z.boolean(),
    name: text,
    description: text.optional(),
    logoUrl: z.url().optional(),
    host: text,
    updatedAt: time,
    createdAt: time,
    authType: z.enum(['NONE', 'API_TOKEN', 'OAUTH2', 'AWS_ASSUME_ROLE', 'GOOGLE_SERVICE_ACCOUNT_OAUTH']),
  }),
);

export const IntegrationUser = z.object({ userId: text, active: z.boolean(), updatedAt: time, createdAt: time });

export const AuthUrl = z.object({ authorizeUrl: z.url() });

export const Feedback = z.object({
  id,
  runId: id,
  rating: z.enum(['positive', 'negative']),
  comment: text.optional(),
  feedbackSource: z
    .object({
      type: z.enum(['user', 'evaluator', 'api']),
      userId: text,
      metadata: z.object({ device: text, platform: text, version: text, sessionId: text, userAgent: text }),
    })
    .optional(),
  metadata: z
    .object({ version: text, sessionId: text, experimentId: text, environment: text, clientVersion: text })
    .optional(),
  createdAt: time,
  updatedAt: time,
});
