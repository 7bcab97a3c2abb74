// A name, a quoted or a free text in the arguments that take text.
import type { Value } from '../../intent/value.ts';
import { best, isAmong, isSame, terms, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../../tools/operation.ts';
import { isNumeric } from '../../tools/shape.ts';
import { referenceNouns } from '../../tools/sources.ts';
import type { Scope } from '../draft.ts';
import { isTemporal, renderPlain } from '../render.ts';
import { BOUNDS, endsWith, type Fit, has, isPlain, PRESENCE } from './slots.ts';

const NAMES = terms('name title label subject');
const TEXTS = terms('message comment body text content note notes description memo remark');
const COMPANIES = terms('company organization employer firm');
export const LOCATIONS = terms('city town country region state place location area site address venue');

const isWord = (slot: Slot) => isPlain(slot) && slot.use === 'value' && slot.shape.format === undefined;

export function fitText(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const { shape, use, at, names } = slot;
  const halves = inHalves(slot, value, operation);
  if (halves !== undefined) return halves;
  const rendered = renderPlain(value, slot);
  if (rendered === undefined) return undefined;
  if (shape.enum !== undefined) {
    const exact = shape.enum.some((one) => String(one).toLowerCase() === value.text.toLowerCase());
    return value.kind === 'text' ? undefined : { value: rendered, sure: exact ? 4 : 2 };
  }
  const isOther = shape.format !== undefined && shape.format !== 'uuid';
  if (use === 'id' || !isPlain(slot) || isTemporal(shape, names) || isOther) return undefined;
  // Words beside a value that say what it is: "the city Berlin", "Berlin city".
  const named = value.type.some((one) => names.some((name) => isSame(name, one) && !BOUNDS.has(name.text)));
  const isSent = scope.writes && (at[0] === 'body' || operation.tool.method === undefined);
  const isSearch = /^(?:search|find|look)/.test(scope.clause.verb?.text ?? '');
  const match = { named, isSearch, typed: value.type.some((one) => best(one, operation.nouns) >= 0.8) };
  const sure = isSent
    ? sentAs(slot, value, operation, { ...match, scope })
    : soughtBy(slot, value, operation, { ...match, scope });
  return sure === undefined ? undefined : { value: rendered, sure, said: named ? value.type : [] };
}

/** The first and the last name of a person, where a write takes them apart. */
function inHalves(
  { name, sent }: Slot,
  { kind, text, preposition }: Value,
  { slots, action }: Operation,
): Fit | undefined {
  const [first, ...rest] = text.split(' ');
  const last = slots.find((slot) => slot.sent && /^(?:last|family)_?name$|^surname$/i.test(slot.name));
  const isWhole = action === 'create' || (action === 'update' && preposition === 'to');
  const isFirst = sent && isWhole && /^(?:first|given)_?name$/i.test(name);
  if (kind !== 'name' || !isFirst || last === undefined || rest.length === 0) return undefined;
  return { value: first!, sure: 2.5, more: [{ slot: last, value: rest.join(' ') }] };
}

/** `named`: words beside it say what the slot says; `typed`: they say what the tool is about; `isSearch`: it is asked to search. */
type Match = { named: boolean; typed: boolean; isSearch: boolean };

const PART = /^(?:first|given|last|family|middle)_?name$|^surname$/i;

/** How sure a text is to be what a write takes in a slot. */
function sentAs(slot: Slot, value: Value, operation: Operation, { named, typed, scope }: Match & { scope: Scope }) {
  const [isTitle, isMessage] = [has(slot.names, NAMES, 1), has(slot.names, TEXTS)];
  const open = operation.slots.filter(isWord);
  if (value.kind === 'text' && !named)
    return isMessage
      ? 4
      : isTitle && operation.action !== 'update' && !open.some(({ names }) => has(names, TEXTS))
        ? 2
        : undefined;
  if (named) return value.kind === 'text' ? 4.5 : 3.5;
  // A whole name is no part of one; "change the last name to Berg".
  const isSaid = new RegExp(`\\b${words(slot.name).join(' ')}\\b`, 'i').test(scope.clause.text);
  if (PART.test(slot.name)) return isSaid && value.preposition === 'to' ? 3.5 : undefined;
  const preposition = value.preposition ?? '';
  const quoted = value.kind === 'quoted';
  const given = /^(?:called|named|titled|as)$/.test(preposition);
  if (isTitle && operation.action === 'create' && (given || quoted || typed || value.adjacent))
    return /^(?:for|with|to|from|of|by|at|in)$/.test(preposition) && !quoted && !typed
      ? undefined
      : 2.2 + (given ? 1 : 0) + (typed ? 1 : 0) + (quoted ? 0.6 : 0);
  // `class_name` is no name of a pupil.
  const more = slot.names.filter((one) => best(one, NAMES) < 1 && !/^(?:display|full|new)$/.test(one.text));
  const isOwn =
    more.length === 0 ||
    isSaid ||
    scope.clause.topics.some(({ term: one }) => more.some((other) => isSame(one, other)));
  // "Change the driver of the Town route to Ravi Anand"
  if (isNewOf(slot, value, operation, scope)) return 3;
  if (isTitle && isOwn && preposition === 'to' && /\b(?:re)?(?:name|title|call)/i.test(scope.clause.text)) return 2.5;
  // What is said is no new title of what is there.
  if (preposition === 'saying' && isMessage) return 4;
  const isSpoken = scope.clause.topics.some(({ term: one }) => isAmong(one, slot.names));
  if (preposition === 'saying' && isTitle) return operation.action === 'update' && !isSpoken ? undefined : 1.6;
  // `applicantName`: who it is for.
  const isPerson =
    value.kind === 'name' && slot.required && slot.names.length > 1 && slot.names.some(({ lemma }) => lemma === 'name');
  if (isPerson && !value.self && /^(?:for|with|by|)$/.test(preposition)) return 1.4;
  // `opponent`: "Club that it plays against".
  const isLast = preposition !== '' && new RegExp(`\\b${preposition}\\W*$`, 'i').test(slot.shape.description);
  if (value.kind === 'name' && !value.self && isLast) return 2;
  if (quoted && isMessage) return 2.4;
  if (/^(?:in|at|from)$/.test(preposition) && has(slot.names, LOCATIONS, 1)) return 2;
  const { verb } = scope.clause;
  const isVery = verb !== undefined && best(verb, [...operation.verbs, ...operation.nouns]) >= 0.79;
  return quoted && isVery && slot.required && open.filter(({ required }) => required).length === 1 ? 1.6 : undefined;
}

/** What an argument is set to: "the driver … to Ravi Anand", in a change of what has such a text. */
function isNewOf(slot: Slot, { kind, preposition, at }: Value, { action }: Operation, { clause }: Scope): boolean {
  const isText = /^(?:name|quoted)$/.test(kind) && action === 'update' && preposition === 'to';
  return (
    isText &&
    clause.topics.some(({ term: one, at: from, isStated }) => {
      const before = clause.text.slice(0, from - clause.at);
      return (
        !isStated &&
        from < at &&
        /\b(?:the|his|her|their|its|our|['’]s)\s+(?:\p{Ll}+\s+)?$/iu.test(before) &&
        isAmong(one, slot.names)
      );
    })
  );
}

/** How sure a text is to be what a read seeks by a slot. */
function soughtBy(
  { names, use, at, ...slot }: Slot,
  value: Value,
  operation: Operation,
  { named, typed, isSearch, scope }: Match & { scope: Scope },
) {
  if (value.kind === 'text') return undefined;
  const preposition = value.preposition ?? '';
  const quoted = value.kind === 'quoted';
  // What is said is not sought.
  if (preposition === 'saying' && !named && !isSearch) return undefined;
  // "Which pets does Ana have": she is none of them.
  if (value.subject && (use === 'search' || has(names, NAMES, 1))) return undefined;
  // "Ana's booking" is not called Ana.
  const isHers = value.owned?.slice(0, 3).some((one) => isAmong(one, operation.nouns)) === true;
  if (isHers && (use === 'search' || has(names, NAMES, 1))) return undefined;
  const isTitle = has(names, NAMES, 1);
  if (use !== 'search' && !isTitle) {
    if (named) return 3.2;
    if (at[0] === 'path') return quoted && slot.shape.format === undefined ? 1.5 : undefined;
    const isWithin = /^(?:of|at|from|with)$/.test(preposition) && has(names, COMPANIES, 1);
    return isWithin || (/^(?:in|at|from)$/.test(preposition) && has(names, LOCATIONS, 1)) ? 2 : undefined;
  }
  // "the phone number of Ana": the rows that have it are called so.
  const told = rowFieldsOf(operation).filter((field) => referenceNouns(field).length === 0);
  const fields = told.flatMap((field) => field.names);
  const asked = value.ties.some((one) => best(one, operation.nouns) < 0.8 && best(one, fields) >= 0.8);
  const given = /^(?:called|named|titled|about|regarding|containing|matching|mentioning|re)$/.test(preposition);
  // "Complaints about Beacon Tower", where another argument takes the building they are about.
  const isElsewhere = operation.slots.some((one) => one.use === 'id' && endsWith(one, preposition));
  // "Ana's trip" is not called Ana.
  const isOwner = value.owned?.some((one) => isAmong(one, operation.nouns));
  if ((isElsewhere || isOwner) && !quoted && !typed) return 0.4;
  if (typed || given || (asked && preposition === 'of')) return 3 + (typed && given ? 0.5 : 0) + (quoted ? 0.5 : 0);
  // "How many guests are coming to the Gala": what stands on what is called so.
  const { counted } = scope.clause.picking;
  const isOn = /^(?:to|at|in|on)$/.test(preposition) && value.ties.every((one) => PRESENCE.test(one.text));
  if (isOn && counted && told.some((one) => isNumeric(one.shape) && isAmong(counted, one.names))) return 2.8;
  if (value.sure === false) return undefined;
  // "the contacts of Fabrikam", "does Ana own": who is named there is something else.
  const other = value.ties.length > 0 || /^(?:of|for|by|from|with|to|at|in)$/.test(preposition);
  if (other) return quoted ? 1 : isTitle ? undefined : 0.4;
  return quoted ? 2.4 : 1.4;
}
