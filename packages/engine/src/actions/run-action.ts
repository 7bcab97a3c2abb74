import {
  type CreateRunInput,
  type Json,
  type JsonSchema,
  problem,
  type RunActionInput,
  type ToolSpec,
} from '@errand/contracts';
import type { ActionDraft, RunScope, StoredAction } from '@errand/db';
import { canonicalJson, type FoundInput, replaceValues, replaceValuesInPlan, type Sandbox } from '@errand/plan';
import type { Catalog, Toolbox } from '@errand/ports/toolbox';
import { type Envelope, toolNames } from '../model/envelope.ts';
import { invalid } from '../model/validate.ts';
import { changedToolErrors } from '../runs/rerun.ts';
import { bindNamedInputs, catalogOf, draftAction, storedPlanOf } from './draft-action.ts';

type ActionDeps = { toolbox: Toolbox; sandbox: Sandbox };
type Input = { [name: string]: Json };

/** The input of a run of an action. Without `plan` the run is planned again. */
export type PreparedAction = { input: CreateRunInput; plan?: Envelope; actionKey: string };

const MAX_INPUT_BYTES = 64 * 1024;

/**
 * Prepares a run of an action: its texts and its plan get the values of the input.
 * @throws ProblemError action_paused, action_stale, validation_failed
 */
export async function prepareAction(
  scope: RunScope,
  deps: ActionDeps,
  action: StoredAction,
  request: RunActionInput,
): Promise<PreparedAction> {
  if (!action.active) {
    const remedy = 'PUT /v1/actions/{key}: the caller then owns the action.';
    const detail = `The owner of the action (${action.madeBy}) may no longer create runs.`;
    throw problem('action_paused', detail, { remedy });
  }
  const input = await checkInput(action.inputSchema, request.input, deps.sandbox);
  const { plan, found: foundInputs } = storedPlanOf(action);
  const catalog = await catalogOf(scope, deps.toolbox, plan, action.plannedAt);
  const stale = catalog ? await changedToolErrors(plan, catalog) : [integrationGone(action)];
  if (stale.length > 0 && !request.replan) {
    const remedy = 'Send "replan": true to plan it again.';
    throw problem('action_stale', 'A tool of this action has changed.', { errors: stale, remedy });
  }
  const values = valuesToReplace(foundInputs, input);
  const selected = stale.length > 0 ? action.selected : action.calls;
  const { customerIntegrationId: targetId, passThrough, redirectUri, userId } = request;
  const moved =
    targetId === undefined || stale.length > 0
      ? undefined
      : await moveToIntegration(scope, deps, { plan, catalog: catalog!, other: targetId });
  const run: CreateRunInput = {
    userId,
    priority: 0,
    metadata: {},
    intent: replaceValues(action.intent, values).slice(0, 10_000).toWellFormed(),
    context: replaceValues(action.context, values).slice(0, 50_000).toWellFormed(),
    approvalStrategy: action.approvalStrategy as CreateRunInput['approvalStrategy'],
    budget: action.budget,
    selectedCustomerIntegrationIds: (moved
      ? moved.calls
      : selected) as CreateRunInput['selectedCustomerIntegrationIds'],
    ...(action.outputSchema && { outputSchema: action.outputSchema }),
    ...(passThrough && { passThrough }),
    ...(redirectUri !== undefined && { redirectUri }),
  };
  const actionKey = action.key;
  if (stale.length > 0) return { input: run, actionKey };
  const envelope = moved?.envelope ?? plan;
  return { input: run, plan: { ...envelope, plan: replaceValuesInPlan(envelope.plan, values), input }, actionKey };
}

/**
 * The action with the plan of a replanned run, under the names of its inputs.
 * @param input the input of that run
 * @throws ProblemError plan_not_repeatable, tools_changed, validation_failed when the new plan does not take the same inputs
 */
export async function replanAction(
  scope: RunScope,
  deps: ActionDeps,
  { action, runId, input = {} }: { action: StoredAction; runId: string; input?: Input | undefined },
): Promise<ActionDraft> {
  const draft = await draftAction(scope, deps, { runId });
  const { source, found: foundInputs } = storedPlanOf(draft);
  const renamed = foundInputs.flatMap((foundInput) => {
    const names = Object.keys(input).filter((name) => isEqual(input[name], foundInput.value));
    // Two inputs with the same value cannot be told apart.
    return names.length === 1 ? [{ ...foundInput, name: names[0]! }] : [];
  });
  const { defaultMapping } = action;
  return { ...draft, ...(await bindNamedInputs(source, renamed, action.inputSchema, deps.sandbox)), defaultMapping };
}

