import { hasChanged, type Json, type Plan, type ToolSpec } from '@errand/contracts';
import type { StoredPlan } from '@errand/db';

/** A plan as it is stored: with the fingerprint of each tool that it calls, so that a change of a tool is noticed. */
export type Envelope = { plan: Plan; fingerprints: { [tool: string]: string } };

/** What stands in a plan's place until there is one. */
export const PLANNING = 'Planning has not finished.';

/** What stands there when the run ended without one. */
export const NO_PLAN = 'No plan was made.';

export const isEnvelope = (stored: Json | undefined): stored is Envelope & Json =>
  typeof stored === 'object' &&
  stored !== null &&
  !Array.isArray(stored) &&
  'plan' in stored &&
  'fingerprints' in stored;

/** Names of the tools that a plan calls. */
export const toolNames = (plan: Plan): string[] => [...new Set(plan.steps.map((step) => step.tool))];

/** Puts a plan in its envelope. */
export function seal(plan: Plan, tools: readonly ToolSpec[]): Envelope {
  const used = new Set(toolNames(plan));
  return {
    plan,
    fingerprints: Object.fromEntries(
      tools.filter((tool) => used.has(tool.name)).map(({ name, fingerprint }) => [name, fingerprint]),
    ),
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
  for (const [name, fingerprint] of Object.entries(envelope.fingerprints)) {
    const tool = now.get(name);
    if (hasChanged(fingerprint, tool)) return { name, gone: !tool };
  }
  return undefined;
}
