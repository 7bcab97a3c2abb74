// Conditions of the intent that the service takes no argument for: checked on the rows instead.
import { path, string } from '../answer/jsonata.ts';
import { isOfSum } from '../answer/result.ts';
import { add, moved } from '../intent/relative.ts';
import { inUnitOf } from '../intent/units.ts';
import type { Value } from '../intent/value.ts';
import { best, isAmong, isSame, sameState, type Term, term, terms, words } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import type { Field } from '../tools/outputs.ts';
import { isNumeric } from '../tools/shape.ts';
import { referenceNouns } from '../tools/sources.ts';
import type { Filled, Scope } from './draft.ts';
import { enumOf, flagOf, isOneOfSeveral, isUn } from './enum.ts';
import { asCurrency, heldCode, isCurrency } from './fit/codes.ts';
import { denialOf, PURPOSE, untold } from './fit/denials.ts';
import { isDone } from './fit/done.ts';
import { DURATION, has, isLength, isOfEach, lengthIn } from './fit/slots.ts';
import { codeCondition, hasText, isOf, nameField } from './names/lookup.ts';
import { dayOf, isDaily, isDue, isTemporal } from './render.ts';

const MONEY = terms('amount price cost value total balance');
const QUANTITY = terms('quantity count stock number');

/** A condition on the rows of an operation that a value stands for, as a JSONata predicate. */
export function conditionFor(value: Value, operation: Operation): string | undefined {
  const fields = rowFieldsOf(operation);
  if (value.kind === 'number' && !value.ordinal) {
    if (value.compare !== undefined) return numberCondition(value, fields, operation);
    const field = fields.find(
      ({ shape, names }) => isNumeric(shape) && names[0] && value.type.some((one) => isSame(one, names[0]!)),
    );
    return field === undefined ? codeCondition(value, operation) : `${path(field.path)} = ${value.number}`;
  }
  if (value.kind === 'period' || value.kind === 'moment') return timeCondition(value, fields);
  if (value.kind === 'duration') return lengthCondition(value, fields);
  if (value.kind === 'id') return codeCondition(value, operation);
  return value.kind === 'name' || value.kind === 'quoted' ? textCondition(value, fields, operation) : undefined;
}

/** "Over 50" where the service takes "at least 50": the rest is checked here. @param slot the argument that takes it */
export function strictly(value: Value, slot: Slot, operation: Operation): string | undefined {
  const fields = rowFieldsOf(operation);
  const like = slot.names;
  if (isExclusive(slot, fields)) {
    const own = fieldOf(slot, fields);
    return own && timeCondition(value, [own]);
  }
  if (value.kind === 'number' && value.strict) return numberCondition(value, fields, operation, like);
  if (value.coming) return timeCondition(value, fields);
  // "Events that start after 1 December", where an argument asks for those that end after it.
  const isTime = value.kind === 'period' || value.kind === 'moment';
  const isOther =
    isTime &&
    value.compare !== undefined &&
    namedTime(value, fields)?.names.some((one) => has(like, [one], 1)) === false;
  return isOther ? timeCondition(value, fields) : undefined;
}

const AFTER = /(?<!\b(?:or|and) )\b(?:after|later than)\b(?! or on)|exclusive/i;
const TOLD =
  /\b(?:inclusive|on or|or (?:on|later|earlier|after|before)|and (?:later|earlier|after|before)|from|until|up to)\b/i;

/** The time of a row that a bound is of: `ends_on` for `ends_after`. */
const fieldOf = ({ name }: Slot, fields: readonly Field[]): Field | undefined => {
  const [own = '', ...more] = words(name).filter((word) => !/^(?:after|before|date|day|on|at|is|was)$/.test(word));
  return more.length > 0 || own === ''
    ? undefined
    : fields.find(
        ({ shape, names, ...one }) =>
          isTemporal(shape, names) && words(one.name).some((word) => isSame(term(word), term(own))),
      );
};

