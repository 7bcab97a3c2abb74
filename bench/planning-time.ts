import type { ToolSpec } from '@errand/contracts';
import { openPlanner, planRequest, readTools } from '@errand/evals';
import { createSandbox, type Sandbox } from '@errand/plan';
import type { Planner } from '@errand/ports/planner';
import { type Figures, mean, median, round, type Scenario } from './figures.ts';
import { someService } from './some-service.ts';

export const planningTime: Scenario = {
  name: 'planning-time',
  goal: { with1000ToolsP50Ms: 'known; a run waits for it' },
};

const INTENTS = [
  'Get the invoice 42',
  'List the open orders of the customer Northwind',
  'Create a ticket with the title Broken window',
  'Which shipments were delayed last week?',
];
const REPEATS = 5;

/** Time of the built-in planner: its first plan over a list of tools, for which a thread starts and reads all of them, and later plans. */
export async function measurePlanningTime(): Promise<Figures> {
  const figures: Figures = {};
  const sandbox = createSandbox();
  try {
    for (const count of [25, 1000]) {
      const tools = await readTools(someService(count), 'shop_00000001', 'shop');
      const planner = openPlanner();
      const firstMs = await timed(planner, INTENTS[0]!, tools, sandbox);
      const laterMs: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        for (const intent of INTENTS) laterMs.push(await timed(planner, intent, tools, sandbox));
      }
      await planner.close();
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
  await planner.plan(planRequest(intent, '', tools, { sandbox }));
  return performance.now() - from;
}
