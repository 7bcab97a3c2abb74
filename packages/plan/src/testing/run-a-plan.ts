import { type Json, Plan, type PlanInput } from '@errand/contracts';
import { runPlan } from '../execute/execute.ts';
import { toOutput } from '../execute/output.ts';
import type { CallOutcome, Invocation, RunPlanOptions } from '../execute/plan-execution.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { aTool } from './a-tool.ts';

const anything = { type: 'object', additionalProperties: true };
const byId = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
const tools = [aTool('find', { query: anything }), aTool('get', { path: byId, query: anything })];

/** A step of a test's plan: `find` unless it names `get`. */
export type Step = Omit<PlanInput['steps'][number], 'tool'> & { tool?: string };

export function aPlan(steps: Step[], result?: Json): Plan {
  const named = steps.map((step) => ({ ...step, tool: `crm_1a2b3c4d.${step.tool ?? 'find'}` }));
  return Plan.parse({ goal: 'g', steps: named, ...(result !== undefined && { result }) });
}

export const done = (output: Json): CallOutcome => ({ kind: 'done', output: toOutput(output) });

type Answer = CallOutcome | ((args: Json) => Promise<CallOutcome>);

/** Runs plans with answers by toolCallId, or by step id; without one a call returns its arguments. */
export const runner =
  (sandbox: Sandbox) =>
  async (plan: Plan, answers: Record<string, Answer> = {}, options: Partial<RunPlanOptions> = {}) => {
    const calls: string[] = [];
    const call = async ({ toolCallId, step, args }: Invocation): Promise<CallOutcome> => {
      calls.push(toolCallId);
      const answer = answers[toolCallId] ?? answers[step.id];
      if (typeof answer === 'function') return await answer(args);
      return answer ?? done(args);
    };
    const scope = { intent: 'i', context: '', input: null, now: '2026-01-31T09:30:00.000Z' };
    const end = await runPlan(plan, { scope, sandbox, tools, call, ...options });
    const outputOf = (id: string): Json => {
      const { output } = end.steps.get(id)!;
      return JSON.parse(output.join(output.outputs.map(({ text }) => text!).values())) as Json;
    };
    return { end, calls, outputOf, states: Object.fromEntries([...end.steps].map(([id, step]) => [id, step.state])) };
  };