/** A bound by the day that leaves that day out ("due after this day"), or may do so where rows tell which they are: `ends_before`. */
export const isExclusive = (slot: Slot, fields: readonly Field[]): boolean => {
  const { bound, shape, name } = slot;
  if (bound === undefined || !isDaily(shape) || !isTemporal(shape, slot.names)) return false;
  const isVague = words(name).some((word) => /^(?:after|before)$/.test(word)) && !TOLD.test(shape.description);
  return (bound === 'low' && AFTER.test(shape.description)) || (isVague && fieldOf(slot, fields) !== undefined);
};

/** The time of a row that words beside a value name. */
export function namedTime({ before, after, due }: Value, fields: readonly Field[]): Field | undefined {
  const times = fields.filter(({ shape, names }) => isTemporal(shape, names) && (!due || isDue(names, shape)));
  return [...before.slice(0, 2), ...after.slice(0, 1)].flatMap((one) => {
    const named = times.filter(({ names }) => isAmong(one, names));
    return named.find(({ name }) => isAmong(one, terms(name))) ?? named[0] ?? [];
  })[0];
}

/** A word and the condition that it is. */
type Sifting = { predicate: string; said: Term; denied?: number };

/** `refunded_at`: where it is told, it is refunded. */
const isSince = ({ name, names, shape, path: at }: Field, word: string): boolean => {
  const [done, time = '', ...more] = words(name);
  const isTime = shape.nullable === true && at.length === 1 && isTemporal(shape, names);
  return isTime && done === word && /^(?:at|on|date|time)$/.test(time) && more.length === 0;
};

/** A time that may be that of what is denied; "not paid for May" is of May. */
const isWhen = ({ kind, preposition = '' }: Value): boolean =>
  /^(?:moment|period)$/.test(kind) && !/^(?:for|of)$/.test(preposition);

/** "unpaid" beside "paid" */
function unOf({ enum: members = [] }: Field['shape'], value: string): string | undefined {
  const un = members.find((one) => String(one).toLowerCase() === `un${value.toLowerCase()}`);
  return un === undefined ? undefined : string(String(un));
}

