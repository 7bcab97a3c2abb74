import type { Json, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { ASK } from '../ask.ts';
import { holeAt } from './template.ts';

/**
 * A plan as short text for people: its goal, then a line or two for each step in the order of the plan.
 * @param tools gives tools their titles and says which ones change something
 */
export function renderPlan(plan: Plan, tools: readonly ToolSpec[] = []): string {
  const byName = new Map([...tools, ASK].map((tool) => [tool.name, tool]));
  const steps = plan.steps.map((step, index) => `${index + 1}. ${renderStep(step, byName.get(step.tool))}`);
  const result = plan.result === undefined ? [] : ['', `Result: ${cut(renderValue(plan.result), 400)}`];
  const then = plan.then === undefined ? [] : ['', 'Then: plan on with what was read.'];
  return [cut(oneLine(plan.goal), 400), '', ...steps, ...result, ...then].join('\n');
}

function renderStep(step: PlanStep, tool: ToolSpec | undefined): string {
  const title = oneLine(step.reason ?? tool?.title ?? tool?.operation ?? step.tool);
  const effect = tool?.effect ?? step.effect;
  const notes = [
    effect === 'write' ? 'changes something' : '',
    step.forEach ? `once for each of ${oneLine(step.forEach.$)}` : '',
    step.pages ? `at most ${step.pages.max} pages` : '',
    step.unless ? `the plan ends here if ${oneLine(step.unless.$)}` : '',
    step.when ? `only if ${oneLine(step.when.$)}` : '',
    step.dependsOn?.length ? `after ${step.dependsOn.join(', ')}` : '',
  ].filter((note) => note !== '');
  const args = Object.keys(step.args).length === 0 ? '' : ` ${cut(renderValue(step.args), 400)}`;
  const head = `${cut(title, 200)}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  return `${head}\n   ${step.id}: ${step.tool}${args}`;
}

function renderValue(value: Json): string {
  const hole = holeAt(value, '');
  if (hole !== undefined)
    return hole.kind === 'binding' ? `‹${oneLine(hole.text)}›` : `‹to be filled in: ${oneLine(hole.text)}›`;
  if (Array.isArray(value)) return `[${value.map(renderValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return escaped(JSON.stringify(value));
  return `{${Object.entries(value)
    .map(([key, member]) => `${escaped(key)}: ${renderValue(member)}`)
    .join(', ')}}`;
}

// Line breaks, control, bidirectional and zero-width characters could make a step look like another one.
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
const cut = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max - 1)}…`);
/** Shows invisible characters as escapes, not as spaces, because the value is sent with them. */
const escaped = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
