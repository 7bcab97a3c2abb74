// What a step speaks of: by itself, or by what its answer holds.

import { path } from '../../answer/jsonata.ts';
import { countedFields } from '../../answer/result.ts';
import type { Clause, Topic } from '../../intent/intent.ts';
import type { Value } from '../../intent/value.ts';
import { GENERIC, REPORTS } from '../../lexicon/stopwords.ts';
import { best, isAmong, isSame, type Term, words } from '../../lexicon/words.ts';
import type { Catalog } from '../../tools/catalog.ts';
import { fieldsOf, rowFieldsOf } from '../../tools/operation.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Draft, Scope, Step } from '../draft.ts';
import { PRESENCE } from '../fit/slots.ts';

/** Words that any answer could be called by need no place. */
export const isFree = ({ lemma }: Term) => GENERIC.has(lemma) || REPORTS.has(lemma);

/** Whether words speak of a thing: as they are, or by a synonym when no tool has the word itself. */
export const speaks = (list: readonly Term[], one: Term, catalog: Catalog) =>
  isAmong(one, list) || (!catalog.knows(one) && best(one, list) >= 0.7);

/** What a step is about, and what its arguments are. */
export const strong = ({ operation: { nouns, marks, parents, verbs }, filled }: Step): Term[] => [
  ...[nouns, marks, parents, verbs].flat(),
  ...filled.flatMap(({ slot, said }) => [...said, ...slot.names, ...slot.noun, ...slot.aboutNoun]),
];

/** What its answer holds; of a look-up only what leads on. */
export function weak({ operation, purpose }: Step): Term[] {
  const all = fieldsOf(operation);
  const fields = purpose === 'lookup' ? all.filter((field) => referenceNouns(field).length > 0) : all;
  // Switches are spoken of as a whole. What describes the members of an enumeration is said of them.
  const told = fields.flatMap(({ names, about, shape }) =>
    shape.type === 'boolean' ? [] : shape.enum ? names : [...names, ...about],
  );
  return [...told, ...operation.outline.lists.flatMap(({ names }) => names)];
}

/** "That run longer than two hours": words in front of a length that is used. */
export function isOfLength({ term: { text }, at }: Topic, { used }: Draft, { clause }: Scope): boolean {
  const [, behind = ''] = /^\S+(\s+(?:\p{L}+er\s+)?than\s+|\s+)/u.exec(clause.text.slice(at - clause.at)) ?? [];
  const end = at + text.length + behind.length;
  return (
    /^(?:longer|shorter|runs?|lasts?|takes?|took)$/.test(text) &&
    [...used].some((one) => one.kind === 'duration' && one.compare !== undefined && one.at === end)
  );
}

/** "How many guests are coming", where a figure of the rows tells the guests. */
export const isPresence = ({ text }: Term, { goal }: Draft, { clause }: Scope): boolean =>
  PRESENCE.test(text) &&
  clause.picking.counted !== undefined &&
  countedFields(rowFieldsOf(goal.operation), clause.picking.counted, clause.topics).length === 1;

/** "Permits that expire next month", where the time goes by the day until which they hold. */
export function isEnding({ term: one, at }: Topic, { goal, used, conditions }: Draft): boolean {
  if (!/^(?:expir\w+|ends?|ending)$/.test(one.text)) return false;
  const isLasting = (name: string) => words(name).some((word) => /^(?:until|valid|expir\w+|ends?)$/.test(word));
  return [...used].some(
    (value) =>
      /^(?:moment|period)$/.test(value.kind) &&
      value.before[0] === one &&
      value.at > at &&
      (goal.filled.some((fill) => fill.used.includes(value) && isLasting(fill.slot.name)) ||
        fieldsOf(goal.operation).some(
          ({ name, path: to }) => isLasting(name) && conditions.some((told) => told.includes(`substring(${path(to)},`)),
        )),
  );
}

/** "Ready for pickup" is ready. @param here what stands before a word */
export const isReadiness = (here: string, { goal, said }: Draft): boolean =>
  /\bready\s+for\s+(?:(?:the|an?)\s+)?$/i.test(here) &&
  [...said, ...goal.filled.flatMap((one) => one.said)].some(({ text }) => text === 'ready');

/** "Set her membership to active", where the state that is set is described as that of the membership. */
export function isOfSet({ term: one, at }: Topic, { goal }: Draft, { writes, clause }: Scope): boolean {
  const [before, after] = [clause.text.slice(0, at - clause.at), clause.text.slice(at - clause.at + one.text.length)];
  const isHers =
    /(?:\b(?:his|her|their|its|the)|['’]s?)\s+$/i.test(before) && /^\s+(?:back\s+)?(?:to|as)\b/i.test(after);
  return writes && isHers && goal.filled.some(({ slot }) => slot.sent && slot.shape.enum && isAmong(one, slot.about));
}

/** A clause without the words of what is told before it. */
export const withoutStated = (clause: Clause): Clause => ({
  ...clause,
  topics: clause.topics.filter(({ isStated }) => !isStated),
});

/** The text of a clause without what is quoted or sent. */
export const masked = (text: string, free: Scope['free'], start: number): string =>
  free.reduce(
    (rest, { kind, at, end, fromContext }) =>
      fromContext || !/^(?:quoted|text)$/.test(kind) || at < start
        ? rest
        : `${rest.slice(0, at - start)}${' '.repeat(end - at)}${rest.slice(end - start)}`,
    text,
  );

/** "in the sales desk": a word of the name of a service, where it is named as a place or as a whole, or only ends a filter. */
export function namesService({ term: one, at }: Topic, { steps }: Draft, { clause }: Scope): boolean {
  const before = clause.text.slice(0, at - clause.at);
  const isPlace = /\b(?:in|at|on|from|into|to|via|through|with|using)\s+(?:(?:the|our|my|your)\s+)?$/i.test(before);
  const isSaid = (name: Term) => clause.topics.some(({ term: other }) => isSame(other, name));
  // "aggressive bees": a filter says more than the word behind it.
  const filters = steps.flatMap(({ filled }) => filled.flatMap(({ said }) => said));
  const isBehind = filters.some(({ text }) => before.trimEnd().toLowerCase().endsWith(` ${text}`));
  return steps.some(({ operation: { service } }) => {
    const isWhole = service.length > 1 && service.every(isSaid);
    return isAmong(one, service) && (isPlace || isBehind || isWhole);
  });
}

/** A time says nothing of which thing is meant. */
export const isTelling = ({ kind }: Value) => kind !== 'moment' && kind !== 'period';

/** Whether what is done on the way was spoken of: by a value that it takes, or by its name. */
export const isCalledFor = ({ steps }: Draft, { clause }: Scope): boolean =>
  steps.every(({ purpose, filled, isByName, isSpoken, operation: { nouns, marks, outline } }) => {
    const names = [...nouns, ...marks, ...outline.lists.flatMap((list) => list.names)];
    const isNamed = () => clause.topics.some(({ term: one }) => best(one, names) >= 0.7);
    return purpose !== 'lookup' || isSpoken || isByName || filled.some(({ used }) => used.some(isTelling)) || isNamed();
  });