/** Words that are members of an enumeration or a switch of the rows, and what "no" and "without" say of a field. */
export function siftings(operation: Operation, scope: Scope, fills: readonly Filled[]): Sifting[] {
  const { clause } = scope;
  const { nouns } = operation;
  const told = new Set(fills.flatMap(({ said }) => said));
  // One state is asked for already.
  const isSet = ({ name, shape }: Field) =>
    fills.some(({ slot, said }) => said.length > 0 && shape.enum !== undefined && isSame(term(slot.name), term(name)));
  const every = rowFieldsOf(operation);
  const fields = every.filter((field) => !isSet(field));
  const all = clause.topics.map(({ term }) => term);
  return clause.topics.flatMap(({ term: said, at }): Sifting[] => {
    // "Shorter than 45 minutes" is no kind.
    const isPurpose = PURPOSE.test(
      clause.text.slice(Math.max(0, at - clause.at - 4), at - clause.at + said.text.length),
    );
    if (isPurpose || /^\S+\s+than\b/.test(clause.text.slice(at - clause.at))) return [];
    // "The fees in euros"
    const [currency, ...currencies] = fields.filter(({ name }) => isCurrency(name));
    const code = currency && currencies.length === 0 && !told.has(said) ? asCurrency(currency, said.text) : undefined;
    if (currency && code !== undefined) return [{ predicate: `${path(currency.path)} = ${string(code)}`, said }];
    const flag = fields.find((field) => flagOf(field, all, nouns)?.includes(said));
    // "Without photo consent": what denies the first word of a switch denies it.
    const spoken = clause.topics.filter(({ term: one }) => flag && flagOf(flag, all, nouns)?.includes(one));
    const denial = denialOf(clause, at) ?? spoken.flatMap((one) => denialOf(clause, one.at) ?? [])[0];
    // "Not seen since May" is not what was never seen.
    if (/^(?:not|never)$/i.test(denial?.text ?? '') && scope.free.some((one) => one.at > at && isWhen(one))) return [];
    if (told.has(said) || isAmong(said, nouns) || isOfSum(clause, fields, said)) return [];
    // "No email address" is no `email`.
    const isCalled = ({ names }: Field) => isAmong(said, names) || best(said, names) >= 0.8;
    // "Sent and not paid": what is denied of a state that is asked for already.
    const [state] = (denial ? every : fields).flatMap(({ shape, path: at }) => {
      const member = enumOf(shape, [said], sameState);
      // "Without a review" is more than not `in_review`.
      const isIn = member?.value === said.text || !/^without$/i.test(denial?.text ?? '');
      const isAsked = fills.some(
        ({ slot, value, said: by }) => by.length > 0 && slot.shape.enum && value === member?.value,
      );
      const isSure = member && member.sure >= 0.75 && !isOneOfSeveral(shape, said, clause);
      return isSure && isIn && !isAsked && !isDone(clause, [said])
        ? [{ at: path(at), is: string(member.value), un: unOf(shape, member.value) }]
        : [];
    });
    const time = fields.find((field) => isSince(field, said.text.replace(/^un(?=\w{4})/, '')));
    if (time !== undefined && flag === undefined && state === undefined) {
      const isNot = (denial !== undefined) !== (words(time.name)[0] !== said.text);
      const predicate = isNot ? untold(time) : `$boolean(${path(time.path)})`;
      return [{ predicate, said, ...(denial && { denied: denial.at }) }];
    }
    if (denial === undefined) {
      const isOff = flag !== undefined && isUn(flag.name, said);
      const predicate = flag ? `${path(flag.path)} = ${!isOff}` : state && `${state.at} = ${state.is}`;
      return predicate === undefined ? [] : [{ predicate, said }];
    }
    // "No longer valid" is not what has never been told.
    const isLonger = /^\s+longer\b/i.test(clause.text.slice(denial.end - clause.at));
    const field =
      /^(?:no|without)$/i.test(denial.text) && !isLonger
        ? fields.find((one) => one.shape.type !== 'boolean' && isCalled(one))
        : undefined;
    const without = flag ? `$not(${path(flag.path)} = true)` : field && untold(field);
    // "Not paid", where there is "unpaid" beside "partly paid".
    const un = state && /n['’]?o?t$/i.test(denial.text) ? state.un : undefined;
    const isNot = state && (un === undefined ? `${state.at} != ${state.is}` : `${state.at} = ${un}`);
    const predicate = isNot ?? without;
    return predicate === undefined ? [] : [{ predicate, said, denied: denial.at }];
  });
}

function numberCondition(
  { before, after, money, unit, compare, strict, number, counts, per }: Value,
  fields: readonly Field[],
  { nouns }: Operation,
  like?: readonly Term[],
): string | undefined {
  // "Above 2000 metres" says nothing of what is not measured in metres.
  const inUnit = ({ name, shape }: Field) =>
    inUnitOf(number!, unit ?? '', words(`${name} ${shape.description}`), !money);
  const able = fields.filter(
    (one) => isNumeric(one.shape) && !/id$/i.test(one.name) && (per === undefined || isOfEach(one, per)),
  );
  const isOfLength = ({ names, about }: Field) => isLength({ after } as Value, [...names, ...about]);
  const numbers = able.filter((field) => inUnit(field) !== undefined && !isOfLength(field));
  const near = [...(like ?? []), ...before.slice(0, 2), ...after.slice(0, 2)].filter((one) => best(one, nouns) < 0.8);
  const [only, ...others] = numbers;
  // "Fewer than 100 seats sold": of two numbers of seats the one that is of those sold.
  const worth = ({ names, about }: Field) =>
    near.reduce((sum, one) => sum + Math.max(best(one, names), isAmong(one, about) ? 0.5 : 0), 0);
  const [nearest] = numbers
    .filter(({ names }) => near.some((one) => best(one, names) >= 0.8))
    .sort((a, b) => worth(b) - worth(a));
  const field =
    nearest ??
    (like === undefined || money ? numbers.find(({ names }) => has(names, counts ? QUANTITY : MONEY, 1)) : undefined) ??
    (others.length === 0 && like === undefined && !counts ? only : undefined);
  const at = field && path(field.path);
  // What is not told is no number.
  const isTold = field?.shape.nullable ? `${at} != null and ` : '';
  return field && `${isTold}${at} ${compare === 'low' ? '>' : '<'}${strict ? '' : '='} ${inUnit(field)}`;
}

/** "Longer than an hour and a half": the only figure that is a length. */
function lengthCondition({ minutes, compare, strict }: Value, fields: readonly Field[]): string | undefined {
  const [field, ...more] = fields.filter(({ shape, names }) => isNumeric(shape) && has(names, DURATION));
  if (field === undefined || more.length > 0 || compare === undefined) return undefined;
  const isTold = field.shape.nullable ? `${path(field.path)} != null and ` : '';
  const sign = `${compare === 'low' ? '>' : '<'}${strict ? '' : '='}`;
  return `${isTold}${path(field.path)} ${sign} ${lengthIn(minutes!, field)}`;
}

function timeCondition(value: Value, fields: readonly Field[]): string | undefined {
  const { period, moment, compare, strict, due } = value;
  // Rows are compared by their day.
  if (moment?.hasTime) return undefined;
  const times = fields.filter(({ shape, names }) => isTemporal(shape, names) && (!due || isDue(names, shape)));
  // The date that is meant: the one that is named, or the only one.
  const named = namedTime(value, fields);
  const own = times.filter(({ name }) => !/creat|updat|modif|chang/i.test(name));
  const field = named ?? (own.length === 1 ? own[0] : times.length === 1 ? times[0] : undefined);
  if (field === undefined) return undefined;
  const at = `$substring(${path(field.path)}, 0, 10)`;
  // What is not told is no time.
  const isTold = field.shape.nullable ? `${path(field.path)} != null and ` : '';
  // In a filter names are members of the row; `$$` is the whole.
  const end = moment && moved(moment.at, add(1, 'day'));
  const [from, to] = [period?.from ?? moment!.at, period?.to ?? end!].map((one) => dayOf(one, '$$.now'));
  // "The next lesson" is none of this morning.
  if (value.coming && field.shape.format === 'date-time')
    return `${isTold}$substring(${path(field.path)}, 0, 16) >= $substring($$.now, 0, 16)`;
  if (compare === 'low') return `${isTold}${at} >= ${strict ? to : from}`;
  if (compare === 'high') return `${isTold}${at} < ${strict ? from : to}`;
  return `(${isTold}${at} >= ${from} and ${at} < ${to})`;
}

function textCondition(value: Value, fields: readonly Field[], { nouns, tool }: Operation): string | undefined {
  const { text, type } = value;
  const known = fields.find(({ seen }) => seen?.has(text.toLowerCase())) ?? fields.find(isOf(value, tool));
  if (known !== undefined) return hasText(known, text);
  // Of two languages that a row has neither is guessed, and none of them is its text.
  const [coded, ...more] = fields.filter((field) => heldCode(value, field) !== undefined);
  if (coded) return more.length > 0 ? undefined : `${path(coded.path)} = ${string(heldCode(value, coded)!)}`;
  const texts = fields.filter(
    ({ name, shape, ...field }) =>
      shape.type === 'string' &&
      shape.format === undefined &&
      !/^(?:id|.*(?:_id|Id|_?no|No|_?number|Number))$/.test(name) &&
      referenceNouns({ name, shape, ...field }).length === 0,
  );
  const wanted = text.toLowerCase();
  const exact = texts.find(({ shape }) => shape.enum?.some((one) => String(one).toLowerCase() === wanted));
  if (exact !== undefined) return `$lowercase(${path(exact.path)}) = ${string(wanted)}`;
  const isCalled = ({ names }: Field) => type.some((one) => isAmong(one, names));
  const named = texts.find((field) => field.shape.enum === undefined && isCalled(field));
  const field = named ?? (type.some((one) => best(one, nouns) >= 0.8) ? nameField(fields) : undefined);
  return field && `$contains($lowercase($string(${path(field.path)})), ${string(wanted)})`;
}
