import type { Plan, ToolSpec } from '@errand/contracts';
import { toolNamed } from '../ask.ts';

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
  const parts = pointer.split('/').slice(1);
  const [group, ...rest] = parts;
  const own = rest.length > 0 && /^(?:path|query|header|body)$/.test(group!) ? rest : parts;
  return `"${inOneLine(own.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.'))}"`;
}
