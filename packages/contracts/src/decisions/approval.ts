import { mutation } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../codes.ts';
import { ApprovalId, RunId, Timestamp } from '../ids.ts';
import { Json } from '../json.ts';

export const ApprovalDecision = z.enum(['approve', 'deny']).meta({
  id: 'ApprovalDecision',
  description: 'approve: it is done. deny: it is not; the run goes on without it where it can.',
  examples: ['approve'],
});
export type ApprovalDecision = z.infer<typeof ApprovalDecision>;

export const DecideApprovalInput = z
  .strictObject({
    approvalId: ApprovalId,
    decision: ApprovalDecision,
    reason: z
      .string()
      .max(2000)
      .optional()
      .meta({ description: 'Why, for the record and for the planner.', examples: ['Too expensive'] }),
    args: z
      .record(z.string(), Json)
      .optional()
      .meta({
        description:
          "With approve, for a call: make it with these arguments instead. They must fit the tool's input schema; what was changed is recorded.",
        examples: [{ body: { amount: 100 } }],
      }),
  })
  .meta({ id: 'DecideApproval', description: 'A decision about a plan or a call that waits.' });
export type DecideApprovalInput = z.output<typeof DecideApprovalInput>;

export const ArgsEdit = z
  .object({
    op: z.enum(['add', 'remove', 'replace']).meta({ description: 'What was done.', examples: ['replace'] }),
    path: z.string().meta({ description: 'JSON pointer into the arguments.', examples: ['/body/amount'] }),
    value: Json.optional().meta({ description: 'The new value.', examples: [100] }),
  })
  .meta({ id: 'ArgsEdit', description: 'One change that was made to the arguments (RFC 6902).' });
export type ArgsEdit = z.infer<typeof ArgsEdit>;

export const Approval = z
  .object({
    approvalId: ApprovalId,
    runId: RunId,
    decision: ApprovalDecision,
    decidedBy: z
      .string()
      .optional()
      .meta({ description: 'Who decided; absent when the request has expired.', examples: ['er_live_…k3Zq'] }),
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why.', examples: ['Too expensive'] }),
    edits: z.array(ArgsEdit).optional().meta({ description: 'What was changed in the arguments.' }),
    decidedAt: Timestamp,
  })
  .meta({ id: 'Approval', description: 'A decision about a plan or a call.' });
export type Approval = z.infer<typeof Approval>;

export const approvals = {
  decide: mutation({
    input: DecideApprovalInput,
    output: Approval,
    scope: 'approvals:decide',
    errors: codes(
      'validation_failed',
      'approval_not_found',
      'approval_gone',
      'approval_already_decided',
      'self_approval',
    ),
    http: {
      method: 'POST',
      path: '/v1/approvals/{approvalId}',
      tag: 'Decisions',
      summary: 'Approve or deny',
      success: 'The decision.',
      description:
        'Decides about a plan or a call that waits, once. The same decision again answers the same; another one is refused.',
    },
  }),
};
