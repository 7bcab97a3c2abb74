import type { PlanFailure, PlanRequest } from '@errand/contracts';
import type { Message } from '@errand/ports/model';
import { PLAN_LANGUAGE } from './plan-language.ts';
import { showShape } from './shapes/shape.ts';
import { showTools } from './show-tools.ts';
import { FIRST_SEARCH_LIMITS, findTools, type ToolView } from './tool-view.ts';
import { type DataBlocks, fitTexts } from './untrusted.ts';

const MAX_TEXT_BYTES = 64 * 1024;
const MAX_NAME_BYTES = 1024;
const MAX_GUIDANCE_BYTES = 4 * 1024;
const MAX_ALL_GUIDANCE_BYTES = 32 * 1024;
const MAX_SCHEMA_BYTES = 16 * 1024;
const MAX_PLAN_BYTES = 32 * 1024;
const MAX_OUTPUT_BYTES = 32 * 1024;
const MAX_ALL_OUTPUT_BYTES = 96 * 1024;
const ANY_LENGTH = Number.POSITIVE_INFINITY;
/** Maximum length of the context used in the search for tools. */
const MAX_SEARCHED_CONTEXT_LENGTH = 4000;

export const planSystemPrompt = (blocks: DataBlocks): string => `${PLAN_LANGUAGE}\n${blocks.rule}`;

/**
 * The first message of a planning conversation: the whole request, as data blocks. Runs with the same tools have the same beginning, so
 * that endpoints can cache it.
 */
export function planPrompt(request: PlanRequest, view: ToolView, blocks: DataBlocks): Message {
  const stablePrefix = `${[...tools(view, request.tools.length, blocks), ...guidance(request, blocks)].join('\n\n')}\n\n`;
  const parts = [
    ...preselectedTools(request, view, blocks),
    ...(request.outputSchema
      ? [
          'The result must fit this type.',
          blocks.write('result-type', showShape(request.outputSchema, 'Result', MAX_SCHEMA_BYTES), MAX_SCHEMA_BYTES),
        ]
      : []),
    blocks.write('intent', request.intent, MAX_TEXT_BYTES),
    request.context && blocks.write('context', request.context, MAX_TEXT_BYTES),
    ...userBlocks(request, blocks),
    ...(request.answers?.length
      ? [
          'You asked people, and they answered. Plan accordingly.',
          blocks.write('answers', JSON.stringify(request.answers), MAX_TEXT_BYTES),
        ]
      : []),
    ...(request.previous ? previousPlanBlocks(request.previous, blocks) : []),
    'Answer with the JSON object: the plan for the intent, or {"none": "why"}.',
  ];
  return {
    role: 'user',
    content: stablePrefix + parts.filter(Boolean).join('\n\n'),
    stableLength: stablePrefix.length,
  };
}

function tools({ shown, named, integrations }: ToolView, count: number, blocks: DataBlocks): string[] {
  const parts: string[] = [];
  if (shown.tools.length > 0) parts.push('The tools that you may use.', blocks.write('tools', shown.text, ANY_LENGTH));
  if (named.tools.length > 0)
    parts.push(
      `${shown.tools.length > 0 ? 'More tools' : 'The tools'} that you may use, by name. A tool is named by its integration, a dot and its operation. Before you use one of them, answer {"tools": ["name", …]} with all that the plan may need, at most 20: you get what they take and return.`,
      blocks.write('tool-names', named.text, ANY_LENGTH),
    );
  if (integrations !== undefined)
    parts.push(
      `You may use ${count} tools of these integrations, too many to name. Answer {"search": ["words", …]} with at most 5 searches, in the words of the service, to get names of tools; then {"tools": ["name", …]} with all that the plan may need, at most 20: you get what they take and return. A tool is named by its integration, a dot and its operation.`,
      blocks.write('integrations', integrations, ANY_LENGTH),
    );
  return parts;
}

/** The user, and the local time and date. */
export function userBlocks({ now, user }: Pick<PlanRequest, 'now' | 'user'>, blocks: DataBlocks): string[] {
  const { name, timeZone } = user ?? {};
  const local = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: timeZone ?? 'UTC',
  });
  const localTimeText = timeZone ? `, for the user ${local.format(new Date(now))} in ${timeZone}` : '';
  return [...(name ? [blocks.write('user', name, MAX_NAME_BYTES)] : []), `now is ${now}${localTimeText}`];
}

