import type { Json, JsonSchema, Plan, ToolSpec } from '@errand/contracts';
import { runPlan } from '../execute/execute.ts';
import { toOutput } from '../execute/output.ts';
import type { Invocation } from '../execute/plan-execution.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { mockOutput } from './mock-output.ts';

/** The answer of a tool without an output schema. */
const UNDESCRIBED: Json = { messages: [{ from: 'ada@garden.example', head: 'Slugs', text: 'The slugs are back.' }] };

/**
 * Runs a plan against services that answer by their output schemas, and a model that fills values by theirs.
 * @returns the calls with their arguments, how each step ended, and the result
 */
export async function dryRun(plan: Plan, tools: readonly ToolSpec[], sandbox: Sandbox, outputSchema?: JsonSchema) {
  const calls: { tool: string; args: Json }[] = [];
  const end = await runPlan(plan, {
    scope: { intent: 'Look after the garden', context: 'plot=Herbs\nkeeper: Ada', now: '2026-01-31T09:30:00.000Z' },
    sandbox,
    tools,
    ...(outputSchema && { outputSchema }),
    call: async ({ tool, args }: Invocation) => {
      calls.push({ tool: tool.operation, args });
      return { kind: 'done', output: toOutput(tool.outputSchema ? mockOutput(tool.outputSchema) : UNDESCRIBED) };
    },
    fill: async ({ values }) => ({
      kind: 'done',
      values: values.map(({ schema }) => ({ value: schema ? mockOutput(schema, 'filled') : 'filled' })),
    }),
  });
  const states = Object.fromEntries([...end.steps].map(([id, { state }]) => [id, state]));
  const errors = [...end.steps.values()].flatMap(({ error }) => error?.message ?? []);
  return { calls, states, errors, end };
}
