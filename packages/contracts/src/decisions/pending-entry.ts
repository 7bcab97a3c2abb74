// An entry of the inbox: a request to a person, with everything needed to decide.
import { z } from 'zod';
import { EntryApprover } from '../access/approver.ts';
import { Requester } from '../access/requester.ts';
import { doc, flag, oneOf, optionalOneOf, optionalText, text } from '../base/fields.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { Effect, RunId, Timestamp, ToolName, UserId } from '../base/scalars.ts';
import { RequestLine } from '../integrations/tool.ts';
import { ArgOrigins, CallInWords, PlanInWords } from './in-words.ts';
import { openUrl, requestedSchema } from './input.ts';
import { WaitingOn } from './waiting-on.ts';

const LeftOutOfEntry = z
  .object({
    fields: z
      .array(
        z.enum(['intent', 'args', 'plan', 'argOrigins', 'inputSchema', 'requestedSchema', 'inWords', 'planInWords']),
      )
      .meta(doc('The omitted fields. `intent` is shortened; the others are absent.', ['args'])),
    path: optionalText(
      'Path of the complete entry. Absent if it is too large for any answer.',
      '/v1/approvals/0192f0c1-7a40-7e93-b7c4-90c2d3e5a703',
    ),
  })
  .meta({ id: 'LeftOutOfEntry', description: 'Fields that did not fit.' });

const EntryDecision = z
  .object({
    decision: oneOf(['approve', 'deny', 'retry', 'happened', 'skip', 'answer'], 'The decision.', 'approve'),
    by: optionalText('Who decided. Absent if the request expired.', 'er_live_…k3Zq'),
    at: Timestamp,
    reason: optionalText('Why.', 'Too expensive'),
  })
  .meta({ id: 'EntryDecision', description: 'The decision about a request. Absent while it is open.' });

export const PendingEntry = WaitingOn.extend({
  runId: RunId,
  userId: UserId,
  intent: text('What the run is for.', 'Log a call with Contoso'),
  title: text(
    'The subject of the request: the title of the operation, the goal of the plan, or the integration.',
    'Create a ticket',
  ),
  integrationName: optionalText('The name of the integration.', 'Demo CRM'),
  logoUrl: z.string().optional().meta({ description: 'The logo of the integration, from its document.' }),
  tool: ToolName.optional().meta({ description: 'The tool of a call.' }),
  effect: Effect.optional().meta({ description: 'The effect of the tool. Absent if the tool no longer exists.' }),
  request: RequestLine.optional(),
  calls: z
    .int()
    .optional()
    .meta(doc('Number of calls of a `forEach` step that the approval covers. Absent for a single call.', 40)),
  args: Json.optional().meta({
    description: 'The arguments of the call. With `calls`, a list of `{toolCallId, args}`.',
    examples: [{ body: { accountId: 'acc_000017', subject: 'Call' } }],
  }),
  argOrigins: ArgOrigins.optional(),
  names: z
    .record(z.string(), z.string())
    .optional()
    .meta(doc('Names for the ids in the arguments, by JSON pointer.', { '/body/accountId': 'Contoso' })),
  inputSchema: JsonSchema.optional().meta({
    description:
      'The current input schema of the tool, with its properties in the order of its document. Edited `args` must match it.',
  }),
  inWords: CallInWords.optional().meta({ description: 'The requested call, for people.' }),
  planInWords: PlanInWords.optional().meta({ description: 'The plan, for people.' }),
  plan: Plan.optional().meta({ description: 'The plan, if the request is about one.' }),
  requestedSchema: requestedSchema.optional(),
  openUrl: openUrl.optional(),
  argsHash: optionalText(
    'SHA-256 over the subject of the approval: the run, the tool and the arguments, or the plan.',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ),
  askedAt: Timestamp.meta({ description: 'When it was requested.' }),
  onExpiry: oneOf(['deny', 'skip', 'no_answer'], 'The outcome if the request expires.', 'deny'),
  mayDecide: flag(
    'Whether the caller may decide: it has the scope, it is one of `approvers` if there are any and, under four eyes, no person behind it requested the run.',
    true,
  ),
  mayNotBecause: optionalOneOf(
    ['scope', 'four_eyes', 'not_an_approver'],
    'Why the caller may not decide. scope: it lacks the scope. four_eyes: a person behind it requested the run, or its product did. not_an_approver: the run has `approvers`. Absent if it may, or if there is a decision.',
    'four_eyes',
  ),
  requestedBy: Requester.optional().meta({ description: 'The principal that created the run.' }),
  approvers: z.array(EntryApprover).optional().meta({
    description:
      'Only these persons decide. Absent if the run names none, and for questions, input requests and consents.',
  }),
  decided: EntryDecision.optional(),
  leftOut: LeftOutOfEntry.optional(),
}).meta({ id: 'PendingEntry', description: 'A pending request, with everything needed to decide.' });
export type PendingEntry = z.infer<typeof PendingEntry>;
