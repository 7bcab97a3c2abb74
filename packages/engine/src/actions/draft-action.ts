import { isRecord } from '@errand/basics/is-record';
import { type ActionValue, type Json, type JsonSchema, type Plan, problem } from '@errand/contracts';
import { type ActionDraft, type EarlierRun, type RunScope, readEarlierRun } from '@errand/db';
import {
  bindInputs,
  type FoundInput,
  findInputs,
  findRunInputs,
  inputSchemaOf,
  NotBindable,
  renderPlan,
  type Sandbox,
} from '@errand/plan';
import type { Catalog, Toolbox } from '@errand/ports/toolbox';
import { runNotFound } from '../events/events.ts';
import { calledIntegrations, type Envelope, isEnvelope, toolNames, withoutTakenOver } from '../model/envelope.ts';
import { checkSchema, invalid } from '../model/validate.ts';
import { containsText } from '../runs/literals.ts';
import { bindsTimes } from '../runs/repeat.ts';
import { changedToolErrors } from '../runs/rerun.ts';

type ActionDeps = { toolbox: Toolbox; sandbox: Sandbox };
/** The columns that an action stores of a plan, with the engine's types. */
export type ActionPlan = { source: Envelope; plan: Envelope; found: FoundInput[] };

/** Makes an action of a successful run: its plan, and the values in it that callers may set. */
export async function draftAction(
  scope: RunScope,
  deps: ActionDeps,
  { runId, inputSchema }: { runId: string; inputSchema?: JsonSchema },
): Promise<ActionDraft> {
  const run = await readEarlierRun(scope, runId);
  if (!run) throw runNotFound();
  const source = await keepablePlan(run, deps.sandbox);
  // An integration that was deleted must not be replaced by a later one with the same id.
  const catalog = await catalogOf(scope, deps.toolbox, source, run.createdAt);
  const changed = catalog ? await changedToolErrors(source, catalog) : [];
  if (!catalog || changed.length > 0)
    throw problem('tools_changed', 'A tool that the run called has changed.', {
      remedy: 'Run the intent again, then keep that run.',
      errors: changed,
    });
  const tools = await catalog.named(toolNames(source.plan));
  const { intent, context, approvalStrategy, budget, selected, outputSchema, createdAt: plannedAt } = run;
  const texts = { intent, context, ...(source.input && { input: source.input }) };
  const foundInputs = bindableInputs(source.plan, findInputs(source.plan, tools, texts));
  const calls = calledIntegrations(source.plan);
  const draft = { runId, intent, context, approvalStrategy, budget, selected, outputSchema, calls, plannedAt };
  return { ...draft, ...(await bindNamedInputs(source, foundInputs, inputSchema ?? null, deps.sandbox)) };
}

/** Changes the schemas of an action; null resets to the default, undefined keeps it. @throws ProblemError validation_failed, schema_* */
export async function changeAction(
  action: ActionDraft,
  sandbox: Sandbox,
  schemas: { inputSchema?: JsonSchema | null | undefined; outputSchema?: JsonSchema | null | undefined },
): Promise<ActionDraft> {
  const { inputSchema, outputSchema = action.outputSchema } = schemas;
  if (schemas.outputSchema) await checkSchema(sandbox, schemas.outputSchema, 'outputSchema');
  if (inputSchema === undefined) return { ...action, outputSchema };
  const { source, found: foundInputs } = storedPlanOf(action);
  return { ...action, outputSchema, ...(await bindNamedInputs(source, foundInputs, inputSchema, sandbox)) };
}

export const storedPlanOf = (action: Pick<ActionDraft, 'source' | 'plan' | 'found'>): ActionPlan =>
  action as unknown as ActionPlan;

/** Binds the inputs that a schema names in a plan, or all inputs without a schema. @throws ProblemError validation_failed, schema_* */
export async function bindNamedInputs(
  source: Envelope,
  foundInputs: readonly FoundInput[],
  requestedSchema: JsonSchema | null,
  sandbox: Sandbox,
): Promise<Pick<ActionDraft, 'source' | 'plan' | 'found' | 'inputSchema' | 'defaultMapping'>> {
  const inputSchema = requestedSchema ?? inputSchemaOf(foundInputs) ?? null;
  if (requestedSchema) await checkSchema(sandbox, requestedSchema, 'inputSchema');
  const selectedInputs = requestedSchema ? inputsNamedIn(requestedSchema, foundInputs) : foundInputs;
  const { input: _, ...rest } = source;
  const plan = { ...rest, plan: bindInputs(source.plan, selectedInputs) };
  const toJson = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json;
  return {
    source: toJson(source),
    plan: toJson(plan),
    found: toJson(foundInputs),
    inputSchema,
    defaultMapping: requestedSchema === null,
  };
}

