import { describesOutput, type PageRules, type PlanRequest, type ToolSpec } from '@errand/contracts';
import { NamedTypes } from './shapes/named-types.ts';
import { shortened } from './shapes/notes.ts';
import { DETAILS, OUTPUT_DETAILS } from './shapes/shape.ts';
import { TypeWriter } from './shapes/type-writer.ts';

/** The shapes of a prompt's tools, and the tools that fit. */
export type ToolText = { text: string; tools: readonly ToolSpec[] };

/** Maximum bytes of shapes in a prompt. */
const MAX_SHAPES_BYTES = 22 * 1024;
const MAX_INTO_CHARS = 100;
/** Levels of detail of one tool; its output is always less detailed than its arguments. */
const LEVELS = [
  { does: 600, takes: 0, returns: 0 },
  { does: 300, takes: 0, returns: 1 },
  { does: 200, takes: 1, returns: 2 },
  { does: 160, takes: 1, returns: 3 },
  { does: 120, takes: 2, returns: 3 },
  { does: 80, takes: 2, returns: 4 },
  { does: 80, takes: 3, returns: 4 },
  { does: 60, takes: 4, returns: 5 },
  { does: 40, takes: 5, returns: 5 },
] as const;

/** The shapes of earlier answers, by tool. */
type ObservedOutputSchemas = NonNullable<PlanRequest['observedOutputSchemas']>;
type Variant = { text: string; bytes: number };

/**
 * Descriptions, arguments and outputs of tools. When they do not fit, the largest get less detail; nothing is cut in the middle. Tools that
 * still do not fit are left out, the largest first.
 */
export function showTools(
  tools: readonly ToolSpec[],
  observedOutputSchemas: ObservedOutputSchemas = {},
  maxBytes = MAX_SHAPES_BYTES,
): ToolText {
  const types = new NamedTypes();
  const variants = tools.map((tool) => variantsOf(tool, observedOutputSchemas, types));
  const write = (cap: number, which: readonly number[]): string => {
    const texts = which.map((at) => (variants[at]!.find(({ bytes }) => bytes <= cap) ?? variants[at]!.at(-1)!).text);
    const assembled = types.assemble(texts);
    return [...assembled.types, ...assembled.texts].join('\n');
  };
  let which = tools.map((_, at) => at);
  const caps = [...new Set(variants.flatMap((all) => all.map(({ bytes }) => bytes)))].sort((a, b) => a - b);
  const fits = (cap: number) => Buffer.byteLength(write(cap, which)) <= maxBytes;
  while (which.length > 0 && !fits(caps[0]!)) {
    const largest = Math.max(...which.map((at) => variants[at]!.at(-1)!.bytes));
    which = which.filter((at) => variants[at]!.at(-1)!.bytes < largest);
  }
  let [low, high] = [0, caps.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(caps[middle]!)) low = middle;
    else high = middle - 1;
  }
  return { text: which.length > 0 ? write(caps[low]!, which) : '', tools: which.map((at) => tools[at]!) };
}

/** A tool in each level of detail, with marks for the types in it. */
function variantsOf(tool: ToolSpec, observedOutputSchemas: ObservedOutputSchemas, types: NamedTypes): Variant[] {
  const hint = tool.operation;
  const { inputSchema } = tool;
  const isDescribed = describesOutput(tool);
  const isSeen = !isDescribed && Object.hasOwn(observedOutputSchemas, tool.name);
  const outputSchema = isDescribed ? tool.outputSchema : isSeen ? observedOutputSchemas[tool.name] : undefined;
  const takes = DETAILS.map((detail) => new TypeWriter(inputSchema, detail, types).write(`${hint} arguments`));
  const returns = OUTPUT_DETAILS.map(
    (detail) => outputSchema && new TypeWriter(outputSchema, detail, types).write(`${hint} output`),
  );
  const pages = tool.pages ? `\n  pages: ${pagesHint(tool.pages)}` : '';
  return LEVELS.map((level) => {
    const text = `tool ${tool.name} (${tool.effect}): ${whatItDoes(tool, level.does)}
  takes ${takes[level.takes]}
  returns ${isSeen ? 'not described; seen: ' : ''}${returns[level.returns] ?? 'not described'}${pages}`;
    return { text, bytes: Buffer.byteLength(types.inline(text)) };
  });
}

/** The members of `pages` in a plan that the owner of an integration states. */
function pagesHint({ items, next, into, linkIn }: PageRules): string {
  const plan = {
    ...(items !== undefined && { items: { $: expressionOf(items) } }),
    ...(next !== undefined && { next: { $: expressionOf(next) } }),
    ...(into !== undefined && { into: shortened(into, MAX_INTO_CHARS) }),
  };
  const link = linkIn === undefined ? '' : 'link has the query parameters of the next page';
  return [Object.keys(plan).length > 0 ? JSON.stringify(plan) : '', link].filter(Boolean).join('; ');
}

const expressionOf = (path: string): string =>
  `page${path
    .split('.')
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `.\`${name}\``))
    .join('')}`;

function whatItDoes({ title = '', description }: ToolSpec, max: number): string {
  const [short, long] = [title, description].map((text) => shortened(text, max));
  if (!short || long!.toLowerCase().startsWith(short.toLowerCase().replace(/\.$/, ''))) return long!;
  return shortened(`${short}. ${long}`, max);
}
