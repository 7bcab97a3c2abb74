import { type ExecutionPlan, problem, type ReadExecutionPlan } from '@errand/contracts';
import { type RunScope, readPlan, readRunOfPlan } from '@errand/db';
import { planDetails } from '@errand/plan';
import type { Toolbox } from '@errand/ports/toolbox';
import { isEnvelope, PLANNING, toolNames } from '../model/envelope.ts';

export async function readExecutionPlan(scope: RunScope, executionPlanId: string): Promise<ExecutionPlan> {
  const row = await readPlan(scope, executionPlanId);
  if (!row) throw problem('not_found', 'There is no such execution plan.');
  return row.planType === 'json' && isEnvelope(row.plan)
    ? { planType: 'json', plan: row.plan.plan, ...(row.plan.input && { input: row.plan.input }) }
    : { planType: 'text', plan: typeof row.plan === 'string' ? row.plan : PLANNING };
}

export async function readPlanWithDetails(
  scope: RunScope,
  toolbox: Pick<Toolbox, 'tools'>,
  executionPlanId: string,
): Promise<ReadExecutionPlan> {
  const read = await readExecutionPlan(scope, executionPlanId);
  if (read.planType === 'text') return read;
  const run = await readRunOfPlan(scope, executionPlanId);
  if (!run) throw problem('not_found', 'There is no such execution plan.');
  const catalog = await toolbox.tools(scope.workspaceId, ['*'], run.createdAt);
  const tools = await catalog.named(toolNames(read.plan));
  return { ...read, ...planDetails(read.plan, tools, run) };
}
