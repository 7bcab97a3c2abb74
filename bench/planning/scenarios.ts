import { createBuiltinPlanner } from '@errand/planner-english';
import type { Figures, Scenario } from '../figures.ts';
import { measurePlanningTime, planningTime } from './planning-time.ts';
import { measureRestbench, planningRestbench } from './restbench.ts';
import { type EvalSet, figuresOf, judgeSet, lineOf } from './score.ts';
import { evalSets } from './sets.ts';

const GOAL = {
  possible: 'right >= 65 %, wrong read <= 1 %, wrong write 0',
  impossible: 'right (refused) >= 95 %',
};

type Alone = Scenario & { alone: () => Promise<Figures> };
type Options = { restbench?: string; cases: boolean };

/** One scenario for each set of evals, RestBench, and the time that planning takes. */
export function planningScenarios({ restbench, cases }: Options): Alone[] {
  const report = cases ? (line: object) => console.log(JSON.stringify(line)) : undefined;
  return [
    ...evalSets.map((set) => ({ name: `planning-${set.name}`, goal: GOAL, alone: () => measureSet(set, report) })),
    { ...planningRestbench, alone: () => measureRestbench(restbench, report) },
    { ...planningTime, alone: measurePlanningTime },
  ];
}

async function measureSet(set: EvalSet, report?: (line: object) => void): Promise<Figures> {
  const judged = await judgeSet(set, createBuiltinPlanner());
  if (report) for (const one of judged) report(lineOf(one));
  return figuresOf(judged);
}
