import { isRecord } from '@errand/basics/is-record';
/** The JSON of a model's answer, or a sentence for the model about the fault of its answer. */
export type Extracted = { ok: true; value: unknown } | { ok: false; complaint: string };

const MAX_DEPTH = 64;
const MAX_STARTS = 50;

/**
 * Finds the JSON object in an answer: alone, in a code fence, amid prose, after a chain of thought, or written as a JSON string. Takes the
 * last of several objects that `isExpected` accepts, because models think first and answer last.
 */
export function extractJson(text: string, isExpected: (value: object) => boolean): Extracted {
  const answer = withoutThoughts(text.trim());
  if (!answer) return { ok: false, complaint: 'The answer was empty.' };
  const whole = unwrap(parse(answer), isExpected);
  if (isRecord(whole)) return checkStorable(whole);

  const candidates = objectsIn(answer);
  const objects = candidates.texts.map((text) => unwrap(parse(text), isExpected)).filter(isRecord);
  const best = objects.findLast(isExpected) ?? objects.at(-1);
  if (best && (isExpected(best) || !candidates.isLastUnclosed)) return checkStorable(best);
  if (candidates.isLastUnclosed)
    return { ok: false, complaint: 'The JSON object in the answer does not end: a bracket is not closed.' };
  if (candidates.texts.length > 0)
    return { ok: false, complaint: `The answer is not valid JSON: ${syntaxErrorText(candidates.texts.at(-1) ?? '')}` };
  return { ok: false, complaint: 'The answer holds no JSON object.' };
}

function parse(text: string): unknown {
  for (const repair of [(json: string) => json, (json: string) => withoutTrailingCommas(withoutComments(json))]) {
    try {
      return JSON.parse(repair(text));
    } catch {
      // Try the next form.
    }
  }
  return undefined;
}

/** Parses JSON within a JSON string, and unwraps an expected object that is the only member of another. */
function unwrap(value: unknown, isExpected: (value: object) => boolean): unknown {
  const json = typeof value === 'string' ? parse(value) : value;
  if (!isRecord(json) || isExpected(json)) return json;
  const members = Object.values(json);
  const [firstMember] = members;
  const inner =
    typeof firstMember === 'string' && firstMember.trimStart().startsWith('{') ? parse(firstMember) : firstMember;
  return members.length === 1 && isRecord(inner) && isExpected(inner) ? inner : json;
}

function syntaxErrorText(text: string): string {
  try {
    JSON.parse(text);
    return 'it is not an object.';
  } catch (error) {
    return (error as Error).message.slice(0, 200);
  }
}

function withoutThoughts(text: string): string {
  const tagName = /^<(think|thinking)>/i.exec(text)?.[1];
  const at = tagName ? text.toLowerCase().lastIndexOf(`</${tagName.toLowerCase()}>`) : -1;
  return tagName && at !== -1 ? text.slice(at + tagName.length + 3).trim() : text;
}

/** The commonest slip. Without a regular expression, which takes quadratic time on hostile text. */
function withoutTrailingCommas(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  let comma = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (character === ',') comma = at;
    else if ((character === '}' || character === ']') && comma !== -1) {
      pieces.push(text.slice(from, comma));
      from = comma + 1;
      comma = -1;
    } else if (!/\s/.test(character)) {
      comma = -1;
      if (character === '"') at = endOfString(text, at);
    }
  }
  return pieces.join('') + text.slice(from);
}

/** Removes JavaScript comments, which JSON does not allow. */
function withoutComments(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfString(text, at);
    else if (text[at] === '/') {
      const end = endOfComment(text, at);
      if (end === at) continue;
      pieces.push(text.slice(from, at));
      from = end;
      at = end - 1;
    }
  }
  return pieces.join('') + text.slice(from);
}

/** The position of the last quotation mark of a string that begins at `from`; the end of the text if it is unclosed. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** The end of a comment that begins at `at`; `at` itself when none begins there. */
function endOfComment(text: string, at: number): number {
  const next = text[at + 1];
  if (next !== '/' && next !== '*') return at;
  const end = next === '/' ? text.indexOf('\n', at) : text.indexOf('*/', at + 2);
  if (end === -1) return text.length;
  return next === '/' ? end : end + 2;
}

/** The outermost `{…}` of a text. `isLastUnclosed`: the last one does not end. */
function objectsIn(text: string): { texts: string[]; isLastUnclosed: boolean } {
  const texts: string[] = [];
  let from = text.indexOf('{');
  // Each unclosed start costs one pass over the rest, so starts are limited.
  for (let starts = 0; from !== -1 && starts < MAX_STARTS; starts++) {
    const end = endOfObject(text, from);
    if (end !== -1) {
      texts.push(text.slice(from, end));
      from = text.indexOf('{', end);
    } else if (/^\{\s*"/.test(text.slice(from, from + 200))) {
      // The rest of the text is inside the object that was cut off.
      return { texts, isLastUnclosed: true };
    } else from = text.indexOf('{', from + 1);
  }
  return { texts, isLastUnclosed: false };
}

function endOfObject(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '/') at = Math.max(at, endOfComment(text, at) - 1);
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return -1;
}

/** Refuses values that Postgres cannot store or a recursive reader cannot read. Walks without recursion. */
function checkStorable(value: object): Extracted {
  const stack: NestedValue[] = [{ item: value, depth: 1 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const complaint = complaintAbout(next);
    if (complaint !== undefined) return { ok: false, complaint };
    const { item, depth } = next;
    if (typeof item === 'object' && item !== null)
      for (const [key, child] of Object.entries(item))
        stack.push({ item: key, depth }, { item: child, depth: depth + 1 });
  }
  return { ok: true, value };
}

type NestedValue = { item: unknown; depth: number };

function complaintAbout({ item, depth }: NestedValue): string | undefined {
  if (typeof item === 'string')
    return item.includes('\u0000') || /\p{Surrogate}/u.test(item)
      ? 'A string holds NUL or half of a surrogate pair.'
      : undefined;
  if (typeof item !== 'object' || item === null) return undefined;
  if (depth > MAX_DEPTH) return `The JSON is nested deeper than ${MAX_DEPTH} levels.`;
  return Object.hasOwn(item, '__proto__') ? 'The key "__proto__" is not allowed.' : undefined;
}
