// How well one value of an intent fits one slot. The numbers rank offers; about 1 is a guess, 3 and more is told.
import type { Topic } from '../../intent/intent.ts';
import { inUnitOf, isInCents, unitOf } from '../../intent/units.ts';
import type { Value } from '../../intent/value.ts';
import { allTerms, best, inLexicon, isAmong, type Term, term, terms, words } from '../../lexicon/words.ts';
import { isVerb } from '../../tools/action.ts';
import type { Slot } from '../../tools/inputs.ts';
import { fieldsOf, type Operation, rowFieldsOf } from '../../tools/operation.ts';
import { isNumeric, likeExample } from '../../tools/shape.ts';
import type { Scope } from '../draft.ts';
import { renderPlain } from '../render.ts';
import { asCurrency, codeOf, currencySlot, isCode, isCurrency } from './codes.ts';
import { fitText } from './fit-text.ts';
import { fitTime } from './fit-time.ts';
import { fitPair } from './fit-words.ts';
import { BOUNDS, DURATION, type Fit, has, isLength, isOfEach, isPlain, lengthIn } from './slots.ts';

const MONEY = terms(
  'amount price cost value total salary budget revenue fee balance money payment rent fare fine deposit charge wage tariff',
);
const MAIL = allTerms('email mail recipient to attendee invitee');
const LINK = terms('url website link homepage uri');
const PHONE = terms('phone mobile cell telephone');
const QUANTITY = terms('quantity number count seats units');

/** What a value may be in a slot; nothing when it has no business there. */
export function fitOf(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const fit = plainFit(slot, value, operation, scope);
  return fit && slot.many ? { ...fit, value: [fit.value] } : fit;
}

function plainFit(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  if (isCode(slot) && value.kind === 'name') {
    const code = codeOf(value, slot);
    return code === undefined ? undefined : { value: code, sure: 3.6 };
  }
  switch (value.kind) {
    case 'pair':
      return fitPair(slot, value);
    case 'email':
      return isPlain(slot) ? fitEmail(slot, value) : undefined;
    case 'phone':
      return isPlain(slot) &&
        (has(slot.names, PHONE, 0.9) || /\b(?:phone|mobile|telephone)\b/i.test(slot.shape.description))
        ? { value: value.text, sure: 3.5 }
        : undefined;
    case 'url':
      return isPlain(slot) && (/^ur[il]/.test(slot.shape.format ?? '') || has(slot.names, LINK))
        ? { value: value.text, sure: 3 }
        : undefined;
    case 'id':
      return fitId(slot, value, operation, scope);
    case 'number':
      return inCurrency(fitNumber(slot, value, operation, scope), slot, value, operation);
    case 'duration':
      return fitDuration(slot, value);
    case 'moment':
    case 'period':
      return fitTime(slot, value, operation, scope);
    case 'path':
      return isPlain(slot) && slot.shape.format === undefined ? fitPath(slot, value, operation) : undefined;
    default:
      return fitText(slot, value, operation, scope);
  }
}

function fitEmail({ shape, names, use }: Slot, { text }: Value): Fit | undefined {
  if (shape.format === 'email' || names.some(({ lemma }) => lemma === 'email')) return { value: text, sure: 3.5 };
  if (shape.format !== undefined) return undefined;
  return has(names, MAIL) ? { value: text, sure: 2.5 } : use === 'search' ? { value: text, sure: 1.2 } : undefined;
}

/** `owner/name`: two arguments that follow each other, or one that takes both. */
function fitPath(slot: Slot, { text }: Value, { slots }: Operation): Fit | undefined {
  const [owner, name, ...more] = text.split('/');
  const [first, second] = slots.filter((one) => isPlain(one) && one.required && one.at[0] === 'path');
  if (first !== slot) return undefined;
  if (second === undefined) return { value: text, sure: 2 };
  return more.length === 0 ? { value: owner!, sure: 3.5, more: [{ slot: second, value: name! }] } : undefined;
}

