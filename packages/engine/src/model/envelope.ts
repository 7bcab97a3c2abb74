import { sha256 } from '@errand/basics/sha256';
import { BUILTIN, hasChanged, type Json, type Plan, type PlanStep, type ToolSpec } from '@errand/contracts';
import type { StoredPlan } from '@errand/db';
import { canonicalJson, type Doubt } from '@errand/plan';

/**
 * A stored plan with the fingerprints of the tools that it calls, which show whether a tool has changed. `looks`: plans of its run
 * before it that only looked; what was read may stand in it. `answered`: people answered questions of its planner. `earlier`: set if
 * it replaces another plan of its run.
 */
export type Envelope = {
  plan: Plan;
  fingerprints: { [tool: string]: string };
  looks?: number;
  answered?: true;
  earlier?: EarlierPlan;
  /** Doubts that its planner received and repeated. */
  doubts?: Doubt[];
  /** What a run of an action was given: expressions read it as `input`. */
  input?: { [name: string]: Json };
};

/**
 * What a plan takes over from the plans before it: the ids of the steps that have written, and the write tools of the first one. `missed`: why
 * that one found nothing, after which this one looks.
 */
export type EarlierPlan = {
  wrote: string[];
  mayWrite: string[];
  missed?: { code: string; message: string };
  /** The steps of the first plan, by `stepHash`: it was made before anything was read. */
  planned?: string[];
  /** Values of answers that reads of plans after the first have taken to other integrations: the length of each by its hash. */
  carried?: { [hash: string]: number };
};

/** What a step does, as text that is equal for equal steps. */
export const stepText = ({ id, tool, args, forEach, when, unless, pages }: PlanStep): string =>
  canonicalJson([id, tool, args, forEach ?? null, when ?? null, unless ?? null, pages ?? null]);

/** A short mark of a step that is equal for equal steps. */
export const stepHash = (step: PlanStep): string => sha256(stepText(step)).slice(0, 16);

/** The placeholder of a plan until there is one. */
export const PLANNING = 'Planning has not finished.';

/** The placeholder when the run ended without a plan. */
export const NO_PLAN = 'No plan was made.';

export const isEnvelope = (stored: Json | undefined): stored is Envelope & Json =>
  typeof stored === 'object' &&
  stored !== null &&
  !Array.isArray(stored) &&
  'plan' in stored &&
  'fingerprints' in stored;

/** Names of the tools that a plan calls. */
export const toolNames = (plan: Plan): string[] => [...new Set(plan.steps.map((step) => step.tool))];

/** Adds the fingerprints of its tools to a plan. */
export function seal(plan: Plan, tools: readonly ToolSpec[]): Envelope {
  const used = new Set(toolNames(plan));
  return {
    plan,
    fingerprints: Object.fromEntries(
      tools.filter((tool) => used.has(tool.name)).map(({ name, fingerprint }) => [name, fingerprint]),
    ),
  };
}

/** An envelope in the form that the database stores. @param madeBy its maker, such as `caller` or `repeat` */
export const toStored = (envelope: Envelope, madeBy: string): StoredPlan => ({
  planType: 'json',
  plan: envelope as Json,
  madeBy,
  calls: callsOf(envelope.plan),
});

/** Ids of the integrations that a plan calls. */
export const callsOf = ({ steps }: Plan): string[] =>
  [...new Set(steps.map(({ tool }) => tool.slice(0, tool.indexOf('.'))))].filter((id) => id !== BUILTIN);

/** A placeholder in the form that the database stores. */
export const toPlaceholder = (text: string): StoredPlan => ({ planType: 'text', plan: text, madeBy: '', calls: [] });

/** Tools of the plan that have changed or do not exist any more. */
export function changedTools(envelope: Envelope, tools: readonly ToolSpec[]): { name: string; gone: boolean }[] {
  const now = new Map(tools.map((tool) => [tool.name, tool]));
  return Object.entries(envelope.fingerprints).flatMap(([name, fingerprint]) => {
    const tool = now.get(name);
    return hasChanged(fingerprint, tool) ? [{ name, gone: !tool }] : [];
  });
}
