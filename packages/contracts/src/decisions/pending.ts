// The inbox: the pending requests of all runs, as a list and as a stream, and several decisions at once.
import { mutation, query, subscription, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { OnBehalfOf } from '../access/claimed-person.ts';
import { codes } from '../base/error.ts';
import {
  count,
  cursor,
  defaultFlag,
  defaultLimit,
  doc,
  flag,
  frame,
  inPages,
  nextCursor,
  oneOf,
  optionalCount,
  optionalInputText,
  optionalNonEmptyText,
  optionalText,
  text,
} from '../base/fields.ts';
import { ErrorValues } from '../base/problem-values.ts';
import { ApprovalId, ConsentId, CustomerIntegrationId, EffectId, QuestionId, RunId, UserId } from '../base/scalars.ts';
import { Approval, DecideApprovalInput } from './approval.ts';
import { EffectDecision, ResolvedEffect, ResolveEffectInput } from './effect.ts';
import { PendingEntry } from './pending-entry.ts';
import { WaitingOn } from './waiting-on.ts';

const PendingSnapshot = frame('snapshot', 'PendingSnapshot', 'The stream starts: discard earlier state.', {
  open: count('Number of open entries. Each follows as `added` unless it closes first.', 3),
  more: flag('Whether more entries are open than a stream shows. GET /v1/pending lists all.', false),
});

const PendingAdded = frame('added', 'PendingAdded', 'An entry is open.', { entry: PendingEntry });

const PendingGone = frame('gone', 'PendingGone', 'An entry was closed.', {
  kind: WaitingOn.shape.kind,
  approvalId: ApprovalId.optional(),
  effectId: EffectId.optional(),
  consentId: ConsentId.optional(),
  requestId: QuestionId.optional(),
  runId: RunId,
  why: oneOf(['decided', 'expired', 'ended'], 'ended: its run ended without a decision.', 'decided'),
  decision: optionalText('The decision: approve, deny, retry, happened, skip or answer.', 'approve'),
  decidedBy: optionalText('Who decided.', 'er_live_…k3Zq'),
});

export const PendingFrame = z.discriminatedUnion('type', [PendingSnapshot, PendingAdded, PendingGone]).meta({
  id: 'PendingFrame',
  description: 'A frame of the stream of pending requests.',
});
export type PendingFrame = z.infer<typeof PendingFrame>;

/** Filters of the inbox. */
const pendingFilter = {
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
  ...pendingFilter,
  state: z
    .enum(['open', 'decided'])
    .default('open')
    .meta(
      doc('decided: requests with a decision, or that expired. Those of runs that ended first are left out.', 'open'),
    ),
  sort: z
    .enum(['-createdAt', 'expiresAt'])
    .optional()
    .meta(
      doc(
        '-createdAt: newest first, the default of open requests. expiresAt: the first to expire. Decided requests are sorted by their decisions, newest first.',
        'expiresAt',
      ),
    ),
  q: optionalNonEmptyText(200, 'A part of the text or of the intent, regardless of case.', 'northwind'),
  pageSize: defaultLimit(20, 100, 'Items a page.'),
  cursor,
});
type ListPendingFields = z.output<typeof ListPendingInput>;
/** Open requests if `state` is left out. */
export type ListPendingInput = Omit<ListPendingFields, 'state'> & Partial<Pick<ListPendingFields, 'state'>>;
export type PendingFilter = Pick<ListPendingFields, keyof typeof pendingFilter>;

const WatchPendingInput = z.strictObject({
  ...pendingFilter,
  heads: defaultFlag(
    false,
    'Whether entries have only their head: no arguments, plan, words or schema, and at most 200 characters of the intent. For counts and badges.',
    true,
  ),
  lastEventId: optionalInputText(100, 'Has no effect: each stream begins with a snapshot.', '0'),
});

export const PendingList = z
  .object({ pending: z.array(PendingEntry), nextCursor })
  .meta({ id: 'PendingList', description: 'Requests of all runs, in the requested order.' });
export type PendingList = z.infer<typeof PendingList>;

const OneDecision = DecideApprovalInput.omit({ onBehalfOf: true }).meta({
  id: 'OneDecision',
  description: 'A decision about a waiting plan or call.',
});
const OneResolution = ResolveEffectInput.omit({ onBehalfOf: true }).meta({
  id: 'OneResolution',
  description: 'How to resolve a call that may have taken effect.',
});

const MatchingFilter = z.strictObject(pendingFilter).refine(({ kind }) => kind?.length === 1 && kind[0] === 'effect', {
  path: ['kind'],
  message: 'Must be ["effect"]: a filter decides uncertain effects alone. Decide plans and calls by their ids.',
});

const MatchingDecision = z
  .strictObject({
    filter: MatchingFilter.meta({ description: 'The open requests to decide, as in GET /v1/pending.' }),
    decision: EffectDecision,
    reason: ResolveEffectInput.shape.reason,
    expectedCount: optionalCount(
      'The number of matching requests that a person has confirmed. If another number matches, nothing is decided; with `newest`, if more match. Absent: nothing is decided, and the answer has the number.',
      5000,
    ),
    newest: EffectId.optional().meta({
      description: '`newest` of the count or of the previous answer: requests that were made after it do not match.',
    }),
  })
  .meta({ id: 'MatchingDecision', description: 'One decision about all uncertain effects that match a filter.' });
