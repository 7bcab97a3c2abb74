// Members of enumerations, by the words that mean them.
import type { Clause } from '../intent/intent.ts';
import { isAmong, isSame, likeness, named, sameState, type Term, term, terms, words } from '../lexicon/words.ts';
import { isNumeric, type Shape } from '../tools/shape.ts';

const known = new WeakMap<readonly unknown[], Map<string, readonly (readonly Term[])[]>>();

/** What a member stands for: its own words, and what the description says of it (`P = pending`, "ending: notice has been given"). */
function meaningsOf(value: string, members: readonly unknown[], description: string): readonly (readonly Term[])[] {
  const own = known.get(members) ?? new Map<string, readonly (readonly Term[])[]>();
  known.set(members, own);
  const present = own.get(value);
  if (present !== undefined) return present;
  const code = value.slice(0, 200).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const behind = `(?<![\\w-])["'\`]?${code}["'\`]?\\s*(?:=|:|->|–|-|means|is|for)\\s*["'\`]?([a-z][a-z ]*[a-z])`;
  const listed = `(?:^|[,;(]\\s*)${code}\\s+([a-z][a-z ]*[a-z])`;
  const isShort = value.length <= 4;
  // A pattern that begins with blanks takes quadratic time over blanks.
  const told = /\S/.test(code) ? new RegExp(isShort ? `${behind}|${listed}` : behind, 'i').exec(description) : null;
  const meant = told?.[1] ?? told?.[2] ?? '';
  // "open: not paid and not yet due" says nothing of what is paid.
  const said = /^(?:not|never|no longer)\b/i.test(meant) ? '' : meant;
  // "sms for a text message to the phone"
  const short = terms((isShort && said ? said : value).split(/ (?:to|in|on|of|with|by|that|which|and|or) /)[0]!);
  // `OPEN = still to be paid`: a short one may be a word, too.
  const word = said !== '' && value.length > 2 ? [term(value.toLowerCase())] : [];
  const whole = isShort ? word : terms(said);
  // One word of a sentence tells too little.
  const isTold =
    isShort ||
    whole.length > 1 ||
    (whole.length === 1 &&
      (words(said).length <= 2 ||
        /^(?:on|in|at|under|out of) (?:the )?\w+$/.test(said) ||
        /^no(?:body|thing|ne)\b/.test(said)));
  const made = [short.length > 0 ? short : [term(value.toLowerCase())], ...(isTold && whole.length > 0 ? [whole] : [])];
  own.set(value, made);
  return made;
}

/** A number whose description says what it stands for, as an enumeration: `1 = urgent, 2 = normal`. */
export function coded(shape: Shape): Shape {
  if (!isNumeric(shape) || shape.enum !== undefined) return shape;
  const told = [...shape.description.matchAll(/(?<![\w.])(\d{1,2})\s*(?:=|:|-|–|for|is|means)?\s*(?=[a-z]{3,})/g)];
  return told.length < 2 ? shape : { ...shape, enum: told.map(([, number]) => number!) };
}

/**
 * The member that some words mean, with how sure that is.
 * @param alike how words are compared
 */
export function enumOf(
  { description, ...shape }: Shape,
  said: readonly Term[],
  alike: (a: Term, b: Term) => number = likeness,
): { value: string; sure: number; by: Term[] } | undefined {
  const members = shape.enum ?? [];
  const meanings = members.flatMap((one) =>
    typeof one === 'string' ? [meaningsOf(one, members, description)[0]!] : [],
  );
  // `O+` and `O-` are one word: only the text tells them apart.
  const isUnlike = (parts: readonly Term[]) =>
    meanings.filter((one) => one.map(({ lemma }) => lemma).join() === parts.map(({ lemma }) => lemma).join()).length ===
    1;
  const isOnly = (part: Term) =>
    meanings.filter((parts) => parts.some(({ lemma }) => lemma === part.lemma)).length === 1;
  let found: { value: string; sure: number; by: Term[] } | undefined;
  for (const value of members) {
    // `no_permit` is no permit.
    if (typeof value !== 'string' || value === '' || LACKS.test(value)) continue;
    const [parts, described] = meaningsOf(value, members, description);
    if (!isUnlike(parts!)) continue;
    const among = (list: readonly Term[]) =>
      list.map((part) => {
        const [one] = said.map((one) => ({ one, sure: alike(one, part) })).sort((a, b) => b.sure - a.sure);
        return one ?? { one: part, sure: 0 };
      });
    const told = among(described ?? []);
    if (told.length > 0 && told.every(({ sure }) => sure >= 0.8) && (found?.sure ?? 0) < 0.9)
      found = { value, sure: 0.9, by: told.map(({ one }) => one) };
    const by = among(parts!);
    const whole = Math.min(...by.map((one) => one.sure)) - (parts!.length > 1 ? 0 : 0.01);
    // `voice_call` is a call: the last word says what it is, the others which.
    // "Ready for collection" may be called ready.
    const head = parts!.length > 1 && by[0]!.sure === 1 && isOnly(parts![0]!) ? 0.85 : 0;
    // "Voice call" and "video call" are both calls.
    const isKind = parts!.length > 1 && by.at(-1)!.sure === 1 && isOnly(parts!.at(-1)!);
    const sure = Math.max(whole, isKind ? 0.9 : head);
    if (sure >= 0.69 && sure > (found?.sure ?? 0))
      found = { value, sure, by: by.flatMap((one) => (one.sure > 0 ? [one.one] : [])) };
  }
  return found;
}

