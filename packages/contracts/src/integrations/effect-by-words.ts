// Determines by names and descriptions whether an operation reads or writes. Imports of integrations call it.
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
const WRITE_VERBS = wordSet(
  'delete remove destroy drop purge erase wipe revoke create add insert send publish approve reject enable disable activate deactivate install uninstall subscribe unsubscribe cancel',
);
/** Verbs that can also be nouns or adjectives. They count unless something shows that they are not verbs. */
const AMBIGUOUS_WRITE_VERBS = wordSet(
  'update set reset open close start stop share push upload write edit move merge import run save execute',
);
/** Words that count only at the end of the name of a method, as in `workflows.stepFailed`. */
const WRITE_ENDINGS = wordSet('request completed failed');
/** Verbs of queries that may end a name, and those that only begin one because they can also be nouns. */
const QUERY_ENDINGS = wordSet('search query qry lookup find count');
const QUERY_BEGINNINGS = wordSet('get fetch retrieve list filter');
/** Other verbs of reads. */
const READ_VERBS = wordSet('check show describe download');

/** The UTF-16 units that are read of a text. */
const MAX_TEXT_LENGTH = 200;

/**
 * The effect of an operation by its words, if it is not the `stated` one. An English verb counts at the beginning of the name, title
 * or description, and in the last part of the name or path. A POST that only queries is a read.
 * @param stated the effect by the method or the hints of the server
 * @returns undefined if the words do not contradict
 */
export function effectByWords(tool: NamedOperation, stated: Effect): Effect | undefined {
  const words = wordsOfOperation(tool);
  const { destructiveHint, readOnlyHint } = tool.hints ?? {};
  if (stated === 'read') return destructiveHint === true || describesWrite(tool, words) ? 'write' : undefined;
  const mayQuery = (tool.method ?? 'POST') === 'POST' && destructiveHint !== true && readOnlyHint !== false;
  return mayQuery && describesQuery(tool, words) ? 'read' : undefined;
}

