import { type CreateRunInput, problem, type RerunInput } from '@errand/contracts';
import { type EarlierRun, type RunScope, readEarlierRun } from '@errand/db';
import { findRunInputs, operationLabel, type Sandbox, toolLabel, unusableText } from '@errand/plan';
import type { Catalog, Toolbox } from '@errand/ports/toolbox';
import { runNotFound } from '../events/events.ts';
import { changedTools, type Envelope, isEnvelope, toolNames } from '../model/envelope.ts';
import { invalid } from '../model/validate.ts';
import { bindsPairs } from './repeat.ts';

/** The remedy when a plan cannot run again. */
const NEW_PLAN = 'Send "mode": "new_plan".';

type RerunDeps = { toolbox: Toolbox; sandbox: Sandbox };

/** The input of a rerun. `plan`: the plan of the earlier run, if it is executed again. */
export type PreparedRerun = { input: CreateRunInput; plan?: Envelope };

/**
 * Prepares a rerun, which copies everything but the ledger, the repeat key and the pass-through.
 * @throws ProblemError not_found, validation_failed, plan_not_repeatable, tools_changed, connection_not_found
 */
export async function prepareRerun(scope: RunScope, deps: RerunDeps, request: RerunInput): Promise<PreparedRerun> {
  const { runId, mode, passThrough } = request;
  const before = await readEarlierRun(scope, runId);
  if (!before) throw runNotFound();
  const { intent = before.intent, context = before.context, approvalStrategy = before.approvalStrategy } = request;
  if (before.passedTo.length > 0 && passThrough === undefined) throw passThroughRequired(before.passedTo);
  const input: CreateRunInput = {
    intent,
    context,
    approvalStrategy,
    priority: 0,
    userId: before.userId,
    selectedCustomerIntegrationIds: before.selected as CreateRunInput['selectedCustomerIntegrationIds'],
    budget: before.budget,
    metadata: before.metadata,
    ...(before.user && { user: before.user }),
    ...(before.outputSchema && { outputSchema: before.outputSchema }),
    ...(passThrough && passThrough.length > 0 && { passThrough }),
  };
  // An integration that was deleted must not be replaced by a later one with the same id.
  const registeredUntil = before.selected[0] === '*' ? undefined : before.createdAt;
  const catalog = await deps.toolbox.catalog(scope.workspaceId, before.selected, registeredUntil);
  if (mode === 'new_plan') return { input };
  return { input, plan: await repeatablePlan(before, { intent, context }, catalog, deps.sandbox) };
}

async function repeatablePlan(
  { planType, plan, ...before }: EarlierRun,
  { intent, context }: Pick<CreateRunInput, 'intent' | 'context'>,
  catalog: Catalog,
  sandbox: Sandbox,
): Promise<Envelope> {
  if (intent !== before.intent)
    throw invalid('/intent', 'Another intent needs another plan: leave it out, or send "mode": "new_plan".');
  if (planType !== 'json' || !isEnvelope(plan))
    throw problem('plan_not_repeatable', 'The run has no plan. Send "mode": "new_plan".');
  if (plan.plan.then !== undefined) {
    const detail = 'The plan of the run only reads, and no further plan followed it.';
    throw problem('plan_not_repeatable', detail, { remedy: NEW_PLAN });
  }
  const changed = await changedToolErrors(plan, catalog);
  if (changed.length > 0) {
    throw problem('tools_changed', 'A tool of the plan has changed.', { errors: changed, remedy: NEW_PLAN });
  }
  // Values that the planner read or people answered may depend on the context.
  const reads = await findRunInputs(plan.plan, sandbox);
  const bound = !plan.looks && !plan.answered && bindsPairs(plan.plan, reads, before, { intent, context });
  if (context === before.context || bound) return plan;
  const message = 'The plan does not bind all differences between the two contexts, so it would do the same as before.';
  throw problem('plan_not_repeatable', message, { errors: [{ pointer: '/context', message }], remedy: NEW_PLAN });
}

/** Changed or missing tools of a plan, by JSON pointer into the plan. */
export async function changedToolErrors(envelope: Envelope, catalog: Catalog) {
  const currentTools = await catalog.named(toolNames(envelope.plan));
  const changed = changedTools(envelope, currentTools);
  const unusable = await catalog.unusable(changed.map(({ name }) => name));
  return changed.map(({ name }) => {
    const tool = currentTools.find((candidate) => candidate.name === name);
    const why = unusable.get(name);
    const pointer = `/steps/${envelope.plan.steps.findIndex((step) => step.tool === name)}/tool`;
    if (tool) return { pointer, message: `${toolLabel(tool)} has changed.` };
    return { pointer, message: why ? unusableText(name, why) : `${operationLabel(name)} is gone.` };
  });
}

const passThroughRequired = (ids: readonly string[]) =>
  invalid(
    '/passThrough',
    `The run passed headers or parameters to ${ids.join(', ')}, which are no longer kept. Send them again, or [] to go on without.`,
  );