function fitId(slot: Slot, said: Value, operation: Operation, { clause }: Scope): Fit | undefined {
  const { slots, nouns, outline } = operation;
  const { text, number, type, ties, preposition = '' } = said;
  const { shape, names, use, noun } = slot;
  const isDone = ({ text: word, lemma }: Term) =>
    word === clause.verb?.text ||
    word.endsWith('ed') ||
    (lemma !== word && !word.endsWith('s') && isVerb(lemma)) ||
    (isVerb(word) && !inLexicon(word));
  // "order ORD-9" is the id of an order and of nothing else.
  const beside = type.filter((one) => !/^(?:id|no|number|code|key)$/.test(one.text) && !isDone(one));
  const like = likeExample(text, shape);
  if (use !== 'id') {
    if (!isPlain(slot) || shape.format !== undefined) return undefined;
    // `tag`, where the answer tells what a tag looks like.
    const isKey = slot.required && slot.sent;
    const field = isKey ? fieldsOf(operation).find(({ name }) => name === slot.name) : undefined;
    if (like || has(names, beside) || (field && likeExample(text, field.shape)))
      return { value: text, sure: 3, said: beside };
    // Names are no codes.
    const isOfNames = /\bname/i.test(shape.description) && !/\b(?:code|id|number|ref|key)/i.test(shape.description);
    return use === 'search' && !isOfNames && !/^(?:of|for|behind|by)$/.test(preposition)
      ? { value: text, sure: 1 }
      : undefined;
  }
  if (!/string|any/.test(shape.type) && number === undefined && !/^\d+$/.test(text)) return undefined;
  const value = isNumeric(shape) ? Number(text) : text;
  // An id that is rounded is that of something else.
  if (like === false || (isNumeric(shape) && !Number.isSafeInteger(value))) return undefined;
  const ids = slots.filter((one) => one.use === 'id');
  // `/samples/{ref_no}`: the only id of the path is that of what the tool is about.
  const only = slot.at[0] === 'path' && ids.filter(({ at }) => at[0] === 'path').length === 1;
  if ((only && has(nouns, beside)) || has(noun, beside, 0.7)) return { value, sure: 4, said: beside };
  if (beside.length > 0) return undefined;
  if (like) return { value, sure: 3 };
  // "the notes of WO-12": whose id it is says the tie; "the client behind bk-1" is no client.
  const isTied = ties.some((one) => best(one, only ? nouns : noun) >= 0.8);
  if (isTied && noun.some((one) => best(one, nouns) >= 0.8)) return undefined;
  // "Who owns P-0012": it is no owner.
  const isAsked = !only && !slot.sent && !/^(?:of|for|from|by|with|in|at|on)$/.test(preposition);
  const isSpoken = !isAsked && clause.topics.some(({ term: one }) => best(one, [...noun, ...nouns]) >= 0.7);
  // "Total paid on CL-504": what rows within it tell was done.
  const isTold = ({ term: one }: Topic) =>
    /(?:ed|paid|sent|sold)$/.test(one.text) && (outline.rows?.fields ?? []).some(({ names }) => isAmong(one, names));
  const guessed = !isSpoken && !slot.sent && !(only && clause.topics.some(isTold));
  return !guessed || only ? { value, sure: only ? 2.2 : 2, guessed } : undefined;
}

/** "250 euros", where an argument beside the amount tells the currency: the amount is none without it. */
function inCurrency(fit: Fit | undefined, slot: Slot, { money, unit = '' }: Value, operation: Operation) {
  const currency = currencySlot(operation.slots);
  if (fit === undefined || !money || currency === slot) return fit;
  // "Raise it to 200 pounds", where what is there has a currency of its own that nobody has read.
  const isOwn = slot.sent && fieldsOf(operation).some(({ name }) => isCurrency(name));
  const isKnown = unitsOf(slot).some((word) => unitOf(word)?.kind === 'money');
  if (currency === undefined) return isOwn && !isKnown ? undefined : fit;
  const value = asCurrency(currency, unit);
  return value === undefined ? undefined : { ...fit, more: [...(fit.more ?? []), { slot: currency, value }] };
}