type OperationWords = {
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

function wordsOfOperation({ operation, method, path }: NamedOperation): OperationWords {
  const name = wordsOf(operation);
  const last = wordsOf(lastPart(operation));
  if (path === undefined || path === null) return { name, last, call: last, isMethod: true, onItem: false };
  const segments = path.slice(-MAX_TEXT_LENGTH).split('/').filter(Boolean);
  const at = segments.findLastIndex((segment) => withoutParameters(segment) !== '');
  const parts = withoutParameters(segments[at] ?? '').split(/[.:]|[?#&][\w-]*=/);
  const isDerived = name[0] === method?.toLowerCase() && isDerivedName(name.slice(1), path);
  return {
    name: isDerived ? [] : name,
    last: isDerived ? [] : last,
    call: wordsOf(parts.at(-1)!),
    isMethod: parts.length > 1,
    onItem: segments[at - 1]?.startsWith('{') ?? false,
  };
}

/** A segment of a path without its parameters and without the ending of a file. */
const withoutParameters = (segment: string): string =>
  segment.replace(/\{[^{}]*\}|\([^()]*\)/g, '').replace(/\.(json|xml|php|do)$|[.:]$/i, '');

const isQueryVerb = (word: string | undefined): boolean =>
  word !== undefined && (QUERY_ENDINGS.has(word) || QUERY_BEGINNINGS.has(word));

const isReadVerb = (word: string | undefined): boolean => isQueryVerb(word) || READ_VERBS.has(word ?? '');

const describesWrite = (tool: NamedOperation, words: OperationWords): boolean =>
  hasWriteVerb(words) ||
  (!isReadVerb(wordsOf(tool.title ?? '')[0]) && hasAmbiguousWriteVerb(words)) ||
  sentencesOf(tool).some(beginsWithWrite) ||
  [tool.operation, tool.path ?? ''].some(mixesScripts);

/** Whether the name or the path has the verb of a change. */
function hasWriteVerb(words: OperationWords): boolean {
  const { name, last, call, isMethod } = words;
  const [verb = ''] = name;
  const [callVerb = ''] = call;
  if (WRITE_VERBS.has(verb) || (!hasReadVerb(words) && WRITE_VERBS.has(last[0] ?? ''))) return true;
  if (WRITE_VERBS.has(callVerb) && (!isNoun(words) || call.length === 1)) return true;
  return isMethod && WRITE_ENDINGS.has(call.at(-1) ?? '') && !isReadVerb(callVerb);
}

/** The same for words that can be nouns. */
function hasAmbiguousWriteVerb(words: OperationWords): boolean {
  const { name, call, isMethod, onItem } = words;
  if (AMBIGUOUS_WRITE_VERBS.has(name[0] ?? '') && !hasReadVerb(words)) return true;
  return AMBIGUOUS_WRITE_VERBS.has(call[0] ?? '') && (isMethod || (onItem && call.length === 1)) && !isNoun(words);
}

const hasReadVerb = ({ name, last }: OperationWords): boolean => isReadVerb(name[0] ?? '') || isReadVerb(last[0]);

/** Whether the first word of the path's last part is a noun, as in GET /sets/{id}/set, called getSet. */
const isNoun = (words: OperationWords): boolean =>
  hasReadVerb(words) && words.name.some((word) => word.startsWith(words.call[0] ?? ''));

function describesQuery(tool: NamedOperation, { name, last, call, isMethod }: OperationWords): boolean {
  const queries =
    isQueryVerb(name[0]) ||
    (isQueryVerb(last[0]) && last.length > 1) ||
    QUERY_ENDINGS.has(last.at(-1) ?? '') ||
    QUERY_ENDINGS.has(call.at(-1) ?? '') ||
    (isQueryVerb(call[0]) && (call.length === 1 || isMethod));
  const changes = [...name, ...call].some(
    (word) => WRITE_VERBS.has(word) || AMBIGUOUS_WRITE_VERBS.has(word) || WRITE_ENDINGS.has(word),
  );
  return queries && !changes && !sentencesOf(tool).some(beginsWithWrite);
}

/** The sentences that begin with its verb. "Enables an app to find …" may describe a title that says "Get …". */
const sentencesOf = ({ title, description }: NamedOperation): string[] => [
  title ?? '',
  isReadVerb(wordsOf(title ?? '')[0]) ? '' : (description ?? ''),
];

/** Whether a sentence begins with the verb of a change: "Deletes …", or "Update the …" where the word may be a noun. */
function beginsWithWrite(text: string): boolean {
  const withoutMarkup = text.slice(0, MAX_TEXT_LENGTH).replace(/^(?:<[^<>]*>|[\s*_#"'-])+/, '');
  const [first = '', next = ''] = withoutMarkup.split(/\s+/, 2);
  const [word = '', ...more] = wordsOf(first);
  if (mixesScripts(first)) return true;
  const isIn = (set: ReadonlySet<string>) =>
    [word, word.replace(/s$/, ''), word.replace(/es$/, '')].some((form) => set.has(form));
  if (more.length > 0 || /^enables?$/.test(word)) return false;
  return isIn(WRITE_VERBS) || (isIn(AMBIGUOUS_WRITE_VERBS) && /^(an?|the|all|your|this)$/i.test(next));
}

const isAscii = (text: string): boolean => /^[ -~]*$/.test(text);

/** The beginning of a text without invisible characters and accents, and with letters of the usual width. */
function normalize(text: string): string {
  const beginning = text.slice(0, MAX_TEXT_LENGTH);
  return isAscii(beginning) ? beginning : beginning.normalize('NFKD').replace(/[\p{Cf}\p{M}]/gu, '');
}

/** The words of a name in lower case: `auth.revoke`, `stepFailed`, `get_URLPath` and `list-by-id` have two or three. */
function wordsOf(text: string): string[] {
  const beginning = normalize(text);
  const words = beginning.match(
    isAscii(beginning) ? /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g : /\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\P{L}\p{Lu}]+/gu,
  );
  return words?.map((word) => word.toLowerCase()) ?? [];
}

/** The last part of a name, between separators other than hyphens. */
const lastPart = (text: string): string =>
  normalize(text)
    .split(/[\s_.,/:;#|~+*=]+/)
    .findLast(Boolean) ?? '';

/** Whether a name is made of a path, as that of an operation without an id is. */
function isDerivedName(name: readonly string[], path: string): boolean {
  const joined = (words: readonly string[]) => words.filter((word) => word !== 'by').join('');
  return joined(wordsOf(path)).startsWith(joined(name).slice(0, 40));
}

const LOOKALIKE_LETTER = '[\\p{Script=Cyrillic}\\p{Script=Greek}\\p{Script=Armenian}\\p{Script=Cherokee}]';
const MIXED_SCRIPTS = new RegExp(`\\p{Script=Latin}${LOOKALIKE_LETTER}|${LOOKALIKE_LETTER}\\p{Script=Latin}`, 'u');

/** Whether a word mixes Latin letters with letters that look like them: then it is not the word that people read. */
const mixesScripts = (text: string): boolean => !isAscii(text) && MIXED_SCRIPTS.test(normalize(text));
