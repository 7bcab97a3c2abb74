import type { Plan, ToolSpec, UnusableTool } from '@errand/contracts';
import { namesIn } from '../template/pointer.ts';
import { toolNamed } from './ask.ts';

/** Longest name or value in a sentence. */
const DEFAULT_MAX_LENGTH = 60;

export const cut = (text: string, max = DEFAULT_MAX_LENGTH): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;

/** Longest name in a sentence; services may name their operations at will. */
const MAX_NAME_LENGTH = 80;

/** Most names: words of ASCII, one space apart. */
const PLAIN_NAME = /^[!#-~]+(?: [!#-~]+)*$/;

export function displayName(name: string): string {
  if (name.length <= MAX_NAME_LENGTH && PLAIN_NAME.test(name) && !name.endsWith('.')) return name;
  const line = name
    .replace(/[\s\p{C}]+/gu, ' ')
    .replaceAll('"', "'")
    .trim()
    .replace(/\.$/, '');
  return cut(line, MAX_NAME_LENGTH);
}

// Line breaks, control, bidirectional and zero-width characters could disguise a step as another one.
export const toSingleLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();

/** Characters of a text that are read for a sentence; services send texts of any length. */
const MAX_READ = 1_000;

/** The beginning of a text for a sentence, in the form that `rewrite` gives it; empty when it has only characters that `rewrite` drops. */
export function beginning(text: string, rewrite: (text: string) => string): string {
  const start = rewrite(text.slice(0, MAX_READ));
  return cut(text.length <= MAX_READ || start === '' ? start : `${start.toWellFormed()}…`);
}

/** A name of code as words: `closeDateFrom`, `close_date_from` and `close-date-from` are "close date from". */
export const words = (name: string): string =>
  toSingleLine(
    name
      .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .replace(/[_\-.[\]/]+/g, ' '),
  ).toLowerCase();

export const integrationLabel = ({ integrationName }: Pick<ToolSpec, 'integrationName'>): string =>
  displayName(integrationName);

/** A tool's title in a sentence: `"List deals"`. */
export const titleLabel = ({ title, operation }: Pick<ToolSpec, 'title' | 'operation'>): string =>
  `"${displayName(title ?? operation)}"`;

/** A tool's title and integration in a sentence: `"List deals" at Demo CRM`. */
export const toolLabel = (tool: Pick<ToolSpec, 'title' | 'operation' | 'integrationName'>): string =>
  `${titleLabel(tool)} at ${integrationLabel(tool)}`;

/** The label of an unknown tool: `"listDeals"`. */
export const operationLabel = (toolName: string): string =>
  `"${displayName(toolName.slice(toolName.indexOf('.') + 1))}"`;

/** The label of a step's tool. */
export function stepLabel(plan: Plan, tools: readonly ToolSpec[], stepId: string): string {
  const name = plan.steps.find((step) => step.id === stepId)?.tool ?? stepId;
  const tool = toolNamed(name, tools);
  return tool ? toolLabel(tool) : operationLabel(name);
}

/** The JSON pointer of a step in its plan. */
export const stepPointer = (plan: Plan, stepId: string): string =>
  `/steps/${plan.steps.findIndex((step) => step.id === stepId)}`;

/** The label of an argument, from its pointer: the label of `body.title` is `"title"`. */
export function argumentLabel(pointer: string): string {
  const names = namesIn(pointer);
  const [group, ...rest] = names;
  const isInGroup = rest.length > 0 && /^(?:path|query|header|body)$/.test(group!);
  return `"${displayName((isInGroup ? rest : names).join('.'))}"`;
}

/** Why a tool may not be used, and the remedy. People read it with the label, developers with the name. */
export function unusableText(name: string, reason: UnusableTool, label = operationLabel(name)): string {
  if (reason === 'in review') return `${label} has changed at its service and waits for review.`;
  const customerIntegrationId = name.slice(0, name.indexOf('.'));
  return `${label} is switched off. PUT /v1/integrations/${customerIntegrationId}/tools switches it on.`;
}
