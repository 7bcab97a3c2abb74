import { addUsage, type TokenUsage } from '@errand/contracts';
import { type EvalSet, evalSets, judgeSet, lineOf, verdictsOf } from '@errand/evals';
import { createModelPlanner } from '@errand/planner';
import type { Planner } from '@errand/ports/planner';
import { type Figures, median, quantile, round, type Scenario } from '../figures.ts';
import { type Endpoint, openModel } from './endpoint.ts';

type Alone = Scenario & { alone: () => Promise<Figures> };

/** One scenario for each set of the evals, planned by the model at an endpoint. */
export const modelScenarios = (endpoint: Endpoint | undefined, report?: (line: object) => void): Alone[] =>
  endpoint === undefined
    ? []
    : evalSets.map((set) => ({
        name: `model-${set.name}`,
        goal: { possible: 'right, with no wrong write', impossible: 'right (refused)' },
        alone: () => measureModel(set, endpoint, report),
      }));

/** Plans, runs and judges a set with a model; returns the score, the time of planning, the tokens and their cost. */
export async function measureModel(
  set: EvalSet,
  endpoint: Endpoint,
  report?: (line: object) => void,
): Promise<Figures> {
  const { model, egress } = openModel(endpoint);
  const usage: TokenUsage = { inputTokens: 0, outputTokens: 0 };
  try {
    const judged = await judgeSet(set, counted(createModelPlanner(model), usage));
    if (report) for (const judgment of judged) report(lineOf(judgment));
    const { cost, ...tokens } = usage;
    const times = judged.map(({ run }) => run.planningMs);
    return {
      ...verdictsOf(judged),
      planningP50Ms: round(median(times)),
      planningP95Ms: round(quantile(times, 0.95)),
      ...tokens,
      ...(cost === null && { priceUnknown: true }),
      ...(cost && { cost }),
    };
  } finally {
    await egress.close();
  }
}

/** A planner that adds up its tokens. */
const counted = ({ plan, fill }: Pick<Required<Planner>, 'plan' | 'fill'>, usage: TokenUsage): Planner => ({
  plan: async (request) => {
    const draft = await plan(request);
    addUsage(usage, draft.usage);
    return draft;
  },
  fill: async (request) => {
    const answer = await fill(request);
    addUsage(usage, answer.usage);
    return answer;
  },
});
