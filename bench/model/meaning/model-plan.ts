import type { Json } from '@errand/contracts';

/** An errand, and the plan with which a model answers it. */
export type ModelPlan = {
  intent: string;
  context?: string;
  /** What is careless about it. */
  slip?: string;
  plan: { goal: string; steps: { id: string; tool: string; [more: string]: unknown }[]; result?: Json };
};
