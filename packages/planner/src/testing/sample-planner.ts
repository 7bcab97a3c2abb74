import type { ToolSpec } from '@errand/contracts';
import type { Planner } from '@errand/ports/planner';
import { searchTools } from '../search/search-tools.ts';

const usage = { inputTokens: 0, outputTokens: 0 };
/** Reading a tool takes this much processor time, in ms. */
const READ_MS = 0.2;
/** Lists that were read. */
const read = new WeakSet<readonly ToolSpec[]>();

/** A planner for tests of threads: it calls the tool that fits the intent best, without arguments. */
export function samplePlanner(tools: readonly ToolSpec[]): Planner {
  if (!read.has(tools)) for (const tool of tools) readTool(tool);
  read.add(tools);
  return {
    async plan({ intent, check }) {
      const [best] = searchTools(tools, intent, 1);
      if (!best) return { kind: 'none', code: 'no_plan', reason: 'No tool fits.', retryable: false, usage };
      const { name, effect } = best.tool;
      const plan = { goal: intent, steps: [{ id: 'only', tool: name, effect, args: {}, reason: 'It fits best' }] };
      const errors = await check(plan);
      if (errors.length === 0) return { kind: 'plan', plan, usage, madeBy: 'sample' };
      return { kind: 'none', code: 'plan_failed', reason: 'The plan is refused.', errors, retryable: false, usage };
    },
  };
}

/** Simulates reading a tool. An operation named `endless` never ends, and one named `vast` takes all memory. */
function readTool({ operation }: ToolSpec): void {
  const from = performance.now();
  const buffers: number[][] = [];
  // Begins with a call: V8 of Node 24 does not interrupt a loop of `startsWith` alone, so its thread could not be stopped.
  while (performance.now() - from < READ_MS || operation.startsWith('endless') || operation === 'vast')
    if (operation === 'vast') buffers.push(new Array(1000).fill(buffers.length));
}
