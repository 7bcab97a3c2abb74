import type { ErrorValues, Json, Plan, PlanDraft, TokenUsage } from '@errand/contracts';
import { type Claim, isDatabaseTrouble, storable } from '@errand/db';
import type { Doubt, StepError } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';
import { type Envelope, enclose, isEnvelope, toolNames } from '../../model/envelope.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { noDraft, planCheck, type ReplacedPlan, requestPlan } from './plan-check.ts';
import { askPlannersQuestion, hasAsked, plannerQuestions } from './planner-questions.ts';

/** Dependencies of the steps that make a plan. */
export type PlanDeps = Pick<
  ActivationDeps,
  'planner' | 'sandbox' | 'requests' | 'writer' | 'budget' | 'signal' | 'log' | 'span' | 'report'
>;

/** People have not answered a question of the planner yet; it continues after the answer. */
export type Unanswered = 'unanswered';

/** A drafted plan, with its remaining doubts. */
export type PlannedDraft = Extract<PlanDraft, { kind: 'plan' }> & { doubts: readonly Doubt[] };

export type Draft =
  | PlannedDraft
  | {
      kind: 'none';
      code: string;
      reason: string;
      errors?: readonly { pointer: string; message: string }[];
      values?: ErrorValues;
    };

/** Maximum number of plans of a run that only read. */
const MAX_LOOKS = 3;

/** The number of plans of a run so far that only read. */
export const lookCount = ({ plan }: Claim): number => (isEnvelope(plan) ? (plan.looks ?? 0) : 0);

/** Asks the planner for a plan, or for one that replaces another. */
export async function draftPlan(
  claim: Claim,
  catalog: Catalog,
  deps: PlanDeps,
  replaced?: ReplacedPlan,
): Promise<Draft | Unanswered> {
  const { run } = claim;
  const { writer, budget, signal, log } = deps;
  const { answers, mayAsk, isOpen, failure } = plannerQuestions(deps.requests);
  if (isOpen) return 'unanswered';
  if (failure) return toNoPlan(failure);
  const looks = lookCount(claim) + (replaced?.report.looked ? 1 : 0);
  const endsBecause = looks < MAX_LOOKS ? undefined : `The run has looked ${looks} times: write a plan with a result.`;
  const goal = {
    intent: run.intent,
    context: run.context,
    userId: run.userId,
    answers,
    ...(run.user && { user: run.user }),
    ...(run.outputSchema && { outputSchema: run.outputSchema }),
  };
  const { check, repeatedDoubts } = planCheck(deps, { catalog, goal, endsBecause, replaced });
  const span = deps.span?.begin({ kind: 'plan', isReplan: replaced !== undefined });
  const observed = { workspaceId: catalog.workspaceId, runId: run.runId };
  const draft = await requestPlan(deps.planner, {
    ...goal,
    catalog,
    now: run.createdAt.toISOString(),
    ...(replaced && { previous: replaced.report }),
    mayAsk,
    mayLook: endsBecause === undefined,
    signal,
    span,
    check,
    charge: (usage: TokenUsage) => {
      writer.add({ usage });
      deps.report('modelAsked', { purpose: 'plan', usage, ...observed });
      budget.spendTokens(usage.inputTokens + usage.outputTokens);
    },
    onSpent: () => {
      // The tokens count even if this process dies before there is a plan.
      writer.flush().catch(() => {});
      return budget.exhausted;
    },
    onError: (error) => {
      if (signal.aborted || isDatabaseTrouble(error)) throw error;
      log.error({ err: error, runId: run.runId }, 'Planning failed because of an internal error.');
      return noDraft('Planning failed because of an internal error. Create the run again.');
    },
  }).catch((error: unknown) => {
    span?.end({ error: signal.aborted ? 'aborted' : 'activation_failed' });
    throw error;
  });
  span?.end(draft.kind === 'none' ? { error: draft.code } : { state: draft.kind });
  if (draft.kind === 'plan') return { ...draft, doubts: repeatedDoubts() };
  if (draft.kind !== 'question') return draft;
  const fault = budget.failure() ?? askPlannersQuestion(deps, draft.question);
  return fault ? toNoPlan(fault) : 'unanswered';
}

const toNoPlan = ({ code, message, values }: StepError): Draft => ({
  kind: 'none',
  code,
  reason: message,
  ...(values && { values }),
});

/** A drafted plan with the fingerprints of its tools, in its stored form: exactly that form is executed. */
export async function toStoredEnvelope(
  { plan, doubts = [] }: { plan: Plan; doubts?: readonly Doubt[] },
  catalog: Catalog,
  { requests }: Pick<PlanDeps, 'requests'>,
): Promise<Envelope> {
  const stored = storable(plan as unknown as Json) as unknown as Plan;
  const envelope = enclose(stored, await catalog.named(toolNames(stored)));
  return {
    ...envelope,
    ...(hasAsked(requests) && { answered: true as const }),
    ...(doubts.length > 0 && { doubts: storable([...doubts] as unknown as Json) as unknown as Doubt[] }),
  };
}
