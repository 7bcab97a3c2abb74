import type { Json, Plan, PlanDraft, Planner, PlanRequest, PlanStep, ToolSource } from '@errand/contracts';
import { type Claim, isDatabaseTrouble, storable } from '@errand/db';
import { canonicalJson, checkPlan, integrationLabel, operationLabel, type Sandbox, toolLabel } from '@errand/plan';
import { toDraft } from '../events/frame.ts';
import type { Catalog, Log } from '../ports.ts';
import { changedTool, type Envelope, isEnvelope, seal, toolNames, toStored } from '../runs/envelope.ts';
import type { Outcome } from '../runs/result.ts';
import type { Budgeter } from './budget.ts';
import type { ActivationWriter } from './writer.ts';

type Deps = {
  planner: Planner<ToolSource>;
  sandbox: Sandbox;
  writer: ActivationWriter;
  budget: Budgeter;
  signal: AbortSignal;
  log: Log;
};

export type Planned =
  | { ok: true; plan: Plan; fingerprints: Readonly<Record<string, string>> }
  | { ok: false; code: string; message: string; errors?: readonly { pointer: string; message: string }[] };

/**
 * The plan of a run: the stored one where it still stands, else a new one by the planner, stored before anything is called.
 * A repeat whose tools are gone or changed is planned afresh and stops being a repeat.
 */
export async function obtainPlan(claim: Claim, catalog: Catalog, deps: Deps): Promise<Planned> {
  const stored = claim.planType === 'json' && isEnvelope(claim.plan) ? claim.plan : undefined;
  const changed = stored && changedTool(stored, await catalog.named(Object.keys(stored.fingerprints)));
  if (stored && !changed) return { ok: true, plan: stored.plan, fingerprints: stored.fingerprints };
  // What was called or approved belongs to the tools as they were then.
  const asked = claim.waiting.some(({ kind }) => kind === 'tool_approval' || kind === 'plan_approval');
  const begun = asked || claim.ledger.some((entry) => entry.kind === 'tool');
  if (changed && claim.madeBy === 'repeat' && !begun) {
    const [tool] = await catalog.named([changed.name]);
    const label = tool ? toolLabel(tool) : operationLabel(changed.name);
    const off = (await catalog.unusable([changed.name])).get(changed.name) === 'off';
    const reason = `Planned afresh: ${label} is ${off ? 'switched off' : whatOf(changed, claim.run.selected)}.`;
    await deps.writer.move({
      to: 'RUNNING',
      events: [toDraft('RUNNING', { type: 'status', reason })],
      forgetRepeat: true,
    });
    return keep(await ask(claim, catalog, deps), catalog, deps);
  }
  // It goes on, and the changed tool is refused when its turn comes.
  if (stored && (changed?.gone || begun)) return { ok: true, plan: stored.plan, fingerprints: stored.fingerprints };
  if (stored) return recheck(stored.plan, catalog, deps);
  return keep(await ask(claim, catalog, deps), catalog, deps);
}

function whatOf({ name, gone }: { name: string; gone: boolean }, selected: readonly string[]): string {
  if (!gone) return 'no longer what it was';
  return selected[0] === '*' || selected.includes(name.slice(0, name.indexOf('.'))) ? 'gone' : 'not selected';
}

// A caller's or planner's own plan whose tool changed between acceptance and start: it stands if the checker still passes it.
async function recheck(plan: Plan, catalog: Catalog, deps: Deps): Promise<Planned> {
  const checked = await checkPlan(plan, {
    tools: catalog,
    sandbox: deps.sandbox,
    mayFill: deps.planner.fill !== undefined,
  });
  if (checked.ok) return { ok: true, ...(await sealed(plan, catalog)) };
  const message = 'An operation has changed since the plan was made, and the plan no longer fits it.';
  return { ok: false, code: 'plan_invalid', message, errors: checked.complaints.slice(0, MAX_ERRORS) };
}

/** What fits may be among the tools that are switched off: a sentence, or nothing. */
function offText(integrations: Awaited<ReturnType<Catalog['off']>>): string {
  const told = integrations.slice(0, MAX_OFF).map(({ customerIntegrationId, off, of, ...one }) => {
    const at = `PUT /v1/integrations/${customerIntegrationId}/tools`;
    return `${off} of ${of} tools at ${integrationLabel(one)} (${at} switches them on)`;
  });
  const more = integrations.length - told.length;
  return told.length === 0 ? '' : ` Switched off: ${told.join(', ')}${more > 0 ? `, and some of ${more} others` : ''}.`;
}

