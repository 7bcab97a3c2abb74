// The methods of the engine about requests to people: they read, stream and decide them.
import type {
  AnswerInputInput,
  AnswerQuestionInput,
  DecideApprovalInput,
  ListPendingInput,
  PendingFilter,
  Principal,
  ResolveEffectInput,
} from '@errand/contracts';
import { type RunScope, readMatchingIds } from '@errand/db';
import { ANSWER_BYTES } from '../events/answer-text.ts';
import type { Hub } from '../events/hub.ts';
import { answerInput, readInput } from './answer/answer-input.ts';
import { answerQuestion, readQuestion } from './answer/answer-question.ts';
import type { DecideDeps } from './answer/decide.ts';
import { decideApproval, readApproval } from './answer/decide-approval.ts';
import { type ConsentDecision, decideDurably } from './answer/decide-consents.ts';
import { resolveEffect } from './answer/resolve-effect.ts';
import {
  type BoundedFilter,
  type EntryReader,
  listEntries,
  readApprovalEntry,
  toEntryFilter,
} from './ask/pending-entries.ts';
import { InboxViews } from './watch/inbox-view.ts';
import { watchPending } from './watch/watch-pending.ts';

type RequiredReader = { reader: Principal };
/** The maximum size of an answer; `ANSWER_BYTES` by default. */
type AnswerSize = { maxBytes?: number };
type Scoped = { scopeOf: (workspaceId: string) => RunScope };
type PendingParts = Scoped & Omit<EntryReader, 'reader'> & { hub: Hub };
type DecisionParts = Scoped &
  Omit<DecideDeps, 'makeDue'> &
  Pick<EntryReader, 'requesters'> & { dueRuns: { makeDue: DecideDeps['makeDue']; signalDue: (runId: string) => void } };

/** Reads and streams the decision requests of a workspace. */
export function pendingMethods({ scopeOf, hub, fourEyes, requesters, deciders }: PendingParts) {
  const inbox = new InboxViews(hub);
  const people = { fourEyes, requesters, deciders };
  return {
    /** A page of the decision requests of all runs. @throws ProblemError invalid_cursor, validation_failed */
    listPending: (
      workspaceId: string,
      { reader, maxBytes = ANSWER_BYTES, ...input }: ListPendingInput & BoundedFilter & AnswerSize & RequiredReader,
    ) => listEntries(scopeOf(workspaceId), input, { reader, ...people }, maxBytes),

    /** The newest of the open requests that match, and the number of all. @param page `newest`: later ones do not match */
    matchingRequests: (
      workspaceId: string,
      filter: PendingFilter,
      page: { newest?: string | undefined; limit: number },
    ) => readMatchingIds(scopeOf(workspaceId), toEntryFilter(filter), page),

    /** Streams the open requests, then additions and removals, until the signal is aborted. */
    watchPending: (
      workspaceId: string,
      { reader, heads = false, ...filter }: PendingFilter & BoundedFilter & RequiredReader & { heads?: boolean },
      signal: AbortSignal,
    ) => watchPending(scopeOf(workspaceId), inbox, { filter, heads, by: { reader, ...people }, signal }),

    /** One approval with all its documents. @throws ProblemError approval_not_found */
    readApprovalEntry: (
      workspaceId: string,
      { approvalId, reader, maxBytes = ANSWER_BYTES }: { approvalId: string } & AnswerSize & RequiredReader,
    ) => readApprovalEntry(scopeOf(workspaceId), approvalId, { reader, ...people }, maxBytes),
  };
}

/** Reads and decides single requests. */
export function decisionMethods({ scopeOf, toolbox, sandbox, publish, dueRuns, fourEyes, requesters }: DecisionParts) {
  const decideDeps = { toolbox, sandbox, publish, makeDue: dueRuns.makeDue, fourEyes };
  return {
    /** @throws ProblemError not_found, validation_failed, effect_already_resolved, approval_gone, self_approval, not_an_approver */
    resolveEffect: (workspaceId: string, input: ResolveEffectInput & { onlyOpen?: true }, by: Principal) =>
      resolveEffect(scopeOf(workspaceId), decideDeps, input, by),

    /** For the page that shows it. @throws ProblemError approval_not_found */
    readApproval: (workspaceId: string, approvalId: string) =>
      readApproval(scopeOf(workspaceId), requesters, approvalId),
    /** @throws ProblemError approval_not_found, approval_gone, approval_already_decided, self_approval, not_an_approver, validation_failed */
    decideApproval: (workspaceId: string, input: DecideApprovalInput, by: Principal) =>
      decideApproval(scopeOf(workspaceId), decideDeps, input, by),

    /** For the page that shows it. @throws ProblemError question_not_found */
    readQuestion: (workspaceId: string, requestId: string) => readQuestion(scopeOf(workspaceId), requestId),
    /** @throws ProblemError question_not_found, question_gone, question_already_answered, validation_failed */
    answerQuestion: (workspaceId: string, input: AnswerQuestionInput, by: Principal) =>
      answerQuestion(scopeOf(workspaceId), decideDeps, input, by),

    /** A request of a service, for the page that shows it. @throws ProblemError input_not_found */
    readInput: (workspaceId: string, requestId: string) => readInput(scopeOf(workspaceId), requestId),
    /** @throws ProblemError input_not_found, input_gone, input_already_answered, validation_failed */
    answerInput: (workspaceId: string, input: AnswerInputInput & { asShown?: boolean }, by: Principal) =>
      answerInput(scopeOf(workspaceId), decideDeps, input, by),

    /** Decides a consent or credential: all runs that wait for it continue. @returns the number of these runs */
    async decideConsent(workspaceId: string, consent: ConsentDecision) {
      const runs = await decideDurably(scopeOf(workspaceId), decideDeps, consent);
      for (const runId of runs) dueRuns.signalDue(runId);
      return runs.length;
    },
  };
}
