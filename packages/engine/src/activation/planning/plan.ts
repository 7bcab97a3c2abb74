import type { Json, Plan, PlanDraft, PlanRequest, TokenUsage, ToolSource } from '@errand/contracts';
import { type Claim, isDatabaseTrouble, type LedgerRow, type RunScope, readLedger, storable } from '@errand/db';
import { checkPlan, type Doubt, operationLabel, type StepError, toolLabel } from '@errand/plan';
import type { Catalog } from '@errand/ports/toolbox';
import { toDraft } from '../../events/frame.ts';
import {
  changedTools,
  type EarlierPlan,
  type Envelope,
  isEnvelope,
  seal,
  stepHash,
  toolNames,
  toStored,
} from '../../model/envelope.ts';
import type { Outcome } from '../../runs/result.ts';
import type { ActivationDeps } from '../activation-deps.ts';
import { looksOf, whyLast } from './looks.ts';
import { type Before, planCheck } from './plan-check.ts';
import { askForPlanner, hasAsked, plannerQuestions } from './planner-questions.ts';
import { madeWrites } from './replan-rules.ts';
import { offText, whatOf } from './tools-in-words.ts';

type Deps = Pick<
  ActivationDeps,
  'planner' | 'maxReplans' | 'sandbox' | 'requests' | 'writer' | 'approvals' | 'budget' | 'signal' | 'log'
>;

/** `scope`: where the ledger is read. */
type Replanning = Deps & { scope: RunScope };

/** A plan, or why there is none. */
export type Planned =
  | ({ ok: true } & Readonly<Envelope>)
  | { ok: false; code: string; message: string; errors?: readonly { pointer: string; message: string }[] };

/** The planner has asked people a question: it goes on once that is answered. */
type Asks = 'asks';

/** A plan as a planner drafted it, with the doubts that remain. */
type PlannedDraft = Extract<PlanDraft, { kind: 'plan' }> & { doubts: readonly Doubt[] };

/** The same, or why there is none. */
type Draft =
  | PlannedDraft
  | { kind: 'none'; code: string; reason: string; errors?: readonly { pointer: string; message: string }[] };

/**
 * The plan of a run: the stored one while it is valid, else a new one by the planner, which is stored before any call.
 * A repeat whose tools are gone or changed gets a new plan and stops being a repeat.
 */
export async function obtainPlan(claim: Claim, catalog: Catalog, deps: Deps): Promise<Planned | Asks> {
  const stored: Envelope | undefined = claim.planType === 'json' && isEnvelope(claim.plan) ? claim.plan : undefined;
  const [changed] = stored ? changedTools(stored, await catalog.named(Object.keys(stored.fingerprints))) : [];
  if (stored && !changed) return { ok: true, ...stored };
  // Calls and approvals belong to the tools as they were then.
  const asked = claim.decisionRequests.some(({ kind }) => kind === 'tool_approval' || kind === 'plan_approval');
  const begun = asked || claim.ledger.some((entry) => entry.kind === 'tool');
  if (changed && claim.madeBy === 'repeat' && !begun) {
    // The planner asked people, and they have answered.
    if (hasAsked(deps.requests)) return newPlan(claim, catalog, deps);
    const [tool] = await catalog.named([changed.name]);
    const label = tool ? toolLabel(tool) : operationLabel(changed.name);
    const off = (await catalog.unusable([changed.name])).get(changed.name) === 'off';
    const reason = `New plan, because ${label} is ${off ? 'switched off' : whatOf(changed, claim.run.selected)}.`;
    await deps.writer.apply({
      to: 'RUNNING',
      events: [toDraft('RUNNING', { type: 'status', reason })],
      forgetRepeat: true,
    });
    return newPlan(claim, catalog, deps);
  }
  // The plan is executed, and the call of the changed tool is refused.
  if (stored && (changed?.gone || begun)) return { ok: true, ...stored };
  if (stored) return recheck(stored, catalog, deps);
  return newPlan(claim, catalog, deps);
}

async function newPlan(claim: Claim, catalog: Catalog, deps: Deps): Promise<Planned | Asks> {
  const draft = await ask(claim, catalog, deps);
  return draft === 'asks' ? draft : keep(draft, catalog, deps);
}

// A tool changed before the plan was begun: the plan is valid if the checker still accepts it.
async function recheck({ plan, earlier, input, doubts }: Envelope, catalog: Catalog, deps: Deps): Promise<Planned> {
  const checked = await checkPlan(plan, {
    tools: catalog,
    sandbox: deps.sandbox,
    mayFill: deps.planner.fill !== undefined,
  });
  if (checked.ok)
    return {
      ok: true,
      ...(await sealed({ plan, ...(doubts && { doubts }) }, catalog, deps)),
      ...(earlier && { earlier }),
      ...(input && { input }),
    };
  const message = 'An operation has changed since the plan was made, and the plan no longer fits it.';
  return { ok: false, code: 'plan_invalid', message, errors: checked.complaints.slice(0, MAX_ERRORS) };
}

