import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanDraft, ToolSpec } from '@errand/contracts';
import { openPlanner, planRequest, readTools } from '@errand/evals';
import { createSandbox, type Sandbox } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import { type Figures, median, quantile, round, type Scenario } from './figures.ts';

export const planningRestbench: Scenario = {
  name: 'planning-restbench',
  goal: { wrong: '<= 15 of 100', inOrder: '>= 25 of 100' },
};

type Case = { query: string; solution: string[] };
type Verdict = 'inOrder' | 'refused' | 'wrong';
type Outcome = { verdict: Verdict; called: string[]; tookMs: number };

/**
 * The built-in planner's plans for the intents of RestBench (its `intents.json` and `openapi.json` in a folder), by the operations that
 * they call, because RestBench has no arguments. `inOrder`: the plan calls the operations of the solution in order, and contains each
 * quoted text of the intent. Other plans are wrong.
 * @param report is called with each case and the calls of its plan
 */
export async function measureRestbench(folder: string | undefined, report?: (line: object) => void): Promise<Figures> {
  if (folder === undefined) return { skipped: 'give the folder of RestBench by --restbench DIR' };
  const [intents, document] = ['intents.json', 'openapi.json'].map((name) => join(folder, name));
  if (!existsSync(intents!) || !existsSync(document!))
    throw new Error(`${folder} has no intents.json and openapi.json.`);
  const cases = JSON.parse(readFileSync(intents!, 'utf8')) as Case[];
  const tools = await readTools(readFileSync(document!, 'utf8'), 'tmdb_00000001', 'tmdb');
  const planner = openPlanner();
  const sandbox = createSandbox();
  const outcomes: Outcome[] = [];
  try {
    for (const { query, solution } of cases) {
      const outcome = await planOne({ query, solution }, tools, planner, sandbox);
      outcomes.push(outcome);
      report?.({ verdict: outcome.verdict, intent: query, called: outcome.called, solution });
    }
  } finally {
    await planner.close();
    await sandbox.close();
  }
  return { cases: cases.length, tools: tools.length, ...countsOf(cases, outcomes) };
}

/** Plans an intent without a service to read from. */
async function planOne(
  { query, solution }: Case,
  tools: readonly ToolSpec[],
  planner: Planner,
  sandbox: Sandbox,
): Promise<Outcome> {
  const from = performance.now();
  const draft = await planner.plan({ ...planRequest(query, '', tools, { sandbox }), mayLook: false });
  const tookMs = performance.now() - from;
  if (draft.kind !== 'plan') return { verdict: 'refused', called: [], tookMs };
  const operationOf = new Map(tools.map((tool) => [tool.name, `${tool.method} ${tool.path}`]));
  const called = draft.plan.steps.map((step) => operationOf.get(step.tool)!);
  const isRight = containsInOrder(called, solution) && containsQuotes(draft, query);
  return { verdict: isRight ? 'inOrder' : 'wrong', called, tookMs };
}

function countsOf(cases: readonly Case[], outcomes: readonly Outcome[]): Figures {
  const count = (verdict: Verdict) => outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const isExact = ({ verdict, called }: Outcome, i: number) =>
    verdict === 'inOrder' && called.length === cases[i]!.solution.length;
  const writesWrongly = ({ called }: Outcome, i: number) =>
    called.some((operation) => !operation.startsWith('GET ') && !cases[i]!.solution.includes(operation));
  const times = outcomes.map(({ tookMs }) => tookMs);
  return {
    inOrder: count('inOrder'),
    exact: outcomes.filter(isExact).length,
    refused: count('refused'),
    wrong: count('wrong'),
    wrongWrite: outcomes.filter(writesWrongly).length,
    planningP50Ms: round(median(times)),
    planningP95Ms: round(quantile(times, 0.95)),
  };
}

function containsInOrder(called: readonly string[], solution: readonly string[]): boolean {
  let at = 0;
  for (const operation of called) if (operation === solution[at]) at++;
  return at === solution.length;
}

/** Whether an argument, a condition or the result of the plan contains each quoted text of the intent. */
function containsQuotes(draft: PlanDraft, intent: string): boolean {
  if (draft.kind !== 'plan') return false;
  const { steps, result } = draft.plan;
  const read = steps.map(({ args, when, forEach }) => ({ args, when, forEach }));
  const text = JSON.stringify([read, result]).toLowerCase();
  return [...intent.matchAll(/["“]([^"”]+)["”]/g)].every(([, quote]) => text.includes(quote!.toLowerCase()));
}
