import type { PlanRequest, ToolSource } from '@errand/contracts';
import type { LedgerRow } from '@errand/db';
import { type CheckPlanOptions, checkPlan, type Doubt } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';
import { type Envelope, stepText } from '../../model/envelope.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { replanComplaints, withoutReads } from './replan-rules.ts';

/** The plan that is replaced: the report to its planner, and the calls of the run so far. */
export type Before = {
  failed: NonNullable<PlanRequest['previous']>;
  ledger: readonly LedgerRow[];
  envelope: Envelope;
};

type Options = {
  catalog: Catalog;
  /** What people said, and how the plan may end. */
  request: Pick<PlanRequest<ToolSource>, 'intent' | 'context' | 'userId' | 'user' | 'answers' | 'outputSchema'>;
  endsBecause: string | undefined;
  before: Before | undefined;
};

/** The check of one planning. `repeated`: the doubts that remain about the last accepted plan. */
export type PlanCheck = { check: PlanRequest['check']; repeated: () => readonly Doubt[] };

/**
 * Checks the plans that a planner drafts. The planner receives each doubt once; if it repeats the plan, the plan passes. A planner that does not
 * plan again has no model, and receives no doubts.
 */
export function planCheck(
  { planner, sandbox }: Pick<ActivationDeps, 'planner' | 'sandbox'>,
  { catalog, request, endsBecause, before }: Options,
): PlanCheck {
  const heard = new Set(before?.envelope.doubts?.map(({ message }) => message));
  let repeated: readonly Doubt[] = [];
  const options: CheckPlanOptions = {
    ...{ tools: catalog, sandbox, mayFill: planner.fill !== undefined, planned: true },
    ...(endsBecause !== undefined && { endsBecause }),
    ...(request.outputSchema && { outputSchema: request.outputSchema }),
    ...(planner.replans && { meaning: meaningOf(request, before) }),
  };
  const check: PlanRequest['check'] = async (plan) => {
    const checked = await checkPlan(plan, options);
    const again =
      checked.ok && before
        ? replanComplaints(checked.plan, before.failed, await withoutReads(before.ledger, catalog))
        : [];
    const doubts = planner.replans ? checked.doubts : [];
    const fresh = doubts.filter(({ message }) => !heard.has(message));
    for (const { message } of fresh) heard.add(message);
    const found = [...(checked.ok ? again : checked.complaints), ...fresh];
    if (found.length === 0) repeated = doubts;
    return found;
  };
  return { check, repeated: () => repeated };
}

/** What the meaning of a plan is checked against. */
function meaningOf(request: Options['request'], before: Before | undefined): CheckPlanOptions['meaning'] {
  const userTexts = userTextsOf(request);
  if (!before) return { userTexts };
  const { plan, outputs, failures } = before.failed;
  const reasons = failures.flatMap(({ reason }) => reason ?? []);
  const known = new Set(plan.steps.map(stepText));
  const answers = failures.flatMap(({ calls = [], message }) => [
    message,
    ...calls.flatMap(({ answer }) => answer ?? []),
  ]);
  return {
    userTexts: [...userTexts, ...reasons],
    seen: [...Object.values(outputs), ...answers],
    isKnown: (step) => known.has(stepText(step)),
  };
}

/** What people said, as texts. */
export const userTextsOf = ({
  intent,
  context,
  userId,
  user,
  answers = [],
}: Omit<Options['request'], 'outputSchema'>): string[] => [
  intent,
  context,
  userId,
  user?.name ?? '',
  ...answers.map(({ answer, label }) => `${answer}\n${label ?? ''}`),
];
