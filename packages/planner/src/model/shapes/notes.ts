import { cleanText } from '@errand/basics/plain-words';

/** How much of a schema is written. Hints are left out first, and nothing is cut in the middle. */
export type Detail = {
  /** Levels of objects, including the first. Deeper objects have only the names of their members. */
  depth: number;
  /** Maximum characters of a member's description. */
  describe: number;
  /** Maximum number of choices of an enum, and of members of an object; the text has the number of the others. */
  choices: number;
  members: number;
  /** Whether bounds, patterns and defaults are written. */
  limits: boolean;
};

type Node = Record<string, unknown>;
const MAX_LITERAL = 100;
const MAX_PATTERN = 40;

/** The notes on a type: its description, then its limits. */
export function notesOf(schema: Node, { describe, limits }: Pick<Detail, 'describe' | 'limits'>): string[] {
  const text = describe > 0 && typeof schema.description === 'string' ? shortened(schema.description, describe) : '';
  const notes = [text.replace(/\.$/, '')];
  return [...notes, ...(limits ? limitsOf(schema) : [])].map((note) => note.replaceAll('*/', '* /')).filter(Boolean);
}

function limitsOf(schema: Node): string[] {
  const { pattern, uniqueItems } = schema;
  return [
    range(schema.minimum, schema.maximum, ''),
    typeof schema.exclusiveMinimum === 'number' ? `over ${schema.exclusiveMinimum}` : '',
    typeof schema.exclusiveMaximum === 'number' ? `under ${schema.exclusiveMaximum}` : '',
    range(schema.minLength, schema.maxLength, ' characters'),
    range(schema.minItems, schema.maxItems, ' items'),
    uniqueItems === true ? 'no duplicates' : '',
    typeof pattern === 'string' && pattern.length <= MAX_PATTERN ? `matches ${cleanText(pattern)}` : '',
    'default' in schema && literal(schema.default) !== undefined ? `default ${literal(schema.default)}` : '',
  ].filter(Boolean);
}

function range(min: unknown, max: unknown, of: string): string {
  const [from, to] = [min, max].map((bound) => (typeof bound === 'number' ? String(bound) : undefined));
  if (from !== undefined && to !== undefined && (of === '' || Number(min) > 1))
    return from === to ? `${from}${of}` : `${from} to ${to}${of}`;
  // A minimum of 0 is implied for texts and lists.
  if (to !== undefined) return `at most ${to}${of}`;
  if (from !== undefined) return of === '' || Number(min) > 1 ? `at least ${from}${of}` : '';
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
  return `${cut.replace(/[\s,;:.(]*\s\S*$/, '') || cut}…`;
}
