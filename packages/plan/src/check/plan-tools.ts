import { type Plan, ToolName, type ToolSource, type ToolSpec, type UnusableTool } from '@errand/contracts';
import { ASK } from '../tools/ask.ts';

/** The only tools that a plan may name. */
export type AllowedTools = readonly ToolSpec[] | Pick<ToolSource, 'named' | 'unusable' | 'names'>;

/** The tools that the plan names. If one is unknown: which are unusable and why, and the names of all tools. */
export type PlanTools = {
  tools: ReadonlyMap<string, ToolSpec>;
  unusable: ReadonlyMap<string, UnusableTool>;
  names: readonly string[];
};

export async function toolsOf(named: readonly string[], source: AllowedTools): Promise<PlanTools> {
  const names = [...new Set(named)].filter((name) => name !== ASK.name);
  const specs = 'named' in source ? await source.named(names) : source;
  const tools = new Map([...specs, ASK].map((tool) => [tool.name, tool]));
  if (!('named' in source)) return { tools, unusable: new Map(), names: [...tools.keys()] };
  const absent = names.filter((name) => !tools.has(name));
  if (absent.length === 0) return { tools, unusable: new Map(), names: [] };
  const unusable = await source.unusable(absent);
  return { tools, unusable, names: absent.every((name) => unusable.has(name)) ? [] : await source.names() };
}

export const toolNamesOf = ({ steps, mayWrite = [] }: Plan): string[] => [
  ...steps.map(({ tool }) => tool),
  ...mayWrite,
];

/** Maximum number of tools that a valid plan names: those of its steps, and of `mayWrite`. */
const MAX_NAMES = 120;

/** The tool names of a plan with an unchecked form. */
export function toolNamesIn(input: unknown): string[] {
  const { steps, mayWrite } = Object(input) as { steps?: unknown; mayWrite?: unknown };
  const listed = [steps, mayWrite].flatMap((list) => (Array.isArray(list) ? list.slice(0, MAX_NAMES) : []));
  const names = listed.map((entry: unknown) => (typeof entry === 'string' ? entry : Object(entry).tool));
  return names.filter((name) => ToolName.safeParse(name).success).slice(0, MAX_NAMES);
}

/** JSON texts of tools: their objects are the same from plan to plan. */
const texts = new WeakMap<ToolSpec, string>();

/** The tools as a JSON list. */
export function toolTexts(tools: PlanTools['tools']): string {
  const ofTools = [...tools.values()].map((tool) => {
    const text = texts.get(tool) ?? JSON.stringify(tool);
    texts.set(tool, text);
    return text;
  });
  return `[${ofTools.join(',')}]`;
}
