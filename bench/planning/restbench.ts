import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanDraft } from '@errand/contracts';
import { createSandbox } from '@errand/plan';
import { createBuiltinPlanner } from '@errand/planner-english';
import { type Figures, median, quantile, round, type Scenario } from '../figures.ts';
import { planRequest } from './plan-request.ts';
import { readTools } from './read-tools.ts';

export const planningRestbench: Scenario = {
  name: 'planning-restbench',
  goal: { wrong: '<= 15 of 100', inOrder: '>= 25 of 100' },
};

type Case = { query: string; solution: string[] };

/**
 * The plans of the built-in planner for the intents of RestBench (its `intents.json` and `openapi.json` in a folder), by the operations
 * that they call, because RestBench has no arguments.
 * `inOrder`: the plan calls what the solution calls, in its order, and each quoted text of the intent stands in it. Every other plan is wrong.
 * @param report is told each case with what its plan calls
 */
export async function measureRestbench(folder: string | undefined, report?: (line: object) => void): Promise<Figures> {
  if (folder === undefined) return { skipped: 'give the folder of RestBench by --restbench DIR' };
  const [intents, document] = ['intents.json', 'openapi.json'].map((name) => join(folder, name));
  if (!existsSync(intents!) || !existsSync(document!))
    throw new Error(`${folder} has no intents.json and openapi.json.`);
  const cases = JSON.parse(readFileSync(intents!, 'utf8')) as Case[];
  const tools = await readTools(readFileSync(document!, 'utf8'), 'tmdb_00000001', 'tmdb');
  const operationOf = new Map(tools.map((tool) => [tool.name, `${tool.method} ${tool.path}`]));
  const planner = createBuiltinPlanner();
  const sandbox = createSandbox();
  const counts = { inOrder: 0, exact: 0, refused: 0, wrong: 0, wrongWrite: 0 };
  const tookMs: number[] = [];
  try {
    for (const { query, solution } of cases) {
      const from = performance.now();
      // There is no service to look at.
      const draft = await planner.plan({ ...planRequest(query, '', tools, { sandbox }), mayLook: false });
      tookMs.push(performance.now() - from);
      const called = draft.kind === 'plan' ? draft.plan.steps.map((step) => operationOf.get(step.tool)!) : [];
      const isRight = containsInOrder(called, solution) && holdsQuotes(draft, query);
      const verdict = draft.kind !== 'plan' ? 'refused' : isRight ? 'inOrder' : 'wrong';
      counts[verdict]++;
      if (isRight && called.length === solution.length) counts.exact++;
      if (called.some((one) => !one.startsWith('GET ') && !solution.includes(one))) counts.wrongWrite++;
      report?.({ verdict, intent: query, called, solution });
    }
  } finally {
    await sandbox.close();
  }
  return {
    cases: cases.length,
    tools: tools.length,
    ...counts,
    planningP50Ms: round(median(tookMs)),
    planningP95Ms: round(quantile(tookMs, 0.95)),
  };
}

function containsInOrder(called: readonly string[], solution: readonly string[]): boolean {
  let at = 0;
  for (const one of called) if (one === solution[at]) at++;
  return at === solution.length;
}

/** Whether each quoted text of the intent stands in an argument, a condition or the result of the plan. */
function holdsQuotes(draft: PlanDraft, intent: string): boolean {
  if (draft.kind !== 'plan') return false;
  const { steps, result } = draft.plan;
  const read = steps.map(({ args, when, forEach }) => ({ args, when, forEach }));
  const text = JSON.stringify([read, result]).toLowerCase();
  return [...intent.matchAll(/["“]([^"”]+)["”]/g)].every(([, quote]) => text.includes(quote!.toLowerCase()));
}
