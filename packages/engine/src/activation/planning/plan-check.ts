import type { PlanDraft, PlanRequest, TokenUsage, ToolSource } from '@errand/contracts';
import type { LedgerRow } from '@errand/db';
import { type CheckedPlan, type CheckPlanOptions, checkPlan, type Doubt } from '@errand/plan';
import type { Traced } from '@errand/ports/observer';
import type { Planner } from '@errand/ports/planner';
import type { Catalog } from '@errand/ports/toolbox';
import type { Envelope } from '../../model/envelope.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { replanComplaints, withoutReads } from './replan-rules.ts';

/** The outcome of a plan, for the planner that replaces it. */
export type PlanReport = NonNullable<PlanRequest['previous']>;

/** A plan to replace, and the calls of the run so far. */
export type ReplacedPlan = { report: PlanReport; ledger: readonly LedgerRow[]; envelope: Envelope };

/** The texts of people, and the required result. */
type Goal = Pick<PlanRequest<ToolSource>, 'intent' | 'context' | 'userId' | 'user' | 'answers' | 'outputSchema'>;

type CheckOptions = { catalog: Catalog; goal: Goal; endsBecause?: string; replaced?: ReplacedPlan };

/**
 * Checks drafted plans. The planner receives each doubt once; a plan that repeats it passes.
 * A planner that does not replan has no model, and receives no doubts.
 * @returns `repeatedDoubts`: those that remain about the last accepted plan; `lastDoubts`: all about the last plan
 */
export function planCheck(
  { planner, sandbox }: Pick<ActivationDeps, 'planner' | 'sandbox'>,
  { catalog, goal, endsBecause, replaced }: CheckOptions,
) {
  const received = new Set(replaced?.envelope.doubts?.map(({ message }) => message));
  let repeated: readonly Doubt[] = [];
  let last: readonly Doubt[] = [];
  const options: CheckPlanOptions = {
    tools: catalog,
    sandbox,
    mayFill: planner.fill !== undefined,
    planned: true,
    ...(endsBecause !== undefined && { endsBecause }),
    ...(goal.outputSchema && { outputSchema: goal.outputSchema }),
    ...(planner.replans && { meaning: meaningOf(goal, replaced) }),
  };
  const complaintsAbout = async (checked: CheckedPlan) => {
    if (!checked.ok) return checked.complaints;
    if (!replaced) return [];
    return replanComplaints(checked.plan, replaced.report, await withoutReads(replaced.ledger, catalog));
  };
  const check: PlanRequest['check'] = async (plan) => {
    const checked = await checkPlan(plan, options);
    last = checked.doubts;
    const doubts = planner.replans ? checked.doubts : [];
    const complaints = await complaintsAbout(checked);
    const fresh = doubts.filter(({ message }) => !received.has(message));
    for (const { message } of fresh) received.add(message);
    const faults = [...complaints, ...fresh];
    if (faults.length === 0) repeated = doubts;
    return faults;
  };
  return { check, repeatedDoubts: () => repeated, lastDoubts: () => last };
}

/** One request to a planner. `charge` counts tokens; `onSpent` then returns the reason to stop, if any. */
type PlannerCall = Omit<PlanRequest<ToolSource>, 'tools' | 'instructions' | 'observedOutputSchemas' | 'spend'> &
  Traced & {
    catalog: Catalog;
    charge: (usage: TokenUsage) => void;
    onSpent: () => string | undefined;
    onError: (error: unknown) => PlanDraft;
  };

/** Asks a planner for a plan. Its usage is charged once: as the planner spends it, or from its draft. */
export async function requestPlan(
  planner: Planner<ToolSource>,
  { catalog, charge, onSpent, onError, ...request }: PlannerCall,
): Promise<PlanDraft> {
  let isCharged = false;
  const spend = (usage: TokenUsage) => {
    isCharged = true;
    charge(usage);
    return onSpent();
  };
  const observedOutputSchemas = await catalog.observedOutputSchemas(request.userId);
  const draft = await planner
    .plan({ ...request, tools: catalog, instructions: catalog.instructions, observedOutputSchemas, spend })
    .catch(onError);
  if (!isCharged) charge(draft.usage);
  return draft;
}

export const noDraft = (reason: string): PlanDraft => ({
  kind: 'none',
  code: 'plan_failed',
  reason,
  retryable: true,
  usage: { inputTokens: 0, outputTokens: 0 },
});

/** The texts against which the meaning of a plan is checked. */
function meaningOf(goal: Goal, replaced: ReplacedPlan | undefined): CheckPlanOptions['meaning'] {
  const userTexts = userTextsOf(goal);
  if (!replaced) return { userTexts };
  const { plan, outputs, failures } = replaced.report;
  const reasons = failures.flatMap(({ reason }) => reason ?? []);
  const answers = failures.flatMap(({ calls = [], message }) => [
    message,
    ...calls.flatMap(({ answer }) => answer ?? []),
  ]);
  return {
    userTexts: [...userTexts, ...reasons],
    earlierAnswers: [...Object.values(outputs), ...answers],
    previousSteps: plan.steps,
  };
}

export const userTextsOf = ({ intent, context, userId, user, answers = [] }: Omit<Goal, 'outputSchema'>): string[] => [
  intent,
  context,
  userId,
  user?.name ?? '',
  ...answers.map(({ answer, label }) => `${answer}\n${label ?? ''}`),
];
