import { z } from 'zod';
import { oneOf, optionalInputText, optionalText, optionalUuid, text } from '../base/fields.ts';
import { ApprovalId, RunId, Timestamp } from '../base/ids.ts';
import { Json, JsonSchema } from '../base/json.ts';

export const ApprovalDecision = z.enum(['approve', 'deny']).meta({
  id: 'ApprovalDecision',
  description: 'approve: the run does it. deny: the run continues without it, if possible.',
  examples: ['approve'],
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

export const AlwaysAllow = z
  .strictObject({
    until: z.iso
      .datetime()
      .optional()
      .meta({
        description: 'When the rule expires, at most a year ahead. Default: 30 days.',
        examples: ['2027-01-31T09:30:00.000Z'],
      }),
    argsSchema: JsonSchema.optional().meta({
      description: 'JSON Schema (draft-07) of the arguments that need no approval. Default: exactly the approved ones.',
      examples: [{ properties: { body: { properties: { amount: { maximum: 100 } }, required: ['amount'] } } }],
    }),
  })
  .meta({
    id: 'AlwaysAllow',
    description: 'With approve, for a call: an approval rule for the tool and the user of the run.',
  });
export type AlwaysAllow = z.infer<typeof AlwaysAllow>;

export const DecideApprovalInput = z
  .strictObject({
    approvalId: ApprovalId,
    decision: ApprovalDecision,
    reason: optionalInputText(2000, 'Why, for the record and for the planner.', 'Too expensive'),
    args: z
      .record(z.string(), Json)
      .optional()
      .meta({
        description:
          "With approve, for a call: replaces its arguments. They must match the tool's input schema. The changes are recorded.",
        examples: [{ body: { amount: 100 } }],
      }),
    always: AlwaysAllow.optional(),
  })
  .meta({ id: 'DecideApproval', description: 'A decision about a waiting plan or call.' });
export type DecideApprovalInput = z.output<typeof DecideApprovalInput>;

export const ArgsEdit = z
  .object({
    op: oneOf(['add', 'remove', 'replace'], 'The operation.', 'replace'),
    path: text('JSON pointer into the arguments.', '/body/amount'),
    value: Json.optional().meta({ description: 'The new value.', examples: [100] }),
  })
  .meta({ id: 'ArgsEdit', description: 'A change of the arguments (RFC 6902).' });
export type ArgsEdit = z.infer<typeof ArgsEdit>;

export const Approval = z
  .object({
    approvalId: ApprovalId,
    runId: RunId,
    decision: ApprovalDecision,
    decidedBy: optionalText('Who decided. Absent if the request expired.', 'er_live_…k3Zq'),
    reason: optionalText('Why.', 'Too expensive'),
    edits: z.array(ArgsEdit).optional().meta({ description: 'Changes of the arguments.' }),
    decidedAt: Timestamp,
    approvalRuleId: optionalUuid(
      'The approval rule that `always` created. It has the id of the approval.',
      '0192f0c1-7a40-7e93-b7c4-90c2d3e5a703',
    ),
  })
  .meta({ id: 'Approval', description: 'A decision about a plan or a call.' });
export type Approval = z.infer<typeof Approval>;