/** Errors that are reported for one plan at most. */
const MAX_ERRORS = 20;
/** How often a run whose plan failed gets another one, and the time zone of users of whom no other one is told (UTC without). */
export type PlanningPolicy = { maxReplans: number; timeZone?: string };
export const defaultPlanningPolicy: PlanningPolicy = { maxReplans: 2 };
/** Tools that an event names at most. */
const MAX_NAMED = 3;
// Failures that another plan cannot fix, or must not try to.
const final = new Set([
  'plan_ended',
  'budget_exhausted',
  'effect_uncertain',
  'effect_skipped',
  'output_unknown',
  'internal',
]);

/**
 * Makes another plan after a plan failed, or only looked. The planner gets its failures, with the reason of each denial, and its
 * outputs. Calls that have ended are not made again: a step of the earlier plan stays unchanged or is left out. The planner has seen
 * what services answered, which may have been written to mislead it: it may write only what the first plan names, unless a human approves.
 * @returns undefined once the new plan is stored, `asks` when a question must be answered first, else the outcome of the run
 */
export async function planAgain(
  claim: Claim,
  catalog: Catalog,
  { outcome, envelope: before }: { outcome: Outcome; envelope: Envelope },
  deps: Replanning,
): Promise<Outcome | Asks | undefined> {
  const { planReport: report } = outcome;
  if (report === undefined) return outcome;
  if (report.looked) return planOn(claim, catalog, { outcome, report, before }, deps);
  const mendable = report.failures.filter(({ code }) => !final.has(code));
  const [first] = mendable;
  if (!first || mendable.length < report.failures.length) return outcome;
  // A planner that only looks is asked again where nothing was found, and nothing was changed.
  const mayLook =
    deps.planner.looks &&
    looksOf(claim) === 0 &&
    !outcome.changed &&
    mendable.every(({ code }) => code === 'nothing_found');
  if (!deps.planner.replans && !mayLook) return outcome;
  // Version 1 is the placeholder, so the first plan is version 2, also when this activation made it. Plans of callers and actions
  // and repeated plans are never replaced.
  const isTheirs = ['caller', 'repeat', 'action'].includes(claim.madeBy);
  if (isTheirs || Math.max(claim.planVersion, 2) - looksOf(claim) > deps.maxReplans + 1) return outcome;
  if (deps.budget.exhausted || deps.signal.aborted) return outcome;
  const ledger = await ledgerNow(claim, deps);
  const draft = await ask(claim, catalog, deps, { failed: report, ledger, envelope: before });
  if (draft === 'asks') return draft;
  if (draft.kind === 'none' || deps.budget.exhausted) return outcome;
  const reason = `Planned again: ${first.message}`;
  const replaced = {
    before,
    ledger,
    looks: looksOf(claim),
    reason,
    ...(mayLook && { missed: { code: first.code, message: first.message } }),
  };
  await replace(draft, replaced, catalog, deps);
  return undefined;
}

/** The calls of a run, with those of this activation. */
async function ledgerNow(claim: Claim, { scope, writer }: Replanning): Promise<LedgerRow[]> {
  await writer.flush();
  return readLedger(scope, claim.run.runId);
}

// The plan did what it was for: its planner now knows what it wanted to see.
async function planOn(
  claim: Claim,
  catalog: Catalog,
  { outcome, report, before }: { outcome: Outcome; report: NonNullable<Outcome['planReport']>; before: Envelope },
  deps: Replanning,
): Promise<Outcome | Asks | undefined> {
  const ledger = await ledgerNow(claim, deps);
  const draft = await ask(claim, catalog, deps, { failed: report, ledger, envelope: before });
  if (draft === 'asks') return draft;
  const failure =
    deps.budget.failure() ??
    (draft.kind === 'none' ? (before.earlier?.missed ?? { code: draft.code, message: draft.reason }) : undefined);
  if (failure || draft.kind === 'none') return { ...outcome, failures: failure ? [failure] : [] };
  const labels = (await catalog.named(toolNames(report.plan))).map(toolLabel);
  const more = labels.length > MAX_NAMED ? ` and ${labels.length - MAX_NAMED} others` : '';
  const reason = `Planned on with what was read: ${labels.slice(0, MAX_NAMED).join(', ')}${more}.`;
  await replace(draft, { before, ledger, looks: looksOf(claim) + 1, reason }, catalog, deps);
  return undefined;
}

type Replaced = Pick<EarlierPlan, 'missed'> & {
  before: Envelope;
  ledger: readonly LedgerRow[];
  looks: number;
  reason: string;
};

