import { z } from 'zod';
import { flag, oneOf, optionalText, optionalTime, text } from '../base/fields.ts';
import { RunId, Timestamp, UserId } from '../base/ids.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { Plan } from '../base/plan.ts';
import { Effect, ToolName } from '../base/tool-name.ts';
import { RequestLine } from '../integrations/tool.ts';
import { Approval } from './approval.ts';
import { ApprovalView } from './approval-link.ts';
import { ArgOrigins } from './arg-origin.ts';
import { openUrl, requestedSchema } from './input.ts';
import { WaitingOn } from './waiting-on.ts';

const LeftOutOfEntry = z
  .object({
    fields: z
      .array(z.enum(['intent', 'args', 'plan', 'argOrigins', 'inputSchema', 'requestedSchema']))
      .meta({ description: 'What is absent; of intent the beginning is there.', examples: [['args']] }),
    path: optionalText(
      'Where it is read whole; absent where it is too large for any answer.',
      '/v1/approvals/0192f0c1-7a40-7e93-b7c4-90c2d3e5a703',
    ),
  })
  .meta({ id: 'LeftOutOfEntry', description: 'What had no room here.' });

export const PendingEntry = WaitingOn.extend({
  runId: RunId,
  userId: UserId,
  intent: text('What the run is for.', 'Log a call with Contoso'),
  title: text(
    'What is asked about, in a few words: the title of the operation, the goal of the plan, or the integration.',
    'Create a ticket',
  ),
  integrationName: optionalText('The name of the integration.', 'Demo CRM'),
  logoUrl: z.string().optional().meta({ description: 'The logo of the integration, as its document gives it.' }),
  tool: ToolName.optional().meta({ description: 'The tool of a call.' }),
  effect: Effect.optional().meta({ description: 'What the tool does; absent when it does not exist any more.' }),
  request: RequestLine.optional(),
  calls: z
    .int()
    .optional()
    .meta({
      description: 'How many calls of a `forEach` step one approval is about; absent where it is one call.',
      examples: [40],
    }),
  args: Json.optional().meta({
    description: 'The arguments of the call; with `calls` a list of `{toolCallId, args}` of each.',
    examples: [{ body: { accountId: 'acc_000017', subject: 'Call' } }],
  }),
  argOrigins: ArgOrigins.optional(),
  names: z
    .record(z.string(), z.string())
    .optional()
    .meta({
      description: 'The names of the things whose ids stand in the arguments, by JSON pointer.',
      examples: [{ '/body/accountId': 'Contoso' }],
    }),
  inputSchema: JsonSchema.optional().meta({ description: 'What the tool takes now: edited `args` must fit it.' }),
  plan: Plan.optional().meta({ description: 'The plan, where one is asked about.' }),
  requestedSchema: requestedSchema.optional(),
  openUrl: openUrl.optional(),
  argsHash: optionalText(
    'SHA-256 of what an approval holds for: this run, this tool and these arguments, or this plan.',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  ),
  askedAt: Timestamp.meta({ description: 'When it was asked.' }),
  onExpiry: oneOf(['deny', 'skip', 'no_answer'], 'What counts when nobody decides in time.', 'deny'),
  mayDecide: flag(
    'Whether the key that reads this may decide: it holds the scope, and it did not ask for the run where four eyes are required.',
    true,
  ),
  leftOut: LeftOutOfEntry.optional(),
}).meta({ id: 'PendingEntry', description: 'Something that a person must do, with everything needed to decide.' });
export type PendingEntry = z.infer<typeof PendingEntry>;

export const ApprovalEntry = PendingEntry.extend({
  state: oneOf(
    [...ApprovalView.shape.state.options, 'answered'],
    'gone: expired, or the run has ended. answered: what a service asked.',
    'pending',
  ),
  decidedBy: Approval.shape.decidedBy,
  reason: Approval.shape.reason,
  decidedAt: optionalTime('When it was decided, or its run ended.'),
}).meta({ id: 'ApprovalEntry', description: 'What an approval asks, and where it stands.' });
export type ApprovalEntry = z.infer<typeof ApprovalEntry>;