export type MatchingDecision = z.output<typeof MatchingDecision>;

export const DecidePendingInput = z
  .strictObject({
    decisions: z
      .array(OneDecision)
      .max(100)
      .default([])
      .meta({ description: 'Decisions about plans and calls, in their order.' }),
    effects: z
      .array(OneResolution)
      .max(100)
      .default([])
      .meta({ description: 'Decisions about uncertain effects, made after the others. At most 100 decisions in all.' }),
    matching: MatchingDecision.optional(),
    onBehalfOf: OnBehalfOf.optional(),
  })
  .meta({ id: 'DecidePending', description: 'Decisions about several waiting plans, calls and uncertain effects.' });

export const DecisionProblem = z.object({
  code: text('A stable word to branch on.', 'validation_failed'),
  title: text('The meaning of the code.', 'A field is not valid'),
  status: z.int().meta({ description: 'The HTTP status.', examples: [400] }),
  detail: z.string().optional().meta({ description: 'What is wrong, for people.' }),
  remedy: z.string().optional().meta({ description: 'What a developer should do.' }),
  errors: z
    .array(
      z.object({
        pointer: text('JSON pointer to the invalid part.', '/intent'),
        message: text('What is wrong with it.', 'Too small: expected string to have >=1 characters'),
      }),
    )
    .optional()
    .meta({ description: 'The invalid parts of the input.' }),
  values: ErrorValues.optional(),
});
export type DecisionProblem = z.infer<typeof DecisionProblem>;

const DecisionResult = z
  .object({
    approvalId: ApprovalId,
    approval: Approval.optional().meta({ description: 'The decision, if it was accepted.' }),
    error: DecisionProblem.optional().meta({
      description: 'The problem that POST /v1/approvals/{approvalId} would answer.',
    }),
  })
  .meta({ id: 'DecisionResult', description: 'The result of a decision.' });
export type DecisionResult = z.infer<typeof DecisionResult>;

const EffectResult = z
  .object({
    effectId: EffectId,
    effect: ResolvedEffect.optional().meta({ description: 'The decision, if it was accepted.' }),
    error: DecisionProblem.optional().meta({
      description: 'The problem that POST /v1/effects/{effectId} would answer.',
    }),
  })
  .meta({ id: 'EffectResult', description: 'The result of a decision about an uncertain effect.' });
export type EffectResult = z.infer<typeof EffectResult>;

const MatchingResult = z
  .object({
    matched: count('The requests that matched, before this one decided any.', 5000),
    decided: count('The requests that this one decided, at most 1,000.', 998),
    skipped: z.record(z.string(), z.int()).meta(
      doc('The number that it could not decide, by the code that POST /v1/effects/{effectId} would answer.', {
        not_an_approver: 2,
      }),
    ),
    remaining: count('The matching requests that follow.', 4000),
    newest: EffectId.optional().meta({
      description:
        'The newest of them: send it as `newest`, with `remaining` as `expectedCount`, to decide them. Absent: none follows.',
    }),
  })
  .meta({ id: 'MatchingResult', description: 'The result of a decision about all that match a filter.' });
export type MatchingResult = z.infer<typeof MatchingResult>;

export const pending = withTag('Decisions', {
  list: query({
    input: inPages(ListPendingInput),
    output: PendingList,
    scope: 'runs:read',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/pending',
      summary: 'List pending requests',
      success: 'The pending requests, newest first.',
      description:
        'Pending requests of all runs, newest first, or the decided ones with `state=decided`. A page that is filtered may have few entries, even none, though `nextCursor` is set. `resolveWith` is the request that resolves an entry. `leftOut` names arguments and schemas that do not fit in the answer.',
    },
  }),
  watch: subscription({
    input: WatchPendingInput,
    output: PendingFrame,
    scope: 'runs:read',
    errors: codes('too_many_streams'),
    http: {
      route: 'GET /v1/pending/sse',
      summary: 'Stream pending requests',
      description:
        'Sends a `snapshot`, then an `added` frame for each open entry (newest first, at most 1,000), then `added` and `gone` frames as they occur. Frames have no ids. After a reconnect, discard your state and start from the next snapshot.',
      headers: { 'Last-Event-ID': 'lastEventId' },
    },
  }),
  decide: mutation({
    input: DecidePendingInput,
    output: z.object({
      results: z.array(DecisionResult).meta({ description: 'One for each decision, in their order.' }),
      effects: z.array(EffectResult).optional().meta({ description: 'One for each uncertain effect, in their order.' }),
      matching: MatchingResult.optional(),
    }),
    scope: 'approvals:decide',
    errors: codes('pending_count_changed'),
    http: {
      route: 'POST /v1/pending/decide',
      summary: 'Decide several requests',
      success: 'The result of each decision.',
      description:
        'Decides about waiting plans, calls and uncertain effects, one after the other and independently: a rejected decision does not affect the others. Repeating the request returns the same results. `matching` decides about all uncertain effects that match a filter, up to 1,000 a request: send it without `expectedCount` to count them, then with the number that a person confirmed. Answer forms of services by POST /v1/inputs/{requestId}.',
    },
  }),
});
