import { type Claim, type LedgerRow, type RunScope, readLedger, readReportedSteps } from '@errand/db';
import { toolLabel } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';
import { toDraft } from '../../events/event-json.ts';
import { type EarlierPlans, type Envelope, stepHash, toolNames, toStored } from '../../model/envelope.ts';
import type { Outcome } from '../../runs/result.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { draftPlan, lookCount, type PlannedDraft, toStoredEnvelope, type Unanswered } from './draft-plan.ts';
import type { PlanReport } from './plan-check.ts';
import { writesMade } from './replan-rules.ts';

/** `scope`: for reads of the ledger. */
type ReplanDeps = ActivationDeps & { scope: RunScope };

type EndedPlan = { outcome: Outcome; envelope: Envelope };

/** Maximum number of tools that an event names. */
const MAX_NAMED = 3;

/** Failures that another plan cannot fix, or must not try to fix. */
const FINAL = new Set([
  'plan_ended',
  'budget_exhausted',
  'effect_uncertain',
  'effect_skipped',
  'output_unknown',
  'internal',
]);

/**
 * Makes another plan after a plan failed, or only read. The planner gets the failures, with the reason of each denial, and the outputs.
 * Ended calls are not repeated: a step of the earlier plan stays unchanged or is omitted.
 * The planner has seen answers of services, which may try to mislead it. So its plan may write only with tools of the first plan, unless
 * a human approves.
 * @returns undefined once the new plan is stored, `unanswered` when a question must be answered first, else the outcome of the run
 */
export async function planAgain(
  claim: Claim,
  catalog: Catalog,
  ended: EndedPlan,
  deps: ReplanDeps,
): Promise<Outcome | Unanswered | undefined> {
  const { planReport: report } = ended.outcome;
  if (report === undefined) return ended.outcome;
  return report.looked
    ? continuePlan(claim, catalog, { ...ended, report }, deps)
    : replaceFailed(claim, catalog, { ...ended, report }, deps);
}

// The plan failed: another one may reach the goal differently.
async function replaceFailed(
  claim: Claim,
  catalog: Catalog,
  { outcome, envelope, report }: EndedPlan & { report: PlanReport },
  deps: ReplanDeps,
): Promise<Outcome | Unanswered | undefined> {
  const [first] = report.failures;
  if (!first || report.failures.some(({ code }) => FINAL.has(code))) return outcome;
  // A planner that only reads gets another attempt if nothing was found and nothing was changed.
  const mayLook =
    deps.planner.looks &&
    lookCount(claim) === 0 &&
    !outcome.changed &&
    report.failures.every(({ code }) => code === 'nothing_found');
  if ((!deps.planner.replans && !mayLook) || !isReplaceable(claim, deps)) return outcome;
  const ledger = await currentLedger(claim, deps);
  const draft = await draftPlan(claim, catalog, deps, { report, ledger, envelope });
  if (draft === 'unanswered') return draft;
  if (draft.kind === 'none' || deps.budget.exhausted) return outcome;
  const missed = mayLook ? { missed: { code: first.code, message: first.message } } : {};
  const reason = `Planned again: ${first.message}`;
  const replacement = { runId: claim.run.runId, envelope, ledger, looks: lookCount(claim), reason, ...missed };
  await storeReplacement(draft, replacement, catalog, deps);
  return undefined;
}

function isReplaceable(claim: Claim, { maxReplans, budget, signal }: ReplanDeps): boolean {
  // Plans of callers and actions, and repeated plans, are never replaced.
  if (['caller', 'repeat', 'action'].includes(claim.madeBy)) return false;
  // Version 1 is the placeholder, so the first plan is version 2, even if this activation made it.
  const replans = Math.max(claim.planVersion, 2) - lookCount(claim) - 2;
  return replans < maxReplans && !budget.exhausted && !signal.aborted;
}

/** The calls of a run, including those of this activation. */
async function currentLedger(claim: Claim, { scope, writer }: ReplanDeps): Promise<LedgerRow[]> {
  await writer.flush();
  return readLedger(scope, claim.run.runId);
}

// The plan succeeded in reading the outputs that its planner needs to continue.
async function continuePlan(
  claim: Claim,
  catalog: Catalog,
  { outcome, envelope, report }: EndedPlan & { report: PlanReport },
  deps: ReplanDeps,
): Promise<Outcome | Unanswered | undefined> {
  const ledger = await currentLedger(claim, deps);
  const draft = await draftPlan(claim, catalog, deps, { report, ledger, envelope });
  if (draft === 'unanswered') return draft;
  const failure = deps.budget.failure();
  if (failure) return { ...outcome, failures: [failure] };
  if (draft.kind === 'none') {
    const missed = envelope.earlier?.missed ?? { code: draft.code, message: draft.reason };
    return { ...outcome, failures: [missed] };
  }
  const labels = (await catalog.named(toolNames(report.plan))).map(toolLabel);
  const more = labels.length > MAX_NAMED ? ` and ${labels.length - MAX_NAMED} others` : '';
  const reason = `Planned on with what was read: ${labels.slice(0, MAX_NAMED).join(', ')}${more}.`;
  const replacement = { runId: claim.run.runId, envelope, ledger, looks: lookCount(claim) + 1, reason };
  await storeReplacement(draft, replacement, catalog, deps);
  return undefined;
}

type Replacement = Pick<EarlierPlans, 'missed'> & {
  runId: string;
  /** The plan to replace. */
  envelope: Envelope;
  ledger: readonly LedgerRow[];
  looks: number;
  reason: string;
};

async function storeReplacement(
  draft: PlannedDraft,
  { runId, envelope: { plan, earlier: first }, ledger, looks, reason, missed }: Replacement,
  catalog: Catalog,
  deps: ReplanDeps,
): Promise<void> {
  const tools = await catalog.named(toolNames(plan));
  const writeTools = tools.flatMap(({ name, effect }) => (effect === 'write' ? [name] : []));
  const earlierPlans: EarlierPlans = {
    ...(missed && { missed }),
    wrote: [...new Set(writesMade(ledger).flatMap(({ stepId }) => stepId ?? []))],
    mayWrite: first?.mayWrite ?? writeTools.concat(plan.mayWrite ?? []),
    planned: first?.planned ?? plan.steps.map(stepHash),
    carried: deps.approvals.carried,
  };
  // Steps of the replaced plan that the new one repeats unchanged do not end again.
  const endedSteps = new Set(await readReportedSteps(deps.scope, runId));
  const openSteps = draft.plan.steps.filter(({ id }) => !endedSteps.has(id));
  const envelope = {
    ...(await toStoredEnvelope(draft, catalog, deps)),
    ...(looks > 0 && { looks }),
    earlier: earlierPlans,
  };
  await deps.writer.apply({
    to: 'RUNNING',
    events: [toDraft('RUNNING', { type: 'status', reason })],
    plan: { ...toStored(envelope, draft.madeBy, reason), steps: openSteps.length },
  });
}
