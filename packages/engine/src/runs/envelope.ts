import { sha256 } from '@errand/basics/sha256';
import type { Json, Plan, ToolSpec } from '@errand/contracts';
import type { StoredPlan } from '@errand/db';
import { canonicalJson } from '@errand/plan';

/** A plan as it is stored: with a fingerprint of each tool that it calls, so that a change of a tool is noticed. */
export type Envelope = { plan: Plan; pins: { [tool: string]: string } };

/** What stands in a plan's place until there is one. */
export const planning = 'Planning has not finished.';

/** What stands there when the run ended without one. */
export const noPlan = 'No plan was made.';

export const isEnvelope = (stored: Json | undefined): stored is Envelope & Json =>
  typeof stored === 'object' && stored !== null && !Array.isArray(stored) && 'plan' in stored && 'pins' in stored;

const pins = new WeakMap<ToolSpec, string>();

/**
 * Fingerprint of what a plan rests on in a tool: what planners and humans were told of it, what a call of it does, and which
 * registration of its integration it belongs to.
 */
export function pinOf(tool: ToolSpec): string {
  let pin = pins.get(tool);
  if (pin === undefined) {
    const { name, effect, title = null, description, inputSchema, outputSchema = null, call = null } = tool;
    const said = [name, effect, title, description, inputSchema, outputSchema, call, tool.sha256 ?? null];
    const text = canonicalJson(said as Json);
    pin = sha256(text, 'base64url');
    pins.set(tool, pin);
  }
  return pin;
}

/** Names of the tools that a plan calls. */
export const toolNames = (plan: Plan): string[] => [...new Set(plan.steps.map((step) => step.tool))];

/** Puts a plan in its envelope. */
export function seal(plan: Plan, tools: readonly ToolSpec[]): Envelope {
  const used = new Set(toolNames(plan));
  return {
    plan,
    pins: Object.fromEntries(tools.filter((tool) => used.has(tool.name)).map((tool) => [tool.name, pinOf(tool)])),
  };
}

/** A plan in its envelope as it is stored. */
export const toStored = (envelope: Envelope, madeBy: string): StoredPlan => ({
  planType: 'json',
  plan: envelope as Json,
  madeBy,
  calls: [...new Set(envelope.plan.steps.map(({ tool }) => tool.slice(0, tool.indexOf('.'))))],
});

/** A text in the place of a plan. */
export const toPlaceholder = (text: string): StoredPlan => ({ planType: 'text', plan: text, madeBy: '', calls: [] });

/** Names a tool of the plan that is gone, or no longer what it was when the plan was made; undefined when all stand. */
export function changedTool(
  envelope: Envelope,
  tools: readonly ToolSpec[],
): { name: string; gone: boolean } | undefined {
  const now = new Map(tools.map((tool) => [tool.name, tool]));
  for (const [name, pin] of Object.entries(envelope.pins)) {
    const tool = now.get(name);
    if (!tool || pinOf(tool) !== pin) return { name, gone: !tool };
  }
  return undefined;
}
