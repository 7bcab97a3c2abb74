// Approvals of plans and calls: requests, decisions, and the operations `contract.approvals`.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes, schemaCodes } from '../base/error.ts';
import { doc, oneOf, optionalInputText, optionalText, optionalTime, optionalUuid, text } from '../base/fields.ts';
import { Json, JsonSchema } from '../base/json.ts';
import { ApprovalId, RunId, Timestamp } from '../base/scalars.ts';
import { ApprovalView } from './approval-link.ts';
import { PendingEntry } from './pending-entry.ts';

export const ApprovalDecision = z.enum(['approve', 'deny']).meta({
  id: 'ApprovalDecision',
  description: 'approve: the run does it. deny: the run continues without it, if possible.',
  examples: ['approve'],
});

export const AlwaysAllow = z
  .strictObject({
    until: z.iso
      .datetime()
      .optional()
      .meta(doc('When the rule expires, at most a year ahead. Default: 30 days.', '2027-01-31T09:30:00.000Z')),
    argsSchema: JsonSchema.optional().meta({
      description: 'JSON Schema (draft-07) of the arguments that need no approval. Default: exactly the approved ones.',
      examples: [{ properties: { body: { properties: { amount: { maximum: 100 } }, required: ['amount'] } } }],
    }),
  })
  .meta({
    id: 'AlwaysAllow',
    description: 'With approve, for a call: an approval rule for the tool and the user of the run.',
  });

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
    onBehalfOf: OnBehalfOf.optional(),
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

export const ApprovalEntry = PendingEntry.extend({
  state: oneOf(
    [...ApprovalView.shape.state.options, 'answered'],
    'gone: expired, or the run has ended. answered: an input request.',
    'pending',
  ),
  decidedBy: Approval.shape.decidedBy,
  reason: Approval.shape.reason,
  decidedAt: optionalTime('When it was decided, or its run ended.'),
}).meta({ id: 'ApprovalEntry', description: 'An approval request and its state.' });
export type ApprovalEntry = z.infer<typeof ApprovalEntry>;

export const approvals = withTag('Decisions', {
  get: query({
    input: z.strictObject({ approvalId: ApprovalId }),
    output: ApprovalEntry,
    scope: 'runs:read',
    errors: codes('approval_not_found'),
    http: {
      route: 'GET /v1/approvals/{approvalId}',
      summary: 'Get an approval',
      success: 'The request and its state.',
      description:
        'The complete request of a plan, a call or a service, and the decision. After an edit, `args` are the approved arguments.',
    },
  }),
  decide: mutation({
    input: DecideApprovalInput,
    output: Approval,
    scope: 'approvals:decide',
    errors: codes(
      'approval_not_found',
      'approval_gone',
      'approval_already_decided',
      'self_approval',
      'not_an_approver',
      'item_limit_reached',
      ...schemaCodes,
    ),
    http: {
      route: 'POST /v1/approvals/{approvalId}',
      summary: 'Approve or deny',
      success: 'The decision.',
      description:
        'Decides once about a waiting plan or call. Repeating the decision returns the same answer; a different decision is rejected. `always` also creates an approval rule.',
    },
  }),
});
