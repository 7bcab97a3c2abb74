import type { Effect } from '../base/scalars.ts';

/** Increase it with each change of the words and rules below: the effects of stored tools are then determined again. */
export const EFFECT_WORDS_VERSION = 1;

/** An operation as its source describes it. Tools of MCP servers have neither method nor path, but may have hints. */
export type NamedOperation = {
  operation: string;
  method?: string | null | undefined;
  path?: string | null | undefined;
  title?: string | null | undefined;
  description?: string | null | undefined;
  hints?: { readonly [name: string]: unknown } | null | undefined;
};

const wordSet = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Verbs of changes. They count wherever an operation has its verb. */
const WRITES = wordSet(
  'delete remove destroy drop purge erase wipe revoke create add insert send publish approve reject enable disable activate deactivate install uninstall subscribe unsubscribe cancel',
);
/** Verbs that can also be nouns or adjectives. They count unless something shows that they are not verbs. */
const MAY_WRITE = wordSet(
  'update set reset open close start stop share push upload write edit move merge import run save execute',
);
/** Words that count only at the end of the name of a method, as in `workflows.stepFailed`. */
const ENDS_WRITE = wordSet('request completed failed');
/** Verbs of queries that may end a name, and those that only begin one because they can also be nouns. */
const ENDS_QUERY = wordSet('search query qry lookup find count');
const BEGINS_QUERY = wordSet('get fetch retrieve list filter');
/** Other verbs of reads. */
const READS = wordSet('check show describe download');

/** The UTF-16 units that are read of a text. */
const MAX_TEXT = 200;

/**
 * The effect of an operation by its words, if it is not the `stated` one. An English verb counts at the beginning of the name, title
 * or description, and in the last part of the name or path. A POST that only queries is a read.
 * @param stated the effect by the method or the hints of the server
 * @returns undefined if the words do not contradict
 */
export function effectByWords(tool: NamedOperation, stated: Effect): Effect | undefined {
  const names = namesOf(tool);
  const { destructiveHint, readOnlyHint } = tool.hints ?? {};
  if (stated === 'read') return destructiveHint === true || saysWrite(tool, names) ? 'write' : undefined;
  const mayQuery = (tool.method ?? 'POST') === 'POST' && destructiveHint !== true && readOnlyHint !== false;
  return mayQuery && saysQuery(tool, names) ? 'read' : undefined;
}

type Names = {
  /** The words of its name, without the method that a derived name begins with, and those of the last part of the name. */
  name: readonly string[];
  last: readonly string[];
  /** The words of the last fixed part of its path; those of the name's last part where it has no path. */
  call: readonly string[];
  /** Whether `call` is the name of a method, as in `/views.open` or `/tasks:cancel`. */
  isMethod: boolean;
  /** Whether `call` follows a parameter, as in `/issues/{id}/close`. */
  onItem: boolean;
};

function namesOf({ operation, method, path }: NamedOperation): Names {
  const name = wordsOf(operation);
  const last = wordsOf(lastPart(operation));
  if (path === undefined || path === null) return { name, last, call: last, isMethod: true, onItem: false };
  const segments = path.slice(-MAX_TEXT).split('/').filter(Boolean);
  const at = segments.findLastIndex((segment) => fixedPart(segment) !== '');
  const parts = fixedPart(segments[at] ?? '').split(/[.:]|[?#&][\w-]*=/);
  const isDerived = name[0] === method?.toLowerCase() && isNameOf(name.slice(1), path);
  return {
    name: isDerived ? [] : name,
    last: isDerived ? [] : last,
    call: wordsOf(parts.at(-1)!),
    isMethod: parts.length > 1,
    onItem: segments[at - 1]?.startsWith('{') ?? false,
  };
}

/** A segment of a path without its parameters and without the ending of a file. */
const fixedPart = (segment: string): string =>
  segment.replace(/\{[^}]*\}|\([^)]*\)/g, '').replace(/\.(json|xml|php|do)$|[.:]$/i, '');

const isQuery = (word: string | undefined): boolean =>
  word !== undefined && (ENDS_QUERY.has(word) || BEGINS_QUERY.has(word));

const isRead = (word: string | undefined): boolean => isQuery(word) || READS.has(word ?? '');

const saysWrite = (tool: NamedOperation, names: Names): boolean =>
  namesWrite(names) ||
  (!isRead(wordsOf(tool.title ?? '')[0]) && mayNameWrite(names)) ||
  sentencesOf(tool).some(beginsWithWrite) ||
  [tool.operation, tool.path ?? ''].some(mixesScripts);

