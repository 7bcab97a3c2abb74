// What is told before an errand, and what its names and figures are of: "Ana rang. What is the state of her trip?"
import { lemma } from '../lexicon/stem.ts';
import { term, words } from '../lexicon/words.ts';
import type { Text } from './text.ts';
import type { Value } from './value.ts';

/** What was spoken of before: "his permits". */
export const REFERS = /\b(?:its?|them|their|they|him|his|hers?|both|that|this|those|these)\b/i;

export const isTime = ({ kind }: Value) => /^(?:moment|period|duration)$/.test(kind);

/** "Julia Brandt called. Change the guests of the Gala to 52": who told it, where the command names what it is about and speaks of nobody else. */
export function isAside(
  { kind, self }: Value,
  found: readonly Value[],
  { command, stated }: { command: string; stated: number },
): boolean {
  const isOwn = (one: Value) => /^(?:name|id|quoted)$/.test(one.kind) && one.at >= stated && !one.self;
  return kind === 'name' && !self && found.some(isOwn) && !REFERS.test(command);
}

/** "Change the rate of Ana to 0.13": the figure is a rate. */
export function setOf({ kind, at, before }: Value, found: readonly Value[], text: string): Partial<Value> {
  const isThing = (one: Value) => /^(?:name|id|quoted)$/.test(one.kind) && /^(?:of|for)$/.test(one.preposition ?? '');
  const thing = found.find(
    (one) => isThing(one) && /^\s+to\s+[€$£]?\s*$/.test(text.slice(one.end, Math.max(at, one.end))),
  );
  return kind === 'number' && thing !== undefined ? { before: [...thing.ties, ...before] } : {};
}

/** "Ana rang. What is the state of her trip?": the only one that is told of before is whose it is, or for whom. */
export function referredIn(command: string, found: readonly Value[], stated: number, isThing: Text['isThing']) {
  const [value, ...more] = found.filter(({ kind, self, at }) => kind === 'name' && !self && at < stated);
  if (value === undefined || more.length > 0) return undefined;
  const [, its] = /\b(?:his|her|their|its)\s+((?:\p{L}+\s+){0,2}\p{L}+)/iu.exec(command) ?? [];
  const [, preposition] =
    /\b(for|to|with|of|from|by|about)\s+(?:him|them|it|his(?!\s+\p{L})|hers|theirs|her(?=\s*(?:$|[.,;?!]|(?:with|for|at|on|to|from|in|by|and)\b)))/iu.exec(
      command,
    ) ?? [];
  // "A reporter visits Fjell House. Who leads the trips to that hut?"
  const [, to, thing] =
    /\b(?:(for|to|with|of|from|by|about|in|at|on)\s+)?(?:that|this)\s+(\p{Ll}{3,})/iu.exec(command) ?? [];
  const isOne = thing !== undefined && isThing(term(thing)) && lemma(thing) === thing;
  return {
    value,
    told: {
      ...(isOne && { type: [term(thing)], preposition: to?.toLowerCase() ?? value.preposition }),
      ...(its !== undefined && { owned: words(its).map(term) }),
      ...(preposition !== undefined && { preposition: preposition.toLowerCase() }),
      ...(/\b(?:do|does|did)\s+(?:he|she|they|it)\b/i.test(command) && { subject: true }),
    },
  };
}

/** "I have Sophie Albrecht's mother on the phone. When is Sophie's next lesson?": one who is told of before, by her whole name or by a part of it. */
export function sameNames(found: Value[], stated: number): void {
  const names = found.filter(({ kind, self }) => kind === 'name' && self !== true);
  for (const before of names.filter(({ at }) => at < stated)) {
    const isLonger = (one: Value, other: Value) => one.text.startsWith(`${other.text} `);
    const isSame = (one: Value) => one.at >= stated && (isLonger(one, before) || isLonger(before, one));
    const [own, ...more] = names.filter(isSame);
    if (own === undefined || more.length > 0) continue;
    found.splice(found.indexOf(before), 1);
    if (isLonger(before, own)) found[found.indexOf(own)] = { ...own, text: before.text };
  }
}
