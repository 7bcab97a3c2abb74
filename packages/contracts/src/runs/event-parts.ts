// The parts of run events: steps, calls, links and credentials.
import { z } from 'zod';
import {
  count,
  doc,
  oneOf,
  optionalCount,
  optionalOneOf,
  optionalText,
  optionalTime,
  optionalUuid,
  text,
} from '../base/fields.ts';
import { Json } from '../base/json.ts';
import {
  ApprovalId,
  CustomerIntegrationId,
  Effect,
  EffectId,
  RunId,
  StepId,
  Timestamp,
  ToolCallId,
  ToolName,
} from '../base/scalars.ts';
import { RequestLine } from '../integrations/tool.ts';

const takenFrom = (description: string) => RunId.optional().meta({ description });

export const ApprovalAction = z
  .object({
    action: oneOf(['approve', 'deny'], 'Action of the link.', 'approve'),
    url: text('Page with the request and the button.', 'https://errand.example/v1/runs/approval?token=…'),
  })
  .meta({ id: 'ApprovalAction', description: 'A link to a decision.' });

export type ApprovalAction = z.infer<typeof ApprovalAction>;

const status = z.int().min(100).max(599).optional();

export const CallAttempt = z
  .object({
    startedAt: Timestamp,
    endedAt: Timestamp,
    outcome: oneOf(
      ['done', 'failed', 'unknown'],
      'failed: the service did not act. unknown: it may have acted.',
      'failed',
    ),
    status: status.meta(doc('HTTP status of the answer. Absent without an answer.', 503)),
  })
  .meta({ id: 'CallAttempt', description: 'An attempt of a call.' });
export type CallAttempt = z.infer<typeof CallAttempt>;

/** The number of attempts that a call shows: the newest ones. */
export const MAX_ATTEMPT_TIMES = 20;

export const ToolCall = z
  .object({
    toolCallId: ToolCallId,
    toolName: ToolName,
    toolParameters: Json.optional().meta({ description: 'The arguments of the call. Absent if they are left out.' }),
    toolResult: z
      .object({
        approvalResult: z.object({
          status: oneOf(['APPROVED', 'DENIED', 'NOT_REQUIRED'], 'The decision.', 'NOT_REQUIRED'),
          text: text('The same as text.', 'No approval was required.'),
        }),
        executionResult: Json.optional().meta({
          description: 'The answer of the tool, or {error: {code, message}}. Absent if it is left out.',
        }),
      })
      .optional()
      .meta({ description: 'Absent until the call has ended.' }),
    state: optionalOneOf(
      ['intended', 'running', 'done', 'failed', 'uncertain', 'skipped', 'denied'],
      'intended: it waits for approval. uncertain: it is unknown whether the call took effect. skipped: uncertain, and a person decided to continue without it.',
      'done',
    ),
    effect: Effect.optional(),
    startedAt: optionalTime('When its first attempt was about to be sent.'),
    endedAt: optionalTime('When its outcome was recorded, milliseconds after it was known.'),
    attempts: optionalCount('Number of attempts.', 1),
    status: status.meta(
      doc('HTTP status of the last answer. Absent without an answer, and for MCP tools that answered.', 200),
    ),
    idempotencyKey: optionalText(
      'The Idempotency-Key of a write, as it is sent. All attempts have the same.',
      '5f0c7a1e9b3d24680f1e2d3c4b5a69788796a5b4',
    ),
    attemptTimes: z
      .array(CallAttempt)
      .optional()
      .meta({
        description: `The newest ${MAX_ATTEMPT_TIMES} attempts, oldest first, including those before a decision to retry. Absent if there was only one, or if the call is left out.`,
      }),
    takenFrom: takenFrom('The earlier run that made the call. Absent if this run made it.'),
    usage: z
      .object({
        inputTokens: count('Tokens that the model read.', 812),
        outputTokens: count('Tokens that the model wrote.', 64),
      })
      .optional()
      .meta({ description: 'Tokens that a model used to write its arguments. Absent if no model did.' }),
    request: RequestLine.optional(),
    leftOut: z
      .object({
        bytes: count('Size of arguments and answer together.', 262144),
        path: text('Path of the complete call.', '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01/calls/deals'),
      })
      .optional()
      .meta({ description: 'Set if arguments and answer did not fit.' }),
  })
  .meta({ id: 'ToolCall', description: 'A call of a tool and its result.' });

export type ToolCall = z.infer<typeof ToolCall>;

export const Step = z
  .object({
    stepId: StepId,
    approvalId: ApprovalId.optional(),
    effectId: EffectId.optional(),
    title: optionalText('The name of the integration and the title of the operation.', 'Demo CRM: List deals'),
    state: optionalOneOf(
      ['waiting', 'done', 'failed', 'denied', 'skipped', 'blocked'],
      'waiting: one of its calls waits for a person. skipped: there was nothing to do. blocked: a step that it needs did not succeed.',
      'done',
    ),
    startedAt: optionalTime('When its first call was about to be sent; absent without one.'),
    endedAt: optionalTime('When its last call had ended.'),
    reason: text('Why the step is taken.', 'Find the account'),
    approval: oneOf(['APPROVED', 'DENIED', 'PENDING', 'NOT_REQUIRED'], 'The state of its approval.', 'NOT_REQUIRED'),
    approvalActions: z
      .array(ApprovalAction)
      .optional()
      .meta({ description: 'Links for a pending approval, for keys that may decide.' }),
    toolCalls: z.array(ToolCall).optional().meta({ description: 'Only with includeToolCalls.' }),
    text: optionalText('What happened, as text.', 'Demo CRM answered with 3 deals.'),
    takenFrom: takenFrom('The earlier run whose outputs the step keeps: this run did not run it again.'),
  })
  .meta({ id: 'Step', description: 'One step of the plan.' });
export type Step = z.infer<typeof Step>;

export const Authentication = z
  .discriminatedUnion('status', [
    z.object({
      status: z.literal('required').meta({ description: 'A consent or credential is missing.' }),
      customerIntegrationId: CustomerIntegrationId,
      integrationName: text('Its name, for people.', 'CRM'),
      consentId: optionalUuid('The id of the decision request.', '0192f0c1-7a42-7b15-9d22-3e7f9fac1d05'),
      url: optionalText(
        'The page on which the user consents or enters a credential. The holder of this link can store a credential for the user, so only keys with connections:write see it.',
        'https://errand.example/v1/connect/…',
      ),
    }),
    z.object({
      status: z.literal('success').meta({ description: 'It was given.' }),
      customerIntegrationId: CustomerIntegrationId,
    }),
    z.object({
      status: z.literal('denied').meta({ description: 'It was refused.' }),
      customerIntegrationId: CustomerIntegrationId,
    }),
  ])
  .meta({ id: 'Authentication', description: 'A credential of the user: needed, given or refused.' });
