// How well one value of an intent fits one slot. The numbers rank offers; about 1 is a guess, 3 and more is told.

import { inUnitOf, unitOf } from '../../intent/units.ts';
import type { Value } from '../../intent/value.ts';
import { best, isSame } from '../../lexicon/likeness.ts';
import { term, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Operation } from '../../tools/operation.ts';
import { isNumeric } from '../../tools/shape.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Scope } from '../draft.ts';
import { isTemporal, renderPlain } from '../render.ts';
import { type Fit, fitPair } from './fit-pair.ts';
import { fitTime } from './fit-time.ts';
import { BOUNDS, has } from './slot-words.ts';

const list = (text: string) => text.split(' ').map(term);
const MONEY = list('amount price cost value total salary budget revenue fee balance money payment');
const NAMES = list('name title label subject');
const TEXTS = list('message comment body text content note notes description memo remark');
const MAIL = list('email mail recipient to attendee invitee address');
const LOCATIONS = list('city town country region state place location area site address venue');
const LINK = list('url website link homepage uri');
const QUANTITY = list('quantity number count seats units');
const DURATION = list('duration length minutes');

const isText = ({ shape }: Slot) => shape.type === 'string' || shape.type === 'any';

/** What a value may be in a slot; nothing when it has no business there. */
export function fitOf(slot: Slot, value: Value, operation: Operation, scope: Scope): readonly Fit[] {
  const fit = plainFit(slot, value, operation, scope);
  if (fit === undefined) return [];
  if (!slot.many) return [fit];
  const list = scope.free.filter(({ list }) => list !== undefined && list === value.list);
  if (list.length < 2) return [{ ...fit, value: [fit.value] }];
  if (list[0] !== value) return [];
  const all = list.map((one) => plainFit(slot, one, operation, scope));
  if (all.some((one) => one === undefined)) return [];
  return [{ ...fit, value: all.map((one) => one!.value), also: list.slice(1), sure: fit.sure + 1 }];
}

function plainFit(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  switch (value.kind) {
    case 'pair':
      return fitPair(slot, value);
    case 'email':
      return fitEmail(slot, value);
    case 'url':
      return isText(slot) && (/^ur[il]/.test(slot.shape.format ?? '') || has(slot.names, LINK))
        ? { value: value.text, sure: 3 }
        : undefined;
    case 'id':
      return fitId(slot, value, operation);
    case 'number':
      return fitNumber(slot, value, operation, scope);
    case 'duration':
      return fitDuration(slot, value);
    case 'moment':
    case 'period':
      return fitTime(slot, value, operation, scope);
    case 'path':
      return fitPath(slot, value, operation);
    default:
      return fitText(slot, value, operation, scope);
  }
}

const isPlain = (slot: Slot) => isText(slot) && slot.shape.enum === undefined;

function fitEmail(slot: Slot, value: Value): Fit | undefined {
  if (!isPlain(slot)) return undefined;
  if (slot.shape.format === 'email' || slot.names.some(({ lemma }) => lemma === 'email'))
    return { value: value.text, sure: 3.5 };
  if (slot.shape.format !== undefined) return undefined;
  if (has(slot.names, MAIL)) return { value: value.text, sure: 2.5 };
  return slot.use === 'search' ? { value: value.text, sure: 1.2 } : undefined;
}

/** `owner/name`: two arguments that follow each other, or one that takes both. */
function fitPath(slot: Slot, value: Value, operation: Operation): Fit | undefined {
  if (!isPlain(slot) || slot.shape.format !== undefined) return undefined;
  const parts = value.text.split('/');
  const texts = operation.slots.filter((one) => isPlain(one) && one.required && one.at[0] === 'path');
  const [first, second] = texts;
  if (parts.length === 2 && first === slot && second !== undefined && second.at.length === slot.at.length)
    return { value: parts[0]!, sure: 3.5, more: [{ slot: second, value: parts[1]! }] };
  return texts.length === 1 && first === slot ? { value: value.text, sure: 2 } : undefined;
}

