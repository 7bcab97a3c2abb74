import type { PlanRequest, ToolSpec } from '@errand/contracts';
import { PLAN_LANGUAGE } from './plan-language.ts';
import { indexTools, showSchema, showTools, withSeen } from './show-tools.ts';
import { type DataBlocks, fitTexts } from './untrusted.ts';

const MAX_TEXT_BYTES = 64 * 1024;
const MAX_GUIDANCE_BYTES = 4 * 1024;
const MAX_ALL_GUIDANCE_BYTES = 32 * 1024;
const MAX_SCHEMA_BYTES = 16 * 1024;
const MAX_PLAN_BYTES = 32 * 1024;
const MAX_OUTPUT_BYTES = 32 * 1024;
const MAX_ALL_OUTPUT_BYTES = 96 * 1024;

export const planSystemPrompt = (blocks: DataBlocks): string => `${PLAN_LANGUAGE}\n${blocks.rule}`;

/** The first message of a planning conversation: everything that the request tells, as data blocks. */
export function planPrompt(
  request: PlanRequest,
  tools: { full: readonly ToolSpec[]; rest: readonly ToolSpec[] },
  blocks: DataBlocks,
): string {
  const parts = [
    blocks.write('intent', request.intent, MAX_TEXT_BYTES),
    request.context && blocks.write('context', request.context, MAX_TEXT_BYTES),
    `now is ${request.now}`,
    ...guidance(request, blocks),
    blocks.write('tools', showTools(withSeen(tools.full, request.seenOutputs)) || '(none)', Number.POSITIVE_INFINITY),
  ];
  if (tools.rest.length > 0)
    parts.push(
      'More tools exist, listed by name alone. You may use them; if a plan that uses one does not fit, you get its arguments.',
      blocks.write('more-tools', indexTools(tools.rest), Number.POSITIVE_INFINITY),
    );
  if (request.outputSchema)
    parts.push(
      'The result must fit this JSON Schema.',
      blocks.write('result-schema', showSchema(request.outputSchema, MAX_SCHEMA_BYTES), MAX_SCHEMA_BYTES),
    );
  if (request.previous) parts.push(...previous(request.previous, blocks));
  parts.push('Answer with the JSON object: the plan for the intent, or {"none": "why"}.');
  return parts.filter(Boolean).join('\n\n');
}

function guidance(request: PlanRequest, blocks: DataBlocks): string[] {
  const texts = new Map(request.instructions.map(({ customerIntegrationId, text }) => [customerIntegrationId, text]));
  return [...fitTexts(texts, MAX_GUIDANCE_BYTES, MAX_ALL_GUIDANCE_BYTES)].map(([id, text]) =>
    blocks.write(`guidance ${id}`, text, MAX_GUIDANCE_BYTES),
  );
}

function previous(before: NonNullable<PlanRequest['previous']>, blocks: DataBlocks): string[] {
  const failures = before.failures
    .map(({ stepId, code, message, detail }) => `${stepId}: ${code}: ${detail ?? message}`)
    .join('\n');
  if (before.looked)
    return [
      `Your earlier plan of this errand looked first, as you wanted: what its steps answered is below. Now write the whole plan. Repeat each step whose output you need unchanged, with the same id, tool, args and forEach: it is not called again, its output is read back.`,
      blocks.write('earlier-plan', JSON.stringify(before.plan), MAX_PLAN_BYTES),
      ...outputBlocks(before.outputs, blocks),
    ];
  return [
    `An earlier plan of this errand was executed in part. Write a whole new plan that reaches the goal, or as much of it as can be had, another way.
- A step of the earlier plan that has an output below has ended. When you need its output, repeat the step unchanged, with the same id, tool, args and forEach: it is not called again, its output is read back. A step that wrote and has ended must be repeated unchanged or left out, never written again.
- Do not repeat what failed as it was. A step that people denied must not be tried in another way: leave it out.
- When nothing useful is left to do, answer {"none": "why"}.`,
    blocks.write('earlier-plan', JSON.stringify(before.plan), MAX_PLAN_BYTES),
    blocks.write('earlier-failures', failures || '(none)', MAX_TEXT_BYTES),
    ...outputBlocks(before.outputs, blocks),
  ];
}

/** Outputs of steps, the largest cut so that all fit. */
export function outputBlocks(outputs: Readonly<Record<string, string>>, blocks: DataBlocks): string[] {
  const texts = new Map(Object.entries(outputs));
  return [...fitTexts(texts, MAX_OUTPUT_BYTES, MAX_ALL_OUTPUT_BYTES)].map(([id, text]) =>
    blocks.write(`output ${/^\w{1,64}$/.test(id) ? id : 'unnamed'}`, text, MAX_OUTPUT_BYTES),
  );
}
