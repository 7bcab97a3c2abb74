// Plans as models answer with them: careless ones, and good ones.
import type { Json } from '@errand/contracts';
import carelessFirst from './cases/careless-first.json' with { type: 'json' };
import carelessSecond from './cases/careless-second.json' with { type: 'json' };
import goodFirst from './cases/good-first.json' with { type: 'json' };
import goodSecond from './cases/good-second.json' with { type: 'json' };

/** An errand, and the plan with which a model answers it. */
export type ModelPlan = {
  intent: string;
  context?: string;
  /** What is careless about it. */
  slip?: string;
  plan: { goal: string; steps: { id: string; tool: string; [more: string]: unknown }[]; result?: Json };
};

/** The second half of each was written before the checks ran over any of it. */
export const CARELESS = [...carelessFirst, ...carelessSecond] as ModelPlan[];
export const GOOD = [...goodFirst, ...goodSecond] as ModelPlan[];