/** A member that tells what is not there. */
const LACKS = /^no[_ -]/i;

/** The member that stands in a text as it is written, with its signs: `O-`, `A+`. */
export function memberIn({ enum: members = [] }: Shape, text: string): { value: string; at: number } | undefined {
  const found = members.flatMap((value) => {
    if (typeof value !== 'string' || value.length > 200) return [];
    // "No-shows": a member of which each word says nothing by itself.
    if (/^[a-z]+(?:[_-][a-z]+)+$/.test(value) && (terms(value).length === 0 || LACKS.test(value))) {
      const at = text.search(new RegExp(`\\b${value.replace(/[_-]/g, '[ _-]')}s?\\b`, 'i'));
      return at < 0 ? [] : [{ value, at }];
    }
    if (!/^[\p{L}\p{N}]+[^\p{L}\p{N}\s_]+/u.test(value) || /^[\w]+-\w/.test(value)) return [];
    const at = text.search(new RegExp(`(?<![\\w+-])${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w+-])`));
    return at < 0 ? [] : [{ value, at }];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** The words by which a switch is spoken of: those of its name, or all that its description says that it holds. */
export function flagOf(
  { name, shape: { type, description } }: { name: string; shape: Shape },
  said: readonly Term[],
  nouns: readonly Term[],
): readonly Term[] | undefined {
  if (type !== 'boolean') return undefined;
  const [, ifTrue] = /\btrue\b\s*[:=]\s*([^;]+)/i.exec(description) ?? [];
  // "Whose fee is (true) or is not (false) paid": what is paid.
  const plain = description
    .replace(/\s*\((?:true|false)\)/g, '')
    .replace(/\s+or\s+(?:is|are|has|have|was|were|do|does)\s+not\b/i, '');
  const told = (ifTrue ?? plain).split(/[.;(]|,\s|\bor\b/)[0]!;
  // "Not on the menu": what is on the menu is not that.
  const isDenied = /\b(?:not|no|never|cannot|without)\b/i.test(told);
  for (const text of isDenied ? [name] : [name, told]) {
    const [denied] = said.filter((one) => one.text === `un${text.toLowerCase()}`);
    if (denied !== undefined) return [denied];
    const own = text.replace(/^\s*(?:whether|only|has|is|if)\b/i, '');
    const wanted = (text === name ? named(own) : terms(own)).filter((one) => !isAmong(one, nouns));
    // "Unpaid fees", where the switch is `fee_paid`.
    const by = wanted.flatMap(
      (one) =>
        said.find(
          (other) =>
            isSame(one, other) ||
            ((wanted.length === 1 || one.text !== 'new') && sameState(one, other) >= 0.8) ||
            other.text === `un${one.text}`,
        ) ?? [],
    );
    if (wanted.length > 0 && by.length === wanted.length) return by;
  }
  return undefined;
}

/** Whether a word turns a switch off: "unpaid" where it is called `fee_paid`. */
export const isUn = (name: string, { text }: Term): boolean => words(name).some((word) => text === `un${word}`);

const JOINT = /^\s*(?:,|,?\s+(?:or|and))\s+(?:(?:the|an?|are|is|still|only|already|currently|just|in)\s+){0,3}$/i;

/** "Goods and work": whether a state is joined to another state of the same field. Either alone would lose the other. */
export function isOneOfSeveral(shape: Shape, said: Term, clause: Pick<Clause, 'topics' | 'text' | 'at'>): boolean {
  const { topics, text, at: start } = clause;
  const memberOf = (one: Term) => enumOf(shape, [one], sameState);
  return topics.slice(1).some((next, index) => {
    const last = topics[index]!;
    if (last.term !== said && next.term !== said) return false;
    const gap = text.slice((last.end ?? last.at + last.term.text.length) - start, next.at - start);
    const [one, other] = [memberOf(last.term), memberOf(next.term)];
    return JOINT.test(gap) && [one, other].every((each) => each && each.sure >= 0.75) && one!.value !== other!.value;
  });
}