function fitId(slot: Slot, value: Value, operation: Operation): Fit | undefined {
  if (!isText(slot) && value.number === undefined && !/^\d+$/.test(value.text)) return undefined;
  const numeric = isNumeric(slot.shape) ? Number(value.text) : value.text;
  if (slot.use === 'id') {
    const beside = value.before.slice(0, 1);
    const typed = has(slot.noun, value.before.slice(0, 2), 0.7);
    // "order ORD-9" is the id of an order and of nothing else that the call refers to.
    // `/samples/{ref_no}`: the only id of the path is that of what the tool is about.
    const only =
      slot.at[0] === 'path' && operation.slots.filter((one) => one.use === 'id' && one.at[0] === 'path').length === 1;
    if (only && has(operation.nouns, beside, 0.8)) return { value: numeric, sure: 4, said: beside };
    const others = operation.slots.filter((one) => one !== slot && one.use === 'id').flatMap(({ noun }) => noun);
    if (!typed && has([...others, ...operation.nouns], beside, 0.8)) return undefined;
    return { value: numeric, sure: typed ? 4 : 2, said: typed ? value.before.slice(0, 1) : [] };
  }
  if (isNumeric(slot.shape) || slot.shape.enum !== undefined || slot.shape.format !== undefined) return undefined;
  if (has(slot.names, value.before.slice(0, 1))) return { value: value.text, sure: 3, said: value.before.slice(0, 1) };
  return slot.use === 'search' ? { value: value.text, sure: 1 } : undefined;
}

function fitNumber(slot: Slot, value: Value, operation: Operation, { writes }: Scope): Fit | undefined {
  const measured = inUnit(value, slot);
  const rendered = measured && renderPlain(measured, slot);
  const [previous] = value.before;
  const [next] = value.after;
  const core = slot.names.filter(({ text }) => !BOUNDS.has(text));
  if (slot.use === 'id') {
    if (
      value.adjacent === false ||
      value.compare !== undefined ||
      value.ordinal ||
      value.money ||
      previous === undefined
    )
      return undefined;
    if (best(previous, slot.noun) < 0.7 && !/^(id|number|no)$/.test(previous.lemma)) return undefined;
    return { value: isNumeric(slot.shape) ? value.number! : value.text, sure: 4, said: [previous] };
  }
  if (rendered === undefined || !isNumeric(slot.shape)) {
    const named =
      isText(slot) &&
      slot.shape.enum === undefined &&
      slot.shape.format === undefined &&
      previous !== undefined &&
      value.compare === undefined &&
      slot.use !== 'search' &&
      has(core, [previous], 0.9);
    return named ? { value: value.text, sure: 2.5, said: [previous] } : undefined;
  }
  const near = [previous, next, value.before[1]].filter((one) => one !== undefined);
  const named = near.find((one) => has(core, [one]) && best(one, operation.nouns) < 1);
  const money = value.money === true && has(core, MONEY);
  if (value.compare !== undefined && !(writes && slot.bound === undefined)) {
    if (slot.bound !== value.compare) return undefined;
    return {
      value: rendered,
      sure: 2 + (named ? 1.5 : 0) + (money ? 1 : 0) + (has(core, MONEY) ? 0.3 : 0),
      said: named ? [named] : [],
    };
  }
  if (slot.bound !== undefined) return undefined;
  if (value.ordinal)
    return next !== undefined && has(core, [next]) ? { value: rendered, sure: 4, said: [next] } : undefined;
  if (named) return { value: rendered, sure: 3.5, said: [named] };
  if (money) return { value: rendered, sure: 3 };
  // "12.5 kg" for `weight_kg`: the unit says which.
  if (
    value.unit !== undefined &&
    words(`${slot.name} ${slot.shape.description.slice(0, 200)}`).some(
      (word) => unitOf(word)?.kind === unitOf(value.unit!)?.kind,
    )
  )
    return { value: rendered, sure: 3 };
  // "5 chairs": a bare number before the thing itself is how many.
  if (has(core, QUANTITY, 1) && next !== undefined) return { value: rendered, sure: 1.5 };
  return slot.required && value.money === undefined && has(core, MONEY) ? { value: rendered, sure: 1 } : undefined;
}

/** A value in the unit that a slot counts in; nothing when it counts something else. */
function inUnit(value: Value, slot: Slot): Value | undefined {
  if (value.unit === undefined || value.number === undefined) return value;
  const said = [...words(slot.name), ...words(slot.shape.description.slice(0, 200))];
  const number = inUnitOf(value.number, value.unit, said);
  return number === undefined ? undefined : { ...value, number, text: String(number) };
}

function fitDuration(slot: Slot, value: Value): Fit | undefined {
  if (!isNumeric(slot.shape) || !has(slot.names, DURATION)) return undefined;
  const told = `${slot.name} ${slot.shape.description}`;
  const scale = /second/i.test(told) ? 60 : /hour/i.test(told) && !/minute/i.test(told) ? 1 / 60 : 1;
  return { value: Math.round(value.minutes! * scale * 100) / 100, sure: 3.5 };
}

/** Words beside a value that say what it is: "the city Berlin", "Berlin city". */
const isNamed = (slot: Slot, value: Value) =>
  value.type.some((one) => slot.names.some((name) => isSame(name, one) && !BOUNDS.has(name.text)));

