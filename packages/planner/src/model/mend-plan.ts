import { isRecord } from '@errand/basics/is-record';
import { cleanText } from '@errand/basics/plain-words';
import type { ToolSpec } from '@errand/contracts';
import { ASK } from '@errand/plan';

type Draft = Record<string, unknown>;

/** Whether an object in an answer is a plan, a question, or the reason why there is none. */
export const looksLikeAnswer = (value: object): boolean =>
  'steps' in value ||
  'ask' in value ||
  ('none' in value && typeof value.none === 'string') ||
  ('plan' in value && isRecord(value.plan));

/** Why there is no plan; undefined when there is one. */
export const reasonForNone = (value: unknown): string | undefined =>
  isRecord(value) && !('steps' in value) && typeof value.none === 'string' ? value.none : undefined;

/** The model's question; undefined when it has none. */
export function questionIn(value: unknown): unknown {
  if (!isRecord(value) || 'steps' in value || !('ask' in value)) return undefined;
  const question = typeof value.ask === 'string' ? { question: value.ask } : value.ask;
  // People read it, so it must not contain hidden characters.
  return JSON.parse(cleanText(JSON.stringify(question)));
}

/**
 * Corrects slips with a certain meaning, so that they cost no round with the model: a wrapper around the plan, null for an absent value, an
 * expression without its object, another spelling of a tool's name. `effect` is set to the tool's. The checker reports all other faults.
 */
export function mendPlan(value: unknown, tools: readonly ToolSpec[]): unknown {
  const plan = isRecord(value) && isRecord(value.plan) && !('steps' in value) ? value.plan : value;
  if (!isRecord(plan) || !Array.isArray(plan.steps)) return plan;
  const named = toolFinder(tools);
  return {
    ...withoutNulls(plan, ['result', 'then']),
    // People read these before they approve, so they must not contain hidden characters.
    ...(typeof plan.goal === 'string' && { goal: cleanText(plan.goal) }),
    steps: plan.steps.map((step) => mendStep(step, named)),
  };
}

function mendStep(value: unknown, named: ReturnType<typeof toolFinder>): unknown {
  if (!isRecord(value)) return value;
  const { effect: _, ...step } = withoutNulls(value, OPTIONAL);
  for (const key of ['forEach', 'when', 'unless']) if (typeof step[key] === 'string') step[key] = { $: step[key] };
  if (typeof step.dependsOn === 'string') step.dependsOn = [step.dependsOn];
  if (typeof step.reason === 'string') step.reason = cleanText(step.reason);
  const tool = typeof step.tool === 'string' && step.tool !== ASK.name ? named(step.tool) : undefined;
  return tool ? { ...step, tool: tool.name, effect: tool.effect } : step;
}

const OPTIONAL = ['args', 'dependsOn', 'reason', 'forEach', 'when', 'unless', 'say', 'pages'];

const withoutNulls = (draft: Draft, optional: readonly string[]): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([key, value]) => value !== null || !optional.includes(key)));

/**
 * Finds a tool by the name that a model wrote. Another spelling counts only when letters and digits are the same and match a single tool: a
 * merely similar name may mean the opposite (`addUser`, `endUser`).
 */
export function toolFinder(tools: readonly ToolSpec[]): (name: string) => ToolSpec | undefined {
  const exact = new Map(tools.map((tool) => [tool.name, tool]));
  const loose = new Map<string, ToolSpec | 'several'>();
  for (const tool of tools)
    for (const form of new Set([tool.name, tool.operation, `${tool.integrationName}.${tool.operation}`].map(bare)))
      loose.set(form, loose.has(form) ? 'several' : tool);
  return (name) => {
    const match = exact.get(name) ?? loose.get(bare(name));
    if (match === undefined || match === 'several') return undefined;
    // Services choose the names of their operations: no operation may pass for a tool of another integration.
    const owner = bare(/^.*[.:/]/s.exec(name)?.[0] ?? '');
    return [match.customerIntegrationId, match.integrationName].map(bare).includes(owner) || owner === ''
      ? match
      : undefined;
  };
}

const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^(functions|tools?)[./:]/, '')
    .replace(/[^\p{L}\d]/gu, '');