function fitNumber(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const { writes } = scope;
  const { shape, names, use, bound } = slot;
  const { compare, ordinal, unit } = value;
  const [previous, beyond] = value.before;
  const [next] = value.after;
  const isMoney = value.money === true;
  // "85 per trip" is no number of trips.
  if (value.per !== undefined && !isOfEach(slot, value.per) && operation.slots.some((one) => isOfEach(one, value.per!)))
    return undefined;
  // "Lower it by 50" says not what it is to be.
  if (writes && value.preposition === 'by' && !isLasting(slot, value)) return undefined;
  if (use === 'id') {
    if (value.adjacent === false || compare || ordinal || isMoney || previous === undefined) return undefined;
    if (best(previous, slot.noun) < 0.7 && !/^(?:id|number|no)$/.test(previous.lemma)) return undefined;
    if (isNumeric(shape) && !Number.isSafeInteger(value.number)) return undefined;
    return { value: isNumeric(shape) ? value.number! : value.text, sure: 4, said: [previous] };
  }
  const core = names.filter(({ text }) => !BOUNDS.has(text));
  // "Refund 20" of what is told in cents may be 20 cents or 20 euros.
  if (writes && slot.sent && unit === undefined && !value.fromContext && isInCents(unitsOf(slot))) return undefined;
  const measured = inUnit(value, slot);
  const rendered = measured && renderPlain(measured, slot);
  if (rendered === undefined || !isNumeric(shape)) {
    const isOpen = isPlain(slot) && shape.format === undefined && use !== 'search' && compare === undefined;
    return isOpen && previous && has(core, [previous], 0.9)
      ? { value: value.text, sure: 2.5, said: [previous] }
      : undefined;
  }
  const fit = (sure: number, said: Term[] = []): Fit => ({ value: rendered, sure, said });
  const near = [previous, next].filter((one) => one !== undefined);
  // "Portions" are no `portionPrice`.
  const head = core.filter((one) => !/^(?:count|number|no|qty|quantity|total|amount)$/.test(one.text)).at(-1);
  const isNamed = (one: Term) =>
    best(one, operation.nouns) < 1 && (one.text === one.lemma || head === undefined || best(one, [head]) >= 0.8);
  const named =
    near.find((one) => has(core, [one]) && isNamed(one)) ??
    (beyond !== undefined && isAmong(beyond, core) && isNamed(beyond) ? beyond : undefined);
  const money = has(core, MONEY);
  // "348 pounds" are no quantity.
  if (isMoney && core.some((one) => /^(?:quantity|qty|count|number|units?)$/.test(one.text))) return undefined;
  if (compare !== undefined && !(writes && bound === undefined)) {
    // "Fewer than 3 bedrooms" is no rent.
    const [counted] = /^\s+\p{L}+/u.exec(scope.clause.text.slice(value.end - scope.clause.at)) ?? [];
    const fields = rowFieldsOf(operation);
    const isOther = (one: Term) =>
      !has(core, [one]) && [...operation.slots, ...fields].some(({ names }) => has(names, [one], 1));
    if (!value.fromContext && terms(counted?.trim() ?? '').some(isOther)) return undefined;
    // Nor is "stock below 5" a price.
    const [, beside = ''] = BESIDE.exec(scope.clause.text.slice(0, value.at - scope.clause.at)) ?? [];
    const isBeside =
      beside !== '' && !isMoney && !named && terms(beside.toLowerCase()).some((one) => isNamed(one) && isOther(one));
    if (!value.fromContext && isBeside) return undefined;
    if (isMoney && !money && !unitsOf(slot).some((word) => unitOf(word)?.kind === 'money')) return undefined;
    if (isLength(value, [...names, ...slot.about])) return undefined;
    const sure = 2 + (named ? 1.5 : 0) + (isMoney && money ? 1 : 0) + (money ? 0.3 : 0);
    return bound === compare ? fit(sure, named ? [named] : []) : undefined;
  }
  if (bound !== undefined) return undefined;
  if (ordinal) return next !== undefined && has(core, [next]) ? fit(4, [next]) : undefined;
  if (named) return fit(3.5, [named]);
  if (isMoney && money) return fit(3);
  // "12.5 kg" for `weight_kg`: the unit says which.
  if (unit !== undefined && unitsOf(slot).some((word) => unitOf(word)?.kind === unitOf(unit)?.kind)) return fit(3);
  // "5 chairs": a bare number before the thing itself is how many.
  if (has(core, QUANTITY, 1) && next !== undefined) return fit(1.5);
  // The only number that a write is told is the only one that it takes.
  const isOnly = operation.slots.filter((one) => one.sent && isNumeric(one.shape)).length === 1;
  const numbers = scope.free.filter(({ kind, fromContext }) => kind === 'number' && !fromContext);
  if (writes && slot.sent && slot.required && isOnly && numbers.length === 1 && unit === undefined) return fit(1.5);
  return slot.required && !isMoney && money ? fit(1) : undefined;
}

/** "stock below" */
const BESIDE =
  /(\p{L}+)\s+(?:is\s+|are\s+)?(?:below|under|above|over|at (?:least|most)|(?:less|more|fewer|lower|higher) than)\s+$/iu;

/** "By six months", where an argument counts the months. */
const isLasting = ({ name }: Slot, { after: [next] }: Value): boolean =>
  next !== undefined &&
  /^(?:minute|hour|day|week|month|year)$/.test(next.lemma) &&
  term(words(name).at(-1)!).lemma === next.lemma;

const unitsOf = ({ name, shape }: Slot) =>
  words(`${name} ${shape.description.slice(0, 200).replace(/\b(?:e\.g|i\.e)\./g, '')}`);

/** A value in the unit that a slot counts in; nothing when it counts something else. */
function inUnit(value: Value, slot: Slot): Value | undefined {
  if (value.number === undefined) return value;
  const number = inUnitOf(value.number, value.unit ?? '', unitsOf(slot));
  if (number === undefined) return undefined;
  return number === value.number ? value : { ...value, number, text: String(number) };
}

function fitDuration({ shape, names, name, bound }: Slot, { minutes, compare, strict }: Value): Fit | undefined {
  if (!isNumeric(shape) || !has(names, DURATION) || (compare !== undefined && (compare !== bound || strict)))
    return undefined;
  return { value: lengthIn(minutes!, { name, shape }), sure: 3.5 };
}