async function replace(
  draft: PlannedDraft,
  { before, ledger, looks, reason, missed }: Replaced,
  catalog: Catalog,
  deps: Deps,
): Promise<void> {
  const named = await catalog.named(toolNames(before.plan));
  const earlier: EarlierPlan = {
    ...(missed && { missed }),
    wrote: [...new Set(madeWrites(ledger).flatMap(({ stepId }) => stepId ?? []))],
    mayWrite:
      before.earlier?.mayWrite ??
      named.flatMap(({ name, effect }) => (effect === 'write' ? [name] : [])).concat(before.plan.mayWrite ?? []),
    planned: before.earlier?.planned ?? before.plan.steps.map(stepHash),
    carried: deps.approvals.carried,
  };
  const envelope = { ...(await sealed(draft, catalog, deps)), ...(looks > 0 && { looks }), earlier };
  await deps.writer.apply({
    to: 'RUNNING',
    events: [toDraft('RUNNING', { type: 'status', reason })],
    plan: toStored(envelope, draft.madeBy),
  });
}

async function ask(claim: Claim, catalog: Catalog, deps: Deps, before?: Before): Promise<Draft | Asks> {
  const { run } = claim;
  const { answers, mayAsk, open, failure } = plannerQuestions(deps.requests);
  if (open) return 'asks';
  if (failure) return noPlan(failure);
  let charged = false;
  const charge = (usage: TokenUsage) => {
    charged = true;
    deps.writer.add({ usage });
    deps.budget.spendTokens(usage.inputTokens + usage.outputTokens);
  };
  const endsBecause = whyLast(looksOf(claim) + (before?.failed.looked ? 1 : 0));
  const said = {
    ...{ intent: run.intent, context: run.context, userId: run.userId, answers },
    ...(run.user && { user: run.user }),
    ...(run.outputSchema && { outputSchema: run.outputSchema }),
  };
  const checking = planCheck(deps, { catalog, request: said, endsBecause, before });
  const request: PlanRequest<ToolSource> = {
    ...said,
    now: run.createdAt.toISOString(),
    tools: catalog,
    instructions: catalog.instructions,
    seenOutputs: await catalog.seenOutputs(),
    ...(before && { previous: before.failed }),
    mayAsk,
    mayLook: endsBecause === undefined,
    signal: deps.signal,
    spend: (usage) => {
      charge(usage);
      // What was spent counts even if this process dies before there is a plan.
      deps.writer.flush().catch(() => {});
      return deps.budget.exhausted;
    },
    check: checking.check,
  };
  const draft = await deps.planner.plan(request).catch((error: unknown): PlanDraft => {
    if (deps.signal.aborted || isDatabaseTrouble(error)) throw error;
    deps.log.error({ err: error, runId: run.runId }, 'Planning failed because of an internal error.');
    const reason = 'Planning failed because of an internal error. Create the run again.';
    return { kind: 'none', code: 'plan_failed', reason, retryable: true, usage: { inputTokens: 0, outputTokens: 0 } };
  });
  if (!charged) charge(draft.usage);
  if (draft.kind === 'plan') return { ...draft, doubts: checking.repeated() };
  if (draft.kind !== 'question') return draft;
  const fault = deps.budget.failure() ?? askForPlanner(deps, draft.question);
  return fault ? noPlan(fault) : 'asks';
}

const noPlan = ({ code, message }: StepError): Draft => ({ kind: 'none', code, reason: message });

async function keep(draft: Draft, catalog: Catalog, deps: Deps): Promise<Planned> {
  if (draft.kind === 'none') {
    const { code, reason, errors = [] } = draft;
    const message = code === 'no_plan' ? `${reason}${offText(await catalog.off())}` : reason;
    return { ok: false, code, message, errors: errors.slice(0, MAX_ERRORS) };
  }
  const envelope = await sealed(draft, catalog, deps);
  await deps.writer.apply({ to: 'RUNNING', events: [], plan: toStored(envelope, draft.madeBy) });
  return { ok: true, ...envelope };
}

// The plan that is executed is exactly the one that is stored.
async function sealed(
  { plan, doubts = [] }: { plan: Plan; doubts?: readonly Doubt[] },
  catalog: Catalog,
  { requests }: Pick<Deps, 'requests'>,
): Promise<Envelope> {
  const kept = storable(plan as unknown as Json) as unknown as Plan;
  const envelope = seal(kept, await catalog.named(toolNames(kept)));
  const doubtful = doubts.length > 0 ? { doubts: storable([...doubts] as unknown as Json) as unknown as Doubt[] } : {};
  return { ...envelope, ...(hasAsked(requests) && { answered: true as const }), ...doubtful };
}
