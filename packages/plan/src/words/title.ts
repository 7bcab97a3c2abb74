import type { ToolSpec } from '@errand/contracts';
import { displayName, words } from '../tools/label.ts';
import { capitalize, singular } from './text.ts';

const IRREGULAR = new Map(
  `get got, find found, read read, send sent, set set, reset reset, put put, make made, write wrote, run ran, pay paid,
  give gave, take took, buy bought, sell sold, log logged, stop stopped, submit submitted, cancel cancelled,
  transfer transferred, ship shipped, plan planned, drop dropped, tag tagged, pin pinned, ban banned, begin began`
    .split(/,\s+/)
    .map((entry) => entry.split(' ') as [verb: string, past: string]),
);
const REGULAR =
  'accept activate add append apply approve archive assign attach block book calculate change charge check clear close comment complete confirm copy count create deactivate decline delete detach disable download edit enable export fetch import insert invite invoke issue join leave link list lock look mark merge modify move notify open order patch place post publish query query record refund register reject release remove rename reopen replace reply report request resend reserve resolve restore retrieve return revoke save schedule search share show sign start subscribe sync trigger unassign unlink unlock unpublish unsubscribe update upload upsert validate verify view void';
const VERBS = new Set([...IRREGULAR.keys(), ...REGULAR.split(' ')]);

/** "Create a ticket" in parts: a verb, and its object. Without a known verb all of it is `rest`. */
export type Title = {
  verb: string | undefined;
  /** "a ticket". */
  rest: string;
  /** "ticket", in the singular; empty when the title names none. */
  noun: string;
  /** Whether the object is plural: "List tickets". */
  plural: boolean;
};

/** The title of a tool, in parts. */
export function parseTitle({ title, operation }: Pick<ToolSpec, 'title' | 'operation'>): Title {
  const text = title === undefined ? words(operation) : displayName(title);
  const [first = '', ...others] = text.split(' ');
  const verb = verbOf(first.toLowerCase());
  const rest = verb === undefined ? text : others.join(' ');
  const bare = rest.replace(/^(?:an?|the|all|one|some|new|my|your)\s+/i, '').replace(/^(?:list|set|page)s? of\s+/i, '');
  const [head = ''] = bare.split(/\s(?:of|for|by|from|with|in|to|on|at|that|which|and|or)\b|[,(:]/);
  const named = lowered(head.trim());
  const noun = named === '' ? '' : singular(named);
  return { verb, rest, noun, plural: noun !== named };
}

/** The base form of a verb, also of "creates". */
const verbOf = (word: string): string | undefined =>
  [word, word.replace(/s$/, ''), word.replace(/es$/, ''), word.replace(/ies$/, 'y')].find((form) => VERBS.has(form));

export const titleText = ({ verb, rest }: Title): string => capitalize([verb ?? '', rest].join(' ').trim());

/** "created" for "create". */
export function pastOf(verb: string): string {
  const irregular = IRREGULAR.get(verb);
  if (irregular !== undefined) return irregular;
  if (verb.endsWith('e')) return `${verb}d`;
  return /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ied` : `${verb}ed`;
}

// Abbreviations such as "URL" keep their capitals.
const lowered = (text: string): string =>
  /^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