/** Integrations whose tools are off are named so many. */
const MAX_OFF = 3;
/** Complaints that are told of one plan. */
const MAX_ERRORS = 20;
/** A run is planned again so often. */
const MAX_PLANS = 3;
// What another plan cannot mend, or must not try.
const final = new Set(['budget_exhausted', 'effect_uncertain', 'effect_skipped', 'output_unknown', 'internal']);

/**
 * Another plan after one that did not do: the planner is told what came of it, the reason of each denial too. What has ended is kept:
 * a step of the earlier plan stays what it was or is left out.
 * @returns true once the new plan is stored; false when the outcome stands
 */
export async function planAgain(claim: Claim, catalog: Catalog, came: Outcome['came'], deps: Deps): Promise<boolean> {
  const mendable = came?.failures.filter(({ code }) => !final.has(code)) ?? [];
  const [first] = mendable;
  if (!came || !first || mendable.length < came.failures.length || !deps.planner.replans) return false;
  // The first plan is version 2, whoever made it; a caller's own and a repeated one are executed as they are.
  if (claim.madeBy === 'caller' || claim.madeBy === 'repeat' || claim.planVersion > MAX_PLANS) return false;
  if (deps.budget.exhausted || deps.signal.aborted) return false;
  const draft = await ask(claim, catalog, deps, came);
  if (draft.kind === 'none' || deps.budget.exhausted) return false;
  const envelope = await sealed(draft.plan, catalog);
  const reason = `Planned again: ${first.message}`;
  await deps.writer.move({
    to: 'RUNNING',
    events: [toDraft('RUNNING', { type: 'status', reason })],
    plan: toStored(envelope, draft.madeBy),
  });
  return true;
}

/** Complaints about steps that bear the id of an earlier one and are not that step. */
function changedSteps(plan: Plan, before: Plan): { pointer: string; message: string }[] {
  const known = new Map(before.steps.map((step) => [step.id, step]));
  return plan.steps.flatMap((step, index) => {
    const old = known.get(step.id);
    const does = ({ tool, args, forEach, when }: PlanStep) =>
      canonicalJson([tool, args, forEach ?? null, when ?? null]);
    if (!old || does(old) === does(step)) return [];
    const message = `${step.id} is a step of the earlier plan: repeat it unchanged, or give this one another id.`;
    return [{ pointer: `/steps/${index}/id`, message }];
  });
}

async function ask(
  claim: Claim,
  catalog: Catalog,
  deps: Deps,
  previous?: NonNullable<Outcome['came']>,
): Promise<PlanDraft> {
  const { run } = claim;
  const request: PlanRequest<ToolSource> = {
    intent: run.intent,
    context: run.context,
    userId: run.userId,
    now: run.createdAt.toISOString(),
    tools: catalog,
    instructions: catalog.instructions,
    ...(run.outputSchema && { outputSchema: run.outputSchema }),
    ...(previous && { previous }),
    signal: deps.signal,
    check: async (plan) => {
      const checked = await checkPlan(plan, {
        tools: catalog,
        sandbox: deps.sandbox,
        mayFill: deps.planner.fill !== undefined,
      });
      if (!checked.ok) return checked.complaints;
      return previous ? changedSteps(checked.plan, previous.plan) : [];
    },
  };
  const draft = await deps.planner.plan(request).catch((error: unknown): PlanDraft => {
    if (deps.signal.aborted || isDatabaseTrouble(error)) throw error;
    deps.log.error({ err: error, runId: run.runId }, 'Planning broke.');
    const reason = 'Planning broke on our side. Create the run again.';
    return { kind: 'none', code: 'plan_failed', reason, retryable: true, usage: { inputTokens: 0, outputTokens: 0 } };
  });
  deps.writer.add({ usage: draft.usage });
  deps.budget.spendTokens(draft.usage.inputTokens + draft.usage.outputTokens);
  return draft;
}

async function keep(draft: PlanDraft, catalog: Catalog, deps: Deps): Promise<Planned> {
  if (draft.kind === 'none') {
    const { code, reason, errors = [] } = draft;
    const message = code === 'no_plan' ? `${reason}${offText(await catalog.off())}` : reason;
    return { ok: false, code, message, errors: errors.slice(0, MAX_ERRORS) };
  }
  const envelope = await sealed(draft.plan, catalog);
  await deps.writer.move({ to: 'RUNNING', events: [], plan: toStored(envelope, draft.madeBy) });
  return { ok: true, ...envelope };
}

// What is executed is what is kept, character for character.
async function sealed(plan: Plan, catalog: Catalog): Promise<Envelope> {
  const kept = storable(plan as unknown as Json) as unknown as Plan;
  return seal(kept, await catalog.named(toolNames(kept)));
}
