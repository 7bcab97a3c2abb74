import { type CreateRunInput, problem, type RerunInput, type StoredApprover, type ToolSpec } from '@errand/contracts';
import { type EarlierRun, type RunScope, readEarlierRun, type TakeOver } from '@errand/db';
import { findRunInputs, operationLabel, type Sandbox, toolLabel, unusableText } from '@errand/plan';
import type { Catalog, Toolbox } from '@errand/ports/toolbox';
import { runNotFound } from '../events/events.ts';
import { changedTools, type Envelope, isEnvelope, stepsToRun, toolNames, withoutTakenOver } from '../model/envelope.ts';
import { invalid } from '../model/validate.ts';
import { bindsPairs } from './repeat.ts';
import { type RerunSplit, splitPlan } from './rerun-from.ts';

/** The remedy when a plan cannot run again. */
const NEW_PLAN = 'Send "mode": "new_plan".';

type RerunDeps = { toolbox: Toolbox; sandbox: Sandbox };

/** The input of a rerun. `plan`: the plan of the earlier run, if it is executed again. `takeOver`: the calls that are not made again. */
export type PreparedRerun = {
  input: CreateRunInput;
  plan?: Envelope;
  takeOver?: TakeOver;
  /** Those of the earlier run. */
  approvers?: StoredApprover[];
};

/**
 * Prepares a rerun, which copies everything but the ledger, the repeat key and the pass-through.
 * @throws ProblemError not_found, validation_failed, plan_not_repeatable, tools_changed, connection_not_found; with `from` also
 *   run_unfinished, effect_unresolved, outputs_gone
 */
export async function prepareRerun(scope: RunScope, deps: RerunDeps, request: RerunInput): Promise<PreparedRerun> {
  const { runId, mode, from, passThrough } = request;
  if (mode === 'new_plan' && from !== undefined)
    throw invalid('/from', 'Another plan has other steps: leave it out, or send "mode": "same_plan".');
  const before = await readEarlierRun(scope, runId);
  if (!before) throw runNotFound();
  if (before.passedTo.length > 0 && passThrough === undefined) throw passThroughRequired(before.passedTo);
  const input = inputOf(before, request);
  const { intent, context } = input;
  const catalog = await catalogOf(scope, deps, before);
  const copied = { input, ...(before.approvers && { approvers: before.approvers }) };
  if (mode === 'new_plan') return copied;
  if (intent !== before.intent)
    throw invalid('/intent', 'Another intent needs another plan: leave it out, or send "mode": "new_plan".');
  if (from !== undefined) {
    if (context !== before.context)
      throw invalid(
        '/context',
        'Steps before `from` were run with the context of the run: leave out `context` or `from`.',
      );
    const { plan, takeOver } = await splitRerun(scope, deps, { before, from, catalog });
    return { ...copied, plan, ...(takeOver && { takeOver }) };
  }
  const envelope = withoutTakenOver(envelopeOf(before));
  await checkTools(envelope, catalog);
  return { ...copied, plan: await withContext(envelope, before, { intent, context }, deps.sandbox) };
}

function inputOf(before: EarlierRun, request: RerunInput): CreateRunInput {
  const { intent = before.intent, context = before.context, approvalStrategy = before.approvalStrategy } = request;
  const { redirectUri = before.redirectUri, passThrough } = request;
  return {
    intent,
    context,
    approvalStrategy,
    priority: 0,
    userId: before.userId,
    selectedCustomerIntegrationIds: before.selected as CreateRunInput['selectedCustomerIntegrationIds'],
    budget: before.budget,
    metadata: before.metadata,
    ...(redirectUri !== null && { redirectUri }),
    ...(before.user && { user: before.user }),
    ...(before.outputSchema && { outputSchema: before.outputSchema }),
    ...(passThrough && passThrough.length > 0 && { passThrough }),
  };
}

// An integration that was deleted must not be replaced by a later one with the same id.
const catalogOf = (scope: RunScope, { toolbox }: RerunDeps, { selected, createdAt }: EarlierRun): Promise<Catalog> =>
  toolbox.catalog(scope.workspaceId, selected, selected[0] === '*' ? undefined : createdAt);

type SplitRequest = { before: EarlierRun; from: string; catalog: Catalog };

async function splitRerun(
  scope: RunScope,
  deps: RerunDeps,
  { before, from, catalog }: SplitRequest,
): Promise<RerunSplit> {
  const split = await splitPlan(scope, deps.sandbox, { run: before, envelope: envelopeOf(before), from });
  await checkTools(split.plan, catalog);
  return split;
}

/** The steps of a rerun from a step, and the tools of its plan. @throws ProblemError as `prepareRerun` does */
export async function readRerun(
  scope: RunScope,
  deps: RerunDeps,
  { runId, from }: { runId: string; from: string },
): Promise<RerunSplit & { before: EarlierRun; tools: readonly ToolSpec[] }> {
  const before = await readEarlierRun(scope, runId);
  if (!before) throw runNotFound();
  const catalog = await catalogOf(scope, deps, before);
  const split = await splitRerun(scope, deps, { before, from, catalog });
  return { ...split, before, tools: await catalog.named(toolNames(split.plan.plan)) };
}

/** The plan of a run. @throws ProblemError plan_not_repeatable */
function envelopeOf({ planType, plan }: EarlierRun): Envelope {
  if (planType !== 'json' || !isEnvelope(plan))
    throw problem('plan_not_repeatable', 'The run has no plan. Send "mode": "new_plan".');
  if (plan.plan.then !== undefined) {
    const detail = 'The plan of the run only reads, and no further plan followed it.';
    throw problem('plan_not_repeatable', detail, { remedy: NEW_PLAN });
  }
  return plan;
}

/** @throws ProblemError tools_changed for a tool of a step that runs again */
async function checkTools(envelope: Envelope, catalog: Catalog): Promise<void> {
  const used = new Set(toolNames(stepsToRun(envelope)));
  const fingerprints = Object.entries(envelope.fingerprints).filter(([name]) => used.has(name));
  const changed = await changedToolErrors({ ...envelope, fingerprints: Object.fromEntries(fingerprints) }, catalog);
  if (changed.length > 0)
    throw problem('tools_changed', 'A tool of the plan has changed.', { errors: changed, remedy: NEW_PLAN });
}

/** @throws ProblemError plan_not_repeatable if the plan does not bind the differences between the contexts */
async function withContext(
  plan: Envelope,
  before: EarlierRun,
  { intent, context }: Pick<CreateRunInput, 'intent' | 'context'>,
  sandbox: Sandbox,
): Promise<Envelope> {
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
