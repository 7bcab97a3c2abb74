import type { Plan, ToolSpec, UnusableTool } from '@errand/contracts';
import { namesIn } from '../template/pointer.ts';
import { toolNamed } from './ask.ts';

/** Longest name in a sentence; what services call their operations may be anything. */
const LONGEST = 80;

/** Most names: words of ASCII, one space apart. */
const PLAIN = /^[!#-~]+(?: [!#-~]+)*$/;

export function inOneLine(name: string): string {
  if (name.length <= LONGEST && PLAIN.test(name) && !name.endsWith('.')) return name;
  const line = name
    .replace(/[\s\p{C}]+/gu, ' ')
    .replaceAll('"', "'")
    .trim()
    .replace(/\.$/, '');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1).toWellFormed()}…` : line;
}

// Line breaks, control, bidirectional and zero-width characters could make a step look like another one.
export const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

/** A name of code as words: `closeDateFrom`, `close_date_from` and `close-date-from` are "close date from". */
export const words = (name: string): string =>
  oneLine(
    name
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .replace(/[_\-.[\]/]+/g, ' '),
  ).toLowerCase();

/** What an integration is called in a sentence. */
export const integrationLabel = ({ integrationName }: Pick<ToolSpec, 'integrationName'>): string =>
  inOneLine(integrationName);

/** What a tool does, for a sentence: `"List deals"`. */
export const titleLabel = ({ title, operation }: Pick<ToolSpec, 'title' | 'operation'>): string =>
  `"${inOneLine(title ?? operation)}"`;

/** A tool as people know it: `"List deals" at Demo CRM`. */
export const toolLabel = (tool: Pick<ToolSpec, 'title' | 'operation' | 'integrationName'>): string =>
  `${titleLabel(tool)} at ${integrationLabel(tool)}`;

/** A tool of which there is no more than the name: `"listDeals"`. */
export const operationLabel = (toolName: string): string => `"${inOneLine(toolName.slice(toolName.indexOf('.') + 1))}"`;

/** What a step of a plan does, as people know it. */
export function stepLabel(plan: Plan, tools: readonly ToolSpec[], stepId: string): string {
  const name = plan.steps.find((step) => step.id === stepId)?.tool ?? stepId;
  const tool = toolNamed(name, tools);
  return tool ? toolLabel(tool) : operationLabel(name);
}

/** Where a step stands in its plan, as a JSON pointer. */
export const stepPointer = (plan: Plan, stepId: string): string =>
  `/steps/${plan.steps.findIndex((step) => step.id === stepId)}`;

/** An argument as people name it, from its pointer: `"body.title"` is `"title"` to them. */
export function argumentLabel(pointer: string): string {
  const names = namesIn(pointer);
  const [group, ...rest] = names;
  const isInGroup = rest.length > 0 && /^(?:path|query|header|body)$/.test(group!);
  return `"${inOneLine((isInGroup ? rest : names).join('.'))}"`;
}

/** Why a tool may not be used and what to do about it; people read it with the label, developers with the name. */
export function unusableText(name: string, why: UnusableTool, label = operationLabel(name)): string {
  if (why === 'in review') return `${label} has changed at its service and waits for review.`;
  const customerIntegrationId = name.slice(0, name.indexOf('.'));
  return `${label} is switched off. PUT /v1/integrations/${customerIntegrationId}/tools switches it on.`;
}
