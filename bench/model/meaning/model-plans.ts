// Plans as models write them: careless ones and good ones.
import plans from './plans.json' with { type: 'json' };

/** An intent, and the plan with which a model answers it. */
export type ModelPlan = {
  intent: string;
  context?: string;
  /** The mistake of a careless plan. */
  slip?: string;
  plan: { goal: string; steps: { id: string; tool: string; [more: string]: unknown }[]; result?: unknown };
};

const all = plans as ModelPlan[];
export const CARELESS = all.filter(({ slip }) => slip !== undefined);
export const GOOD = all.filter(({ slip }) => slip === undefined);
