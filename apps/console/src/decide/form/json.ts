// JSON values: reading and changing one member of them, comparing them, and the place of a fault in their text.

export type Json = string | number | boolean | null | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const toPointer = (path: readonly string[]): string =>
  path.map((member) => `/${member.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export const toPath = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((member) => member.replaceAll('~1', '/').replaceAll('~0', '~'));

const ownMember = (value: Json | undefined, member: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;

/** The value of a member; undefined if it is absent. */
export const valueAt = (value: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce(ownMember, value);

/** A copy with another value at the path, or without one. Objects that become empty by it go too, unless the plan has them. */
export function withValueAt(
  value: Json | undefined,
  path: readonly string[],
  change: Json | undefined,
  planned: Json | undefined,
): Json | undefined {
  const [member, ...rest] = path;
  if (member === undefined) return change;
  const members = isObject(value) ? value : {};
  const changed = withValueAt(ownMember(value, member), rest, change, ownMember(planned, member));
  const others = Object.entries(members);
  if (changed !== undefined) {
    const isKnown = Object.hasOwn(members, member);
    return fromEntries(
      isKnown ? others.map(([key, old]) => [key, key === member ? changed : old]) : [...others, [member, changed]],
    );
  }
  const left = others.filter(([key]) => key !== member);
  return left.length === 0 && planned === undefined ? undefined : fromEntries(left);
}

/** An object with these members, also with one named `__proto__`. */
const fromEntries = (entries: [string, Json][]): JsonObject => Object.fromEntries(entries);

/** Whether two values are equal; the order of members does not matter. */
export function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const members = Object.keys(a);
  return (
    members.length === Object.keys(b).length &&
    members.every((member) => Object.hasOwn(b, member) && isEqual(a[member], b[member]))
  );
}

export type Parsed = { value: Json; fault?: undefined } | { fault: string };

/** Reads JSON. The fault names its line and column, where the browser tells. */
export function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { fault: faultIn(text, (error as Error).message) };
  }
}

function faultIn(text: string, message: string): string {
  if (text.trim() === '') return 'This is empty. JSON is expected.';
  const before = text.slice(0, faultOffset(text, message)).split('\n');
  return `Line ${before.length}, column ${before.at(-1)!.length + 1}: ${plainMessage(message)}.`;
}

const plainMessage = (message: string): string =>
  message
    .replace(/^JSON\.parse: |^JSON Parse error: /, '')
    .replace(/, "[\s\S]*$| (in JSON )?at (position|line) \d[\s\S]*$/, '')
    .replace(/\.$/, '');

/** Some browsers tell the place; for others it is the end of the shortest text that no further text can complete. */
function faultOffset(text: string, message: string): number {
  const position = /position (\d+)/.exec(message);
  if (position) return Number(position[1]);
  if (isUnfinished(text)) return text.length;
  let [complete, broken] = [0, text.length];
  while (broken - complete > 1) {
    const middle = (complete + broken) >> 1;
    if (isUnfinished(text.slice(0, middle))) complete = middle;
    else broken = middle;
  }
  return complete;
}

/** Whether more text could make this JSON. */
function isUnfinished(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message);
    return position ? Number(position[1]) >= text.length : /end of|EOF|unterminated/i.test(message);
  }
}
