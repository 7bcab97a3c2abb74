import { cleanText } from '@errand/basics/plain-words';

/** How much of a schema is written. Hints are left out first, and nothing is cut in the middle. */
export type Detail = {
  /** Levels of objects, including the first. Deeper objects have only the names of their members. */
  maxDepth: number;
  /** Maximum characters of a member's description. */
  maxDescriptionLength: number;
  /** Maximum number of choices of an enum, and of members of an object; the text has the number of the others. */
  maxChoices: number;
  maxMembers: number;
  /** Whether bounds, patterns and defaults are written. */
  showsLimits: boolean;
};

type Node = Record<string, unknown>;
const MAX_LITERAL = 100;
const MAX_PATTERN = 40;

/** The notes on a type: its description, then its limits. */
export function notesOf(
  schema: Node,
  { maxDescriptionLength, showsLimits }: Pick<Detail, 'maxDescriptionLength' | 'showsLimits'>,
): string[] {
  const { description } = schema;
  const text =
    maxDescriptionLength > 0 && typeof description === 'string' ? shortened(description, maxDescriptionLength) : '';
  const notes = [text.replace(/\.$/, '')];
  return [...notes, ...(showsLimits ? limitsOf(schema) : [])]
    .map((note) => note.replaceAll('*/', '* /'))
    .filter(Boolean);
}

function limitsOf(schema: Node): string[] {
  const { pattern, uniqueItems } = schema;
  return [
    rangeText(schema.minimum, schema.maximum, ''),
    typeof schema.exclusiveMinimum === 'number' ? `over ${schema.exclusiveMinimum}` : '',
    typeof schema.exclusiveMaximum === 'number' ? `under ${schema.exclusiveMaximum}` : '',
    rangeText(schema.minLength, schema.maxLength, ' characters'),
    rangeText(schema.minItems, schema.maxItems, ' items'),
    uniqueItems === true ? 'no duplicates' : '',
    typeof pattern === 'string' && pattern.length <= MAX_PATTERN ? `matches ${cleanText(pattern)}` : '',
    'default' in schema && literal(schema.default) !== undefined ? `default ${literal(schema.default)}` : '',
  ].filter(Boolean);
}

function rangeText(min: unknown, max: unknown, unit: string): string {
  const [from, to] = [min, max].map((bound) => (typeof bound === 'number' ? String(bound) : undefined));
  if (from !== undefined && to !== undefined && (unit === '' || Number(min) > 1))
    return from === to ? `${from}${unit}` : `${from} to ${to}${unit}`;
  // A minimum of 0 is implied for texts and lists.
  if (to !== undefined) return `at most ${to}${unit}`;
  if (from !== undefined) return unit === '' || Number(min) > 1 ? `at least ${from}${unit}` : '';
  return '';
}

/** A value as JSON; undefined when it is too long to show. */
export function literal(value: unknown): string | undefined {
  const text = cleanText(JSON.stringify(value) ?? '');
  return text === '' || text.length > MAX_LITERAL ? undefined : text.replaceAll('*/', '* /');
}

/** One line of at most `max` characters, cut between words. */
export function shortened(text: string, max: number): string {
  const line = cleanText(text.slice(0, 20_000)).replace(/\s+/g, ' ').trim();
  if (line.length <= max) return line;
  const cut = line.slice(0, max - 1).replace(/\p{Surrogate}$/u, '');
  const words = cut.slice(0, Math.max(0, cut.lastIndexOf(' '))).replace(/(?<![ ,;:.(])[ ,;:.(]+$/, '');
  return `${words || cut}…`;
}
