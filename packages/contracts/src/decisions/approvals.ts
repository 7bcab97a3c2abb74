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
        'Decides once about a waiting plan or call. Repeating the decision returns the same answer; a different decision is rejected. `always` also creates an approval rule.',
    },
  }),
};