const isEqual = (a: Json | undefined, b: Json): boolean => a !== undefined && canonicalJson(a) === canonicalJson(b);

/** The values in the texts of an action that an input replaces. */
const valuesToReplace = (foundInputs: readonly FoundInput[], input: Input) =>
  foundInputs.flatMap(({ name, value }) => {
    const is = Object.hasOwn(input, name) ? input[name] : undefined;
    return is === undefined || isEqual(is, value) ? [] : [{ was: value, is }];
  });

async function checkInput(schema: JsonSchema | null, input: Input | undefined, sandbox: Sandbox): Promise<Input> {
  if (schema === null) {
    if (input === undefined || Object.keys(input).length === 0) return {};
    throw invalidInput([{ pointer: '', message: 'The action takes no input.' }]);
  }
  if (input === undefined) throw invalidInput([{ pointer: '', message: 'The action requires an input.' }]);
  if (Buffer.byteLength(JSON.stringify(input)) > MAX_INPUT_BYTES)
    throw invalidInput([{ pointer: '', message: `Must be at most ${MAX_INPUT_BYTES / 1024} KiB.` }]);
  const filled = { ...defaultsOf(schema), ...input };
  const verdict = await sandbox.validate(schema, filled);
  if (verdict.ok) return filled;
  throw invalidInput(verdict.errors);
}

function defaultsOf({ properties }: JsonSchema): Input {
  const members = Object.entries((properties ?? {}) as Record<string, { default?: Json }>);
  return Object.fromEntries(
    members.flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
  );
}

const invalidInput = (errors: readonly { pointer: string; message: string }[]) =>
  problem('validation_failed', 'The input is not what the action takes.', {
    errors: errors.slice(0, 20).map(({ pointer, message }) => ({ pointer: `/input${pointer}`, message })),
  });

const integrationGone = ({ calls }: ActionDraft) => ({
  pointer: '/steps',
  message: `An integration that it calls was deleted; it called ${calls.join(', ')}.`,
});

/** The plan of an action, moved to another integration of the same service. @throws ProblemError validation_failed */
async function moveToIntegration(
  { workspaceId }: RunScope,
  { toolbox }: ActionDeps,
  { plan, catalog, other: targetId }: { plan: Envelope; catalog: Catalog; other: string },
): Promise<{ envelope: Envelope; calls: string[] } | undefined> {
  const calledTools = (await catalog.named(toolNames(plan.plan))) as readonly ToolSpec[];
  const calls = [...new Set(calledTools.map(({ customerIntegrationId }) => customerIntegrationId))];
  if (calls.includes(targetId)) return undefined;
  const refuse = (message: string) => invalid('/customerIntegrationId', message);
  const targetCatalog = await toolbox.catalog(workspaceId, [targetId]).catch(() => {
    throw refuse('There is no such integration.');
  });
  const toolsOf = (id: string) => calledTools.filter(({ customerIntegrationId }) => customerIntegrationId === id);
  const candidates: { id: string; tools: readonly ToolSpec[] }[] = [];
  for (const id of calls) {
    const requiredTools = toolsOf(id);
    const targetTools = await targetCatalog.named(requiredTools.map(({ operation }) => `${targetId}.${operation}`));
    const targetShapes = new Set(targetTools.map(shapeOf));
    if (requiredTools.every((tool) => targetShapes.has(shapeOf(tool)))) candidates.push({ id, tools: targetTools });
  }
  const [source, second] = candidates;
  if (!source || second) throw refuse(`Its tools are not those of ${calls.join(' or ')}.`);
  const rename = (tool: string) =>
    tool.startsWith(`${source.id}.`) ? `${targetId}.${tool.slice(source.id.length + 1)}` : tool;
  const otherFingerprints = Object.entries(plan.fingerprints).filter(([tool]) => !tool.startsWith(`${source.id}.`));
  return {
    envelope: {
      ...plan,
      plan: { ...plan.plan, steps: plan.plan.steps.map((step) => ({ ...step, tool: rename(step.tool) })) },
      fingerprints: Object.fromEntries([
        ...otherFingerprints,
        ...source.tools.map(({ name, fingerprint }) => [name, fingerprint]),
      ]),
    },
    calls: calls.map((id) => (id === source.id ? targetId : id)),
  };
}

/** The parts of a tool that a plan depends on. */
const shapeOf = ({ operation, inputSchema, outputSchema, effect, method, path }: ToolSpec): string =>
  canonicalJson([operation, inputSchema, outputSchema ?? null, effect, method ?? null, path ?? null] as Json);
