import { isRecord } from '@errand/basics/is-record';
import { sha256 } from '@errand/basics/sha256';
import {
  BUILTIN_INTEGRATION_ID,
  hasChanged,
  type Json,
  type Plan,
  type PlanStep,
  type ToolSpec,
} from '@errand/contracts';
import type { StoredPlan } from '@errand/db';
import { type Doubt, stepText } from '@errand/plan';

/**
 * A plan with the fingerprints of its tools, which reveal changed tools. It is stored as JSON, so its members keep their names. `looks`:
 * number of earlier plans of the run that only read; the plan may contain values of their outputs. `answered`: people answered questions
 * of its planner. `earlier`: set if it replaces another plan. `takenOver`: set if the run continues from an earlier run.
 */
export type Envelope = {
  plan: Plan;
  fingerprints: { [tool: string]: string };
  looks?: number;
  answered?: true;
  earlier?: EarlierPlans;
  takenOver?: TakenOver;
  /** Doubts that its planner received and repeated. */
  doubts?: Doubt[];
  /** The input of a run of an action, which expressions read as `input`. */
  input?: { [name: string]: Json };
};

/**
 * Facts about earlier plans. `wrote`: ids of the steps that have written. `mayWrite`: the write tools of the first plan. `missed`: the
 * reason why the first plan found nothing, so that this one only reads.
 */
export type EarlierPlans = {
  wrote: string[];
  mayWrite: string[];
  missed?: { code: string; message: string };
  /** The steps of the first plan, by `stepHash`: it was made before anything was read. */
  planned?: string[];
  /** Values of answers that reads of later plans have sent to other integrations: the length of each by its hash. */
  carried?: { [hash: string]: number };
};

/**
 * The steps of an earlier run from which a run continues, by id. `now`: the moment of the run that began the step, with which it
 * computes. `doneBy`: the run in which it ended as done or skipped. `readFrom`: integrations from which earlier plans of that run read.
 */
export type TakenOver = { steps: { [stepId: string]: { now: string; doneBy?: string } }; readFrom?: string[] };

/** A plan for another run: without the steps that its own run took over. */
export const withoutTakenOver = ({ takenOver: _, ...envelope }: Envelope): Envelope => envelope;

/** The run in which a step ended before this run; undefined for a step of this run. */
export const doneBefore = ({ takenOver }: Pick<Envelope, 'takenOver'>, stepId: string): string | undefined =>
  takenOver?.steps[stepId]?.doneBy;

/** The plan without the steps that ended before this run. */
export const stepsToRun = (envelope: Pick<Envelope, 'plan' | 'takenOver'>): Plan => ({
  ...envelope.plan,
  steps: envelope.plan.steps.filter(({ id }) => doneBefore(envelope, id) === undefined),
});

/** A short hash that is equal for equal steps. */
export const stepHash = (step: PlanStep): string => sha256(stepText(step)).slice(0, 16);

/** Placeholder until there is a plan. */
export const PLANNING = 'Planning has not finished.';

/** Placeholder of a run that ended without a plan. */
export const NO_PLAN = 'No plan was made.';

export const isEnvelope = (stored: Json | undefined): stored is Envelope & Json =>
  isRecord(stored) && 'plan' in stored && 'fingerprints' in stored;

export const toolNames = (plan: Plan): string[] => [...new Set(plan.steps.map((step) => step.tool))];

/** Makes the envelope of a plan from its tools. */
export function enclose(plan: Plan, tools: readonly ToolSpec[]): Envelope {
  const usedTools = new Set(toolNames(plan));
  return {
    plan,
    fingerprints: Object.fromEntries(
      tools.filter((tool) => usedTools.has(tool.name)).map(({ name, fingerprint }) => [name, fingerprint]),
    ),
  };
}

/**
 * An envelope in its stored form.
 * @param madeBy its maker, such as `caller` or `repeat`
 * @param reason why it replaces another plan
 */
export const toStored = (envelope: Envelope, madeBy: string, reason?: string): StoredPlan => ({
  planType: 'json',
  plan: envelope as Json,
  madeBy,
  calls: calledIntegrations(envelope.plan),
  steps: stepsToRun(envelope).steps.length,
  ...(reason !== undefined && { reason }),
});

/** Ids of the integrations that a plan calls. */
export const calledIntegrations = ({ steps }: Plan): string[] =>
  [...new Set(steps.map(({ tool }) => tool.slice(0, tool.indexOf('.'))))].filter((id) => id !== BUILTIN_INTEGRATION_ID);

export const toPlaceholder = (text: string): StoredPlan => ({ planType: 'text', plan: text, madeBy: '', calls: [] });

export function changedTools(envelope: Envelope, tools: readonly ToolSpec[]): { name: string; gone: boolean }[] {
  const currentTools = new Map(tools.map((tool) => [tool.name, tool]));
  return Object.entries(envelope.fingerprints).flatMap(([name, fingerprint]) => {
    const tool = currentTools.get(name);
    return hasChanged(fingerprint, tool) ? [{ name, gone: !tool }] : [];
  });
}
