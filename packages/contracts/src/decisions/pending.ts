import { mutation, query, subscription } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { cursor, limitOr, nextCursor, optionalInputText, text } from '../base/fields.ts';
import { ApprovalId, CustomerIntegrationId, RunId, UserId } from '../base/ids.ts';
import { Approval, DecideApprovalInput } from './approval.ts';
import { PendingEntry } from './pending-entry.ts';
import { PendingFrame } from './pending-frame.ts';
import { WaitingOn } from './waiting-on.ts';

/** Which entries of the inbox are wanted. */
const filter = {
  kind: z
    .array(WaitingOn.shape.kind)
    .min(1)
    .max(6)
    .optional()
    .meta({ description: 'Only entries of these kinds.', examples: [['call']] }),
  userId: UserId.optional(),
  customerIntegrationId: CustomerIntegrationId.optional(),
  runId: RunId.optional(),
};

export const ListPendingInput = z.strictObject({
  ...filter,
  pageSize: limitOr(20, 100, 'Items a page.'),
  cursor,
});
export type ListPendingInput = z.output<typeof ListPendingInput>;
export type PendingFilter = Pick<ListPendingInput, keyof typeof filter>;

const WatchPendingInput = z.strictObject({
  ...filter,
  lastEventId: optionalInputText(100, 'Has no effect: each stream begins with a snapshot.', '0'),
});

export const PendingList = z
  .object({
    pending: z.array(PendingEntry),
    nextCursor,
  })
  .meta({ id: 'PendingList', description: 'What waits for a human over all runs, newest first.' });
export type PendingList = z.infer<typeof PendingList>;

export const DecidePendingInput = z
  .strictObject({
    decisions: z.array(DecideApprovalInput).min(1).max(100).meta({ description: 'The decisions, in their order.' }),
  })
  .meta({ id: 'DecidePending', description: 'Decisions about several plans and calls that wait.' });

const RefusedDecision = z.object({
  title: text('What the code means.', 'A field is not valid'),
  status: z.int().meta({ description: 'The HTTP status.', examples: [400] }),
  detail: z.string().optional().meta({ description: 'What is wrong, for people.' }),
  remedy: z.string().optional().meta({ description: 'What the developer does about it.' }),
  code: text('A stable word to branch on.', 'validation_failed'),
  errors: z
    .array(
      z.object({
        pointer: text('JSON pointer to the invalid part.', '/intent'),
        message: text('What is wrong with it.', 'Too small: expected string to have >=1 characters'),
      }),
    )
    .optional()
    .meta({ description: 'The invalid parts of the input.' }),
});

const DecisionResult = z
  .object({
    approvalId: ApprovalId,
    approval: Approval.optional().meta({ description: 'The decision, when it counts.' }),
    error: RefusedDecision.optional().meta({
      description: 'Why it does not, as POST /v1/approvals/{approvalId} would answer.',
    }),
  })
  .meta({ id: 'DecisionResult', description: 'What came of one decision.' });
export type DecisionResult = z.infer<typeof DecisionResult>;

export const pending = {
  list: query({
    input: ListPendingInput,
    output: PendingList,
    scope: 'runs:read',
    errors: codes('validation_failed', 'invalid_cursor'),
    http: {
      method: 'GET',
      path: '/v1/pending',
      tag: 'Decisions',
      summary: 'List what waits for a human',
      success: 'What waits, newest first.',
      description:
        'Over all runs, newest first. `resolveWith` of an entry is the request that resolves it. Arguments and schemas are shown as far as they have room; `leftOut` names what is not.',
    },
  }),
  watch: subscription({
    input: WatchPendingInput,
    output: PendingFrame,
    scope: 'runs:read',
    errors: codes('validation_failed', 'too_many_streams'),
    http: {
      method: 'GET',
      path: '/v1/pending/sse',
      tag: 'Decisions',
      summary: 'Watch what waits for a human',
      description:
        'A `snapshot` first, then an `added` frame for each open entry, the newest first and 1,000 at most, then `added` and `gone` as they happen. Frames have no ids: a client that comes back forgets what it knew and begins with the next snapshot.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
  decide: mutation({
    input: DecidePendingInput,
    output: z.object({
      results: z.array(DecisionResult).meta({ description: 'One for each decision, in their order.' }),
    }),
    scope: 'approvals:decide',
    errors: codes('validation_failed'),
    http: {
      method: 'POST',
      path: '/v1/pending/decide',
      tag: 'Decisions',
      summary: 'Approve or deny several',
      success: 'What came of each decision.',
      description:
        'Decides about plans and calls that wait (forms of a service are answered one by one: POST /v1/inputs/{requestId}), one after the other, each once and by itself: what is refused stops no other. Sent again after a lost answer, decisions that were made answer the same.',
    },
  }),
};
