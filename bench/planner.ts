import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Planner, PlanRequest, ToolSpec } from '@errand/contracts';
import { createEgress, importOpenApi } from '@errand/integrations';
import { checkPlan, createSandbox } from '@errand/plan';
import { createBuiltinPlanner } from '@errand/planner';
import { type Figures, mean, median, quantile, round, type Scenario } from './figures.ts';
import { ANYWHERE, someService } from './some-service.ts';

export const planningQuality: Scenario = {
  name: 'planning-quality',
  goal: { containsInOrderShare: 'published, with no model; may not fall' },
};
export const planningTime: Scenario = {
  name: 'planning-time',
  goal: { with1000ToolsP50Ms: 'known; a run waits for it' },
};

/** The tools of an OpenAPI document, as the service would keep them. */
async function toolsOf(document: string | object, customerIntegrationId: string): Promise<ToolSpec[]> {
  const egress = createEgress({ allowOrigins: [ANYWHERE] });
  try {
    const { tools } = await importOpenApi({ document, customerIntegrationId, baseUrl: ANYWHERE, egress });
    const made = tools.flatMap((text) => JSON.parse(Buffer.from(text).toString()) as ToolSpec[]);
    return made.map((tool) => ({
      ...tool,
      name: `${customerIntegrationId}.${tool.operation}`,
      customerIntegrationId,
      integrationName: customerIntegrationId.replace(/_.*/, ''),
      enabled: true,
      fingerprint: tool.operation,
    }));
  } finally {
    await egress.close();
  }
}

type Case = { query: string; solution: string[] };

/**
 * The plans of the built-in planner for the intents of RestBench (its `intents.json` and `openapi.json` in a folder).
 * `exact`: the plan calls what the solution calls and nothing else, in its order. `contains in order`: it may call more.
 */
export async function measurePlanningQuality(folder: string | undefined): Promise<Figures> {
  if (folder === undefined) return { skipped: 'give the folder of RestBench by --restbench DIR' };
  const [intents, document] = ['intents.json', 'openapi.json'].map((name) => join(folder, name));
  if (!existsSync(intents!) || !existsSync(document!))
    throw new Error(`${folder} has no intents.json and openapi.json.`);
  const cases = JSON.parse(readFileSync(intents!, 'utf8')) as Case[];
  const tools = await toolsOf(readFileSync(document!, 'utf8'), 'tmdb_00000001');
  const operationOf = new Map(tools.map((tool) => [tool.name, `${tool.method} ${tool.path}`]));
  const planner = createBuiltinPlanner();
  const sandbox = createSandbox();
  const counts = { exact: 0, contains: 0, none: 0 };
  const tookMs: number[] = [];
  try {
    for (const { query, solution } of cases) {
      const from = performance.now();
      const draft = await planner.plan(requestOf(query, tools, sandbox));
      tookMs.push(performance.now() - from);
      const called = draft.kind === 'plan' ? draft.plan.steps.map((step) => operationOf.get(step.tool)!) : [];
      if (draft.kind === 'none') counts.none++;
      if (called.length === solution.length && called.every((one, i) => one === solution[i])) counts.exact++;
      if (containsInOrder(called, solution)) counts.contains++;
    }
  } finally {
    await sandbox.close();
  }
  return {
    cases: cases.length,
    tools: tools.length,
    exact: counts.exact,
    exactShare: round(counts.exact / cases.length),
    containsInOrder: counts.contains,
    containsInOrderShare: round(counts.contains / cases.length),
    noPlan: counts.none,
    planningP50Ms: round(median(tookMs)),
    planningP95Ms: round(quantile(tookMs, 0.95)),
  };
}

function containsInOrder(called: readonly string[], solution: readonly string[]): boolean {
  let at = 0;
  for (const one of called) if (one === solution[at]) at++;
  return at === solution.length;
}

const INTENTS = [
  'Get the invoice 42',
  'List the open orders of the customer Northwind',
  'Create a ticket with the title Broken window',
  'Which shipments were delayed last week?',
];
const REPEATS = 5;

/** How long the built-in planner takes: its first plan over a list of tools, for which it reads them all, and later ones. */
export async function measurePlanningTime(): Promise<Figures> {
  const figures: Figures = {};
  const sandbox = createSandbox();
  try {
    for (const count of [25, 1000]) {
      const tools = await toolsOf(someService(count), 'shop_00000001');
      const planner: Planner = createBuiltinPlanner();
      const firstMs = await timed(planner, INTENTS[0]!, tools, sandbox);
      const laterMs: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        for (const intent of INTENTS) laterMs.push(await timed(planner, intent, tools, sandbox));
      }
      figures[`with${count}ToolsFirstMs`] = round(firstMs);
      figures[`with${count}ToolsP50Ms`] = round(median(laterMs));
      figures[`with${count}ToolsMeanMs`] = round(mean(laterMs));
      figures[`with${count}ToolsMaxMs`] = round(Math.max(...laterMs));
    }
  } finally {
    await sandbox.close();
  }
  return figures;
}

async function timed(planner: Planner, intent: string, tools: readonly ToolSpec[], sandbox: Sandbox): Promise<number> {
  const from = performance.now();
  await planner.plan(requestOf(intent, tools, sandbox));
  return performance.now() - from;
}

type Sandbox = ReturnType<typeof createSandbox>;

const requestOf = (intent: string, tools: readonly ToolSpec[], sandbox: Sandbox): PlanRequest => ({
  intent,
  context: '',
  userId: 'user-1',
  now: '2031-05-01T08:00:00.000Z',
  tools,
  instructions: [],
  signal: AbortSignal.timeout(60_000),
  check: async (plan) => {
    const checked = await checkPlan(plan, { tools, sandbox, mayFill: false });
    return checked.ok ? [] : checked.complaints;
  },
});
