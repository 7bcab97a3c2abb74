import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes, schemaCodes } from '../base/error.ts';
import { ApprovalId } from '../base/ids.ts';
import { Approval, DecideApprovalInput } from './approval.ts';
import { ApprovalEntry } from './pending-entry.ts';

/** Reading and deciding one approval. */
export const approvals = {
  get: query({
    input: z.strictObject({ approvalId: ApprovalId }),
    output: ApprovalEntry,
    scope: 'runs:read',
    errors: codes('validation_failed', 'approval_not_found'),
    http: {
      method: 'GET',
      path: '/v1/approvals/{approvalId}',
      tag: 'Decisions',
      summary: 'Get an approval',
      success: 'What is asked, and where it stands.',
      description:
        'What a plan or a call that needs approval would do, or what a service asks in the middle of a call, whole, and what was decided. After an edit `args` are those that were approved.',
    },
  }),
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
      ...schemaCodes,
    ),
    http: {
      method: 'POST',
      path: '/v1/approvals/{approvalId}',
      tag: 'Decisions',
      summary: 'Approve or deny',
      success: 'The decision.',
      description:
        'Decides about a plan or a call that waits, once. The same decision again answers the same; another one is refused. `always` makes an approval rule as well, once for each approval.',
    },
  }),
};
