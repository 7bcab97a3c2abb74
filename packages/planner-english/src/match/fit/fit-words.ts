// Arguments that words of the intent and pairs of the context tell, and those that a schema leaves no choice about.
import type { Json } from '@errand/contracts';
import { bind, join } from '../../answer/jsonata.ts';
import { isOfSum } from '../../answer/result.ts';
import { Text } from '../../intent/text.ts';
import type { Value } from '../../intent/value.ts';
import { STOPWORDS } from '../../lexicon/stopwords.ts';
import { allTerms, isAmong, likeness, overlap, sameState, type Term, term, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../../tools/operation.ts';
import { isNumeric } from '../../tools/shape.ts';
import type { Filled, Scope } from '../draft.ts';
import { coded, enumOf, flagOf, isOneOfSeveral, isUn, memberIn } from '../enum.ts';
import { renderPlain } from '../render.ts';
import { asCurrency, codeOf, currencySlot, isCode } from './codes.ts';
import { denialOf, deniedLength, PURPOSE } from './denials.ts';
import { isDone } from './done.ts';
import type { Fit } from './slots.ts';

/** A member of an enumeration that a word of the intent names: "open invoices". */
export function fromWords(slot: Slot, operation: Operation, scope: Scope): Filled | undefined {
  const { nouns } = operation;
  const { bound, required } = slot;
  const shape = coded(slot.shape);
  if (isCode(slot)) return fromName(slot, scope);
  if (shape.type === 'boolean') return fromFlag(slot, nouns, scope);
  if (shape.enum === undefined || bound !== undefined) return undefined;
  const { enum: members } = shape;
  const plain = unquoted(scope);
  const inMoney = fromCurrency(slot, scope);
  if (inMoney !== undefined) return inMoney;
  const written = memberIn(shape, plain);
  if (written !== undefined) {
    const [from, to] = [written.at + scope.clause.at, written.at + scope.clause.at + written.value.length];
    const said = scope.clause.topics.flatMap(({ term: one, at }) => (at >= from && at < to ? [one] : []));
    const denied = scope.clause.denials.flatMap(({ at }) => (at >= from && at < to ? [at] : []));
    return { slot, value: written.value, used: [], said, denied, sure: 4 };
  }
  // "What do I have": a word that says nothing is no state, unless it is the very member ("all").
  const said = allTerms(plain)
    .concat(
      scope.intent.background.map(({ term }) => term),
      scope.clause.verb ?? [],
    )
    .filter(({ text }) => !STOPWORDS.has(text) || members.includes(text));
  // The name of what is listed is no filter of it, nor is the verb that asks.
  const isFilter = said.filter((one) => one !== scope.clause.verb && (required || !isAmong(one, nouns)));
  const alike = required ? likeness : sameState;
  const found = scope.writes ? setTo({ ...slot, shape }, said, scope, alike) : enumOf(shape, isFilter, alike);
  // A loose synonym fills what is needed; an optional filter wants the word itself or a close one.
  if (found === undefined || (found.sure < 0.75 && !required)) return undefined;
  const isFigure = (one: Term) => isOfSum(scope.clause, rowFieldsOf(operation), one);
  // "Billable" is a switch of its own, and not billed.
  const isSwitch = (one: Term) =>
    found.value !== one.text &&
    rowFieldsOf(operation).some(({ name, shape }) => shape.type === 'boolean' && name === one.text);
  if (!scope.writes && (isDone(scope.clause, found.by) || found.by.some(isFigure) || found.by.some(isSwitch)))
    return undefined;
  const value = isNumeric(shape) ? Number(found.value) : found.value;
  if (found.by.some((one) => isOneOfSeveral(shape, one, scope.clause))) return undefined;
  return { slot, value, used: [], said: found.by, sure: (required ? 2.5 : 1.5) + found.sure };
}

/** "Spanish jobs", "jobs into french": the language or the country that a word names. */
function fromName(slot: Slot, { clause }: Scope): Filled | undefined {
  const found = clause.topics.flatMap(({ term: one, at, isStated }) => {
    const [preposition] = /\p{L}+(?=\s+$)/u.exec(clause.text.slice(0, at - clause.at)) ?? [];
    const value = isStated ? undefined : codeOf({ kind: 'name', text: one.text, type: [], preposition }, slot);
    return value === undefined ? [] : [{ value, one }];
  });
  const [first, ...more] = found;
  if (first === undefined || more.length > 0) return undefined;
  return { slot, value: first.value, used: [], said: [first.one], sure: 3 };
}

/** "Gifts in pounds", "the euro gifts": the currency that a word names. */
function fromCurrency(slot: Slot, { clause }: Scope): Filled | undefined {
  if (currencySlot([slot]) === undefined) return undefined;
  const found = clause.topics.flatMap(({ term: one }) => {
    const value = asCurrency(slot, one.text);
    return value === undefined ? [] : [{ value, one }];
  });
  const [first] = found;
  const isOne = first !== undefined && found.every(({ value }) => value === first.value);
  return isOne ? { slot, value: first.value, used: [], said: found.map(({ one }) => one), sure: 3 } : undefined;
}

/** A switch that words speak of: on, or off where they are denied. */
function fromFlag(slot: Slot, nouns: readonly Term[], { clause, writes, free }: Scope): Filled | undefined {
  const topics = clause.topics.filter(({ isStated }) => !isStated);
  const said = flagOf(
    slot,
    topics.map(({ term }) => term),
    writes ? [] : nouns,
  );
  // "Out of stock" is not `in_stock`.
  const [within, ...of] = words(slot.name);
  const out = within === 'in' && topics.find(({ term: one }) => one.text === `out of ${of.join(' ')}`);
  if (out && said === undefined) return { slot, value: false, used: [], said: [out.term], sure: 2.5 };
  // "Still open" is not `done`.
  const open = said === undefined && !writes && topics.find(({ term: one }) => isContrary(slot, one));
  if (open) return { slot, value: false, used: [], said: [open.term], sure: 2 };
  if (said === undefined) return undefined;
  // "Stock below 5" is a figure.
  const isFigure = ({ kind, compare, before: [word] }: Value) =>
    kind === 'number' && compare !== undefined && word !== undefined && said.includes(word);
  if (free.some(isFigure)) return undefined;
  const denials = topics.flatMap(({ term, at }) => (said.includes(term) ? (denialOf(clause, at) ?? []) : []));
  const denied = denials.map(({ at }) => at);
  const isOff = denied.length > 0 || said.some((one) => isUn(slot.name, one));
  return { slot, value: !isOff, used: [], said, denied, sure: 2.2 };
}

const [OPEN, DONE] = [term('open'), term('done')];
const isContrary = ({ name }: Slot, one: Term): boolean =>
  sameState(one, OPEN) >= 0.8 && sameState(term(name.replace(/^(?:is_?)/i, '').toLowerCase()), DONE) >= 0.8;

const behind = (word: string) => new RegExp(`\\b${word}\\s+(?:(?:the|his|her|their|our|my|an?)\\s+)?(\\S+)`, 'i');

/** "Move the open deals to won": what stands after "to"; of two states with nothing to tell them apart none. */
function setTo({ name, shape, sent }: Slot, said: readonly Term[], scope: Scope, alike: typeof likeness) {
  // "From the airport to his hotel", where arguments are called so.
  const [, from] = /^(from|to)$/i.test(name) ? (behind(name).exec(unquoted(scope)) ?? []) : [];
  if (from !== undefined) return enumOf(shape, allTerms(from), alike);
  const [, target] = /.*\b(?:to|as|into)\s+((?:\S+\s*){1,3})/is.exec(unquoted(scope)) ?? [];
  const told = target === undefined ? undefined : enumOf(shape, allTerms(target), alike);
  if (told !== undefined) return told;
  const found = enumOf(shape, said, alike);
  const rest = said.filter((one) => !found?.by.includes(one));
  const other =
    found && sent
      ? enumOf({ ...shape, enum: shape.enum!.filter((one) => one !== found.value) }, rest, alike)
      : undefined;
  return found !== undefined && other !== undefined && other.sure >= found.sure ? undefined : found;
}

/** A clause without the values in it, and without what it denies: a word of a name or of a quoted text says nothing else. */
function unquoted({ clause, free }: Scope): string {
  const text = new Text(clause.text);
  text.mask(0, clause.stated);
  for (const { kind, at, end, fromContext, due } of free)
    if (!fromContext && (due || /^(?:quoted|name|text)$/.test(kind)))
      text.mask(Math.max(0, at - clause.at), Math.max(0, end - clause.at));
  for (const denial of clause.denials) {
    if (denial.text.toLowerCase() === 'or') continue;
    const from = denial.end - clause.at;
    text.mask(from, from + deniedLength(clause.text.slice(from)));
  }
  // "Shorter than 45 minutes" is no kind, "for hire" no state.
  text.take(new RegExp(PURPOSE, 'gi'), ([words]) => words);
  text.take(/(?<!\p{L})\p{L}+(?=\s+than\b)/giu, ([word]) => word);
  return text.rest;
}

/** What a schema leaves no choice about. */
export const constants = (slots: readonly Slot[]): Filled[] =>
  slots.flatMap((slot) => {
    const { enum: values, default: preset } = slot.shape;
    const only = (values?.length === 1 ? values[0] : preset) as Json | undefined;
    if (!slot.required || only === undefined || only === null || slot.use === 'id') return [];
    return [{ slot, value: only, used: [], said: [], sure: 0.1 }];
  });

/** A pair of the context for the slot that its key names, bound so that a repeat takes the value of its own context. */
export function fitPair(slot: Slot, value: Value): Fit | undefined {
  const { key, text, before: said } = value;
  const alike = (overlap(said, slot.names) + overlap(allTerms(slot.name).slice(0, 3), said)) / 2;
  const rendered = alike < 0.75 ? undefined : renderPlain(value, slot);
  if (rendered === undefined) return undefined;
  const { enum: members, format, pattern } = slot.shape;
  // What takes any text or number takes that of a repeat, too; what is sent must be what stands there.
  const isOpen = members === undefined && format === undefined && pattern === undefined && key !== undefined;
  const pair = isOpen ? join('pairs', [key]) : undefined;
  const number = typeof rendered === 'number' ? pair && `$number(${pair})` : undefined;
  const bound = rendered === text ? pair : number;
  return { value: bound === undefined ? rendered : bind(bound), sure: 4 * alike, said };
}
