import type { Tool } from '../../integration/tools/use-tools.ts';

type ChosenTool = Pick<Tool, 'name' | 'title' | 'enabled' | 'effect' | 'inputSchema'>;

const MAX_INTENT = 200;

/** An intent for a first errand, from the title of a read that is on. Reads without required arguments come first. */
export function firstErrand(tools: readonly ChosenTool[]): string | undefined {
  const reads = tools.filter(({ enabled, effect }) => enabled && effect === 'read');
  const tool = reads.find((each) => !needsArguments(each.inputSchema)) ?? reads[0];
  if (!tool) return undefined;
  const { title, name } = tool;
  return (title ?? wordsOf(name.slice(name.indexOf('.') + 1))).trim().replace(/\.$/, '').slice(0, MAX_INTENT);
}

/** Whether the schema of a tool, or of one of its groups of arguments, requires an argument. */
function needsArguments(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { required, properties } = schema as { required?: unknown; properties?: Record<string, unknown> };
  if (Array.isArray(required) && required.length > 0) return true;
  return Object.values(properties ?? {}).some(
    (group) => Array.isArray((group as { required?: unknown } | null)?.required) && needsArguments(group),
  );
}

/** "listOpenDeals": "List open deals" */
function wordsOf(operation: string): string {
  const words = operation
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