/** Whether the name or the path has the verb of a change. */
function namesWrite(names: Names): boolean {
  const { name, last, call, isMethod } = names;
  const [verb = ''] = name;
  const [ofCall = ''] = call;
  if (WRITES.has(verb) || (!namesRead(names) && WRITES.has(last[0] ?? ''))) return true;
  if (WRITES.has(ofCall) && (!isNoun(names) || call.length === 1)) return true;
  return isMethod && ENDS_WRITE.has(call.at(-1) ?? '') && !isRead(ofCall);
}

/** The same for words that can be nouns. */
function mayNameWrite(names: Names): boolean {
  const { name, call, isMethod, onItem } = names;
  if (MAY_WRITE.has(name[0] ?? '') && !namesRead(names)) return true;
  return MAY_WRITE.has(call[0] ?? '') && (isMethod || (onItem && call.length === 1)) && !isNoun(names);
}

const namesRead = ({ name, last }: Names): boolean => isRead(name[0] ?? '') || isRead(last[0]);

/** Whether the first word of the path's last part is a noun, as in GET /sets/{id}/set, called getSet. */
const isNoun = (names: Names): boolean =>
  namesRead(names) && names.name.some((word) => word.startsWith(names.call[0] ?? ''));

function saysQuery(tool: NamedOperation, { name, last, call, isMethod }: Names): boolean {
  const queries =
    isQuery(name[0]) ||
    (isQuery(last[0]) && last.length > 1) ||
    ENDS_QUERY.has(last.at(-1) ?? '') ||
    ENDS_QUERY.has(call.at(-1) ?? '') ||
    (isQuery(call[0]) && (call.length === 1 || isMethod));
  const changes = [...name, ...call].some((word) => WRITES.has(word) || MAY_WRITE.has(word) || ENDS_WRITE.has(word));
  return queries && !changes && !sentencesOf(tool).some(beginsWithWrite);
}

/** The sentences that begin with its verb. "Enables an app to find …" may describe a title that says "Get …". */
const sentencesOf = ({ title, description }: NamedOperation): string[] => [
  title ?? '',
  isRead(wordsOf(title ?? '')[0]) ? '' : (description ?? ''),
];

/** Whether a sentence begins with the verb of a change: "Deletes …", or "Update the …" where the word may be a noun. */
function beginsWithWrite(text: string): boolean {
  const unmarked = text.slice(0, MAX_TEXT).replace(/^(?:<[^<>]*>|[\s*_#"'-])+/, '');
  const [first = '', next = ''] = unmarked.split(/\s+/, 2);
  const [word = '', ...more] = wordsOf(first);
  if (mixesScripts(first)) return true;
  const isOf = (set: ReadonlySet<string>) =>
    [word, word.replace(/s$/, ''), word.replace(/es$/, '')].some((w) => set.has(w));
  if (more.length > 0 || /^enables?$/.test(word)) return false;
  return isOf(WRITES) || (isOf(MAY_WRITE) && /^(an?|the|all|your|this)$/i.test(next));
}

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/** The beginning of a text without invisible characters and accents, and with letters of the usual width. */
function plain(text: string): string {
  const begin = text.slice(0, MAX_TEXT);
  return isAscii(begin) ? begin : begin.normalize('NFKD').replace(/[\p{Cf}\p{M}]/gu, '');
}

/** The words of a name in lower case: `auth.revoke`, `stepFailed`, `get_URLPath` and `list-by-id` have two or three. */
function wordsOf(text: string): string[] {
  const begin = plain(text);
  const words = begin.match(
    isAscii(begin) ? /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g : /\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\P{L}\p{Lu}]+/gu,
  );
  return words?.map((word) => word.toLowerCase()) ?? [];
}

/** The last part of a name, between separators other than hyphens. */
const lastPart = (text: string): string =>
  plain(text)
    .split(/[\s_.,/:;#|~+*=]+/)
    .findLast(Boolean) ?? '';

/** Whether a name is made of a path, as that of an operation without an id is. */
function isNameOf(name: readonly string[], path: string): boolean {
  const joined = (words: readonly string[]) => words.filter((word) => word !== 'by').join('');
  return joined(wordsOf(path)).startsWith(joined(name).slice(0, 40));
}

const LOOKALIKE = '[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}\\p{Script=Cherokee}]';
const MIXED = new RegExp(`\\p{Script=Latin}${LOOKALIKE}|${LOOKALIKE}\\p{Script=Latin}`, 'u');

/** Whether a word mixes Latin letters with letters that look like them: then it is not the word that people read. */
const mixesScripts = (text: string): boolean => !isAscii(text) && MIXED.test(plain(text));