function fitText(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const rendered = renderPlain(value, slot);
  if (rendered === undefined) return undefined;
  if (slot.shape.enum !== undefined) {
    const exact = slot.shape.enum.some((one) => String(one).toLowerCase() === value.text.toLowerCase());
    return value.kind === 'text' ? undefined : { value: rendered, sure: exact ? 4 : 2 };
  }
  if (slot.use === 'id' || !isText(slot) || isTemporal(slot.shape, slot.names)) return undefined;
  if (slot.shape.format !== undefined && slot.shape.format !== 'uuid') return undefined;
  const isSent = scope.writes && (slot.at[0] === 'body' || operation.tool.method === undefined);
  const sure = isSent ? sentAs(slot, value, operation, scope) : soughtBy(slot, value, operation);
  return sure === undefined ? undefined : { value: rendered, sure, said: isNamed(slot, value) ? value.type : [] };
}

/** How sure a text is to be what a write takes in a slot. */
function sentAs(slot: Slot, value: Value, operation: Operation, scope: Scope): number | undefined {
  const [isName, isMessage] = [has(slot.names, NAMES, 1), has(slot.names, TEXTS)];
  if (value.kind === 'text' && isNamed(slot, value)) return 4.5;
  if (value.kind === 'text') return isMessage ? 4 : isName && !hasMessage(operation) ? 2 : undefined;
  if (isNamed(slot, value)) return 3.5;
  const preposition = value.preposition ?? '';
  const quoted = value.kind === 'quoted';
  const given = /^(?:called|named|titled|as)$/.test(preposition);
  const typed = isTyped(value, operation);
  if (isName && operation.action === 'create' && (given || quoted || typed || value.adjacent))
    return /^(?:for|with|to|from|of|by|at|in)$/.test(preposition) && !quoted && !typed
      ? undefined
      : 2.2 + (given ? 1 : 0) + (typed ? 1 : 0) + (quoted ? 0.6 : 0);
  if (isName && preposition === 'to' && /\b(?:re)?(?:name|title|call)/i.test(scope.clause.text)) return 2.5;
  if (preposition === 'saying') return isMessage ? 4 : isName ? 1.6 : undefined;
  if (quoted && isMessage) return 2.4;
  if (/^(?:in|at|from)$/.test(preposition) && has(slot.names, LOCATIONS, 1)) return 2;
  return quoted && slot.required && operation.slots.filter((one) => isWord(one) && one.required).length === 1
    ? 1.6
    : undefined;
}

const isWord = (slot: Slot) =>
  isText(slot) && slot.shape.enum === undefined && slot.use === 'value' && slot.shape.format === undefined;
const hasMessage = (operation: Operation) => operation.slots.some((slot) => isWord(slot) && has(slot.names, TEXTS));
const isTyped = (value: Value, { nouns }: Operation) => value.type.some((one) => best(one, nouns) >= 0.8);

/** How sure a text is to be what a read seeks by a slot. */
function soughtBy(slot: Slot, value: Value, operation: Operation): number | undefined {
  if (value.kind === 'text') return undefined;
  const preposition = value.preposition ?? '';
  const given = /^(?:called|named|titled|about|regarding|containing|matching|mentioning|re)$/.test(preposition);
  const typed = isTyped(value, operation);
  const quoted = value.kind === 'quoted';
  const ofNames = has(slot.names, NAMES, 1);
  if (slot.use !== 'search' && !ofNames) {
    if (isNamed(slot, value)) return 3.2;
    if (slot.at[0] === 'path') return quoted && isWord(slot) ? 1.5 : undefined;
    return /^(?:in|at|from)$/.test(preposition) && has(slot.names, LOCATIONS, 1) ? 2 : undefined;
  }
  // "the phone number of Ana": the rows that have it are called so.
  const fields = (operation.outline.rows?.fields ?? []).filter((field) => referenceNouns(field).length === 0);
  const asked =
    preposition === 'of' &&
    value.ties.some(
      (one) =>
        best(one, operation.nouns) < 0.8 &&
        best(
          one,
          fields.flatMap(({ names }) => names),
        ) >= 0.8,
    );
  if (typed || given || asked) return 3 + (typed && given ? 0.5 : 0) + (quoted ? 0.5 : 0);
  if (value.sure === false) return undefined;
  // "the contacts of Fabrikam", "does Ana own": who is named there is something else.
  const other = value.ties.length > 0 || /^(?:of|for|by|from|with|to|at|in)$/.test(preposition);
  if (other) return quoted ? 1 : ofNames ? undefined : 0.4;
  return quoted ? 2.4 : 1.4;
}
