import type { ToolSpec } from '@errand/contracts';
import type { PlanToCheck, PlanVerdict, Work } from '../sandbox/protocol.ts';
import { sandboxWithin } from '../sandbox/sandbox.ts';
import { checkWith } from './check.ts';
import type { PlanTools } from './plan-tools.ts';

/**
 * Checks a plan within a process of the sandbox.
 * @param perform does the work that the check gives to a sandbox
 */
export async function performCheck(
  request: PlanToCheck,
  perform: (work: Work, timeoutMs: number) => Promise<unknown>,
  expressionMs: number,
): Promise<PlanVerdict> {
  const run = async (work: Work) => JSON.stringify(await perform(work, expressionMs));
  const sandbox = sandboxWithin({ run, close: async () => {} }, expressionMs);
  const tools = new Map((JSON.parse(request.tools) as ToolSpec[]).map((tool) => [tool.name, tool]));
  const { unusable, names, ...options } = JSON.parse(request.options);
  const planTools: PlanTools = { tools, unusable: new Map(unusable), names };
  const checked = await checkWith(JSON.parse(request.plan), () => planTools, { ...options, sandbox });
  return checked.ok ? { ...checked, dependencies: [...checked.dependencies] } : checked;
}