/** The inputs that a caller's schema names. @throws ProblemError validation_failed for names that the plan does not have */
function inputsNamedIn(schema: JsonSchema, foundInputs: readonly FoundInput[]): FoundInput[] {
  const names = isRecord(schema.properties) ? Object.keys(schema.properties) : [];
  const unknown = names.filter((name) => !foundInputs.some((input) => input.name === name));
  if (unknown.length === 0) {
    // A value that the plan already reads as input must stay an input.
    const omittedInputs = foundInputs.filter(({ name, from }) => from === 'input' && !names.includes(name));
    if (omittedInputs.length === 0) return foundInputs.filter(({ name }) => names.includes(name));
    throw invalid(
      '/inputSchema/properties',
      `The plan needs ${omittedInputs.map(({ name }) => name).join(', ')}: leave them in.`,
    );
  }
  const usable = foundInputs.map(({ name }) => name).join(', ');
  const message =
    usable === '' ? 'The plan holds no value that could be an input.' : `The values that can be inputs are: ${usable}.`;
  throw problem('validation_failed', message, {
    errors: unknown.map((name) => ({
      pointer: `/inputSchema/properties/${name}`,
      message: 'Nothing of the plan would read it.',
    })),
  });
}

/** The plan of a run, if it can be executed with other values. @throws ProblemError plan_not_repeatable */
async function keepablePlan(run: EarlierRun, sandbox: Sandbox): Promise<Envelope> {
  const notRepeatable = (why: string) => problem('plan_not_repeatable', `This run cannot be kept as an action: ${why}`);
  const { plan: envelope } = run;
  if (run.status !== 'SUCCESS') throw notRepeatable('it did not end as SUCCESS.');
  if (run.planType !== 'json' || !isEnvelope(envelope)) throw notRepeatable('it has no plan.');
  if (envelope.looks) throw notRepeatable('its planner had looked first, and what it read may stand in the plan.');
  if (envelope.answered)
    throw notRepeatable('people answered questions of its planner, and the answers may stand in the plan.');
  const runInputs = await findRunInputs(envelope.plan, sandbox);
  if (!bindsTimes(envelope.plan, runInputs, run))
    throw notRepeatable(
      'its plan holds a time that was computed when it was planned. Plans compute such times from `now`.',
    );
  return withoutTakenOver(envelope);
}

/** The values that binding removes from the plan completely. A copy left elsewhere would become stale. */
function bindableInputs(plan: Plan, foundInputs: readonly FoundInput[]): FoundInput[] {
  const binds = (input: FoundInput): boolean => {
    try {
      const { goal: _, ...bound } = bindInputs(plan, [input]);
      if (typeof input.value !== 'string' || input.from === 'input') return true;
      const steps = bound.steps.map(({ reason: _, ...step }) => step);
      return !containsText({ ...bound, goal: '-', steps: withoutFills(steps) }, input.value);
    } catch (error) {
      if (error instanceof NotBindable) return false;
      throw error;
    }
  };
  return foundInputs.filter(binds);
}

// `replaceValuesInPlan` replaces values in the prompts of `$fill` for each run, so they cannot become stale.
const withoutFills = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value, (key, member: unknown) => (key === '$fill' ? '' : member))) as T;

/** The tools that a plan may call; undefined when an integration is gone. */
export async function catalogOf(
  scope: RunScope,
  toolbox: Toolbox,
  envelope: Envelope,
  registeredUntil: Date,
): Promise<Catalog | undefined> {
  try {
    return await toolbox.catalog(scope.workspaceId, calledIntegrations(envelope.plan), registeredUntil);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'connection_not_found') return undefined;
    throw error;
  }
}

/** The fields that the API shows of an action in addition to its columns. */
export async function toActionView(
  scope: RunScope,
  toolbox: Toolbox,
  action: ActionDraft,
): Promise<{ plan: Plan; words: string; values: ActionValue[] }> {
  const { plan: envelope, found: foundInputs } = storedPlanOf(action);
  const catalog = await catalogOf(scope, toolbox, envelope, action.plannedAt);
  const tools = catalog ? await catalog.named(toolNames(envelope.plan)) : [];
  const bound = new Set(isRecord(action.inputSchema?.properties) ? Object.keys(action.inputSchema.properties) : []);
  return {
    plan: envelope.plan,
    words: renderPlan(envelope.plan, tools),
    values: foundInputs.map(({ name, title, value, from, usedIn }) => {
      return { name, title, value, from, bound: bound.has(name), usedIn };
    }),
  };
}
