// Plans as models answer with them: careless ones, and good ones.
import carelessFirst from './cases/careless-first.json' with { type: 'json' };
import carelessSecond from './cases/careless-second.json' with { type: 'json' };
import carelessThird from './cases/careless-third.json' with { type: 'json' };
import goodFirst from './cases/good-first.json' with { type: 'json' };
import goodSecond from './cases/good-second.json' with { type: 'json' };
import goodThird from './cases/good-third.json' with { type: 'json' };

/** An errand, and the plan with which a model answers it. */
export type ModelPlan = {
  intent: string;
  context?: string;
  /** What is careless about it. */
  slip?: string;
  plan: { goal: string; steps: { id: string; tool: string; [more: string]: unknown }[]; result?: unknown };
};

/** The second part of each was written before the checks ran over any of it, the third one without reading them. */
export const CARELESS = [...carelessFirst, ...carelessSecond, ...carelessThird] as ModelPlan[];
export const GOOD = [...goodFirst, ...goodSecond, ...goodThird] as ModelPlan[];