/** Tools that the model need not look up: the matches of the intent, and the earlier plan's tools. */
function preselectedTools(request: PlanRequest, { shown, integrations }: ToolView, blocks: DataBlocks): string[] {
  const used = new Set(request.previous?.plan.steps.map((step) => step.tool));
  const earlier = request.tools.filter((tool) => used.has(tool.name) && !shown.tools.includes(tool));
  const searchText = `${request.intent}\n${request.context.slice(0, MAX_SEARCHED_CONTEXT_LENGTH)}`;
  const names = integrations === undefined ? '' : findTools(request.tools, searchText, FIRST_SEARCH_LIMITS);
  return [
    ...(names ? ['Tools that a search for the intent finds.', blocks.write('found', names, ANY_LENGTH)] : []),
    ...(earlier.length > 0
      ? [
          'The tools of the earlier plan.',
          blocks.write('tools', showTools(earlier, request.observedOutputSchemas).text, ANY_LENGTH),
        ]
      : []),
  ];
}

function guidance(request: PlanRequest, blocks: DataBlocks): string[] {
  const texts = new Map(request.instructions.map(({ customerIntegrationId, text }) => [customerIntegrationId, text]));
  return [...fitTexts(texts, MAX_GUIDANCE_BYTES, MAX_ALL_GUIDANCE_BYTES)].map(([id, text]) =>
    blocks.write(`guidance ${id}`, text, MAX_GUIDANCE_BYTES),
  );
}

function previousPlanBlocks(previousPlan: NonNullable<PlanRequest['previous']>, blocks: DataBlocks): string[] {
  const failures = previousPlan.failures.map(failureText).join('\n');
  if (previousPlan.looked)
    return [
      `Your earlier plan of this errand looked first, as you wanted: what its steps answered is below. Now write the whole plan. Repeat each step whose output you need unchanged, with the same id, tool, args and forEach: it is not called again, its output is read back.`,
      blocks.write('earlier-plan', JSON.stringify(previousPlan.plan), MAX_PLAN_BYTES),
      ...outputBlocks(previousPlan.outputs, blocks),
    ];
  return [
    `An earlier plan of this errand was executed in part. Write a whole new plan that reaches the goal, or as much of it as can be had, another way.
- A step of the earlier plan that has an output below has ended. When you need its output, repeat the step unchanged, with the same id, tool, args and forEach: it is not called again, its output is read back. A step that wrote and has ended must be repeated unchanged or left out, never written again.
- Do not repeat what failed as it was. What was sent and what the service said stands with the failure: it may show the way out.
- A step that a person denied is left out, unless the person's own words ask for another way: then do that.
- A write tool that the earlier plan did not use waits for a person's approval: use one only where nothing else reaches the goal.
- When nothing useful is left to do, answer {"none": "why"}.`,
    blocks.write('earlier-plan', JSON.stringify(previousPlan.plan), MAX_PLAN_BYTES),
    blocks.write('earlier-failures', failures || '(none)', MAX_TEXT_BYTES),
    ...outputBlocks(previousPlan.outputs, blocks),
  ];
}

const failureText = ({ stepId, code, message, detail, reason, calls = [], result }: PlanFailure): string =>
  [
    `${stepId}: ${code}: ${detail ?? message}`,
    ...(reason === undefined ? [] : [`  the person's words: ${reason}`]),
    ...calls.map(({ args, answer }) => `  sent: ${args}${answer === undefined ? '' : `\n  answered: ${answer}`}`),
    ...(result === undefined ? [] : [`  the result was: ${result}`]),
  ].join('\n');

/** Outputs of steps, the largest cut so that all fit. */
export function outputBlocks(outputs: Readonly<Record<string, string>>, blocks: DataBlocks): string[] {
  const texts = new Map(Object.entries(outputs));
  return [...fitTexts(texts, MAX_OUTPUT_BYTES, MAX_ALL_OUTPUT_BYTES)].map(([id, text]) =>
    blocks.write(`output ${/^\w{1,64}$/.test(id) ? id : 'unnamed'}`, text, MAX_OUTPUT_BYTES),
  );
}
