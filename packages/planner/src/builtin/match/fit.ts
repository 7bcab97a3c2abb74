import { best } from '../lexicon/likeness.ts';
// How well one value of an intent fits one slot. The numbers rank offers; about 1 is a guess, 3 and more is told.

import type { Json } from '@errand/contracts';
import { add, addLength, type Instant, moved } from '../intent/relative.ts';
import type { Value } from '../intent/value.ts';
import { type Term, term } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import type { Operation } from '../tools/operation.ts';
import { shapeOf } from '../tools/shape.ts';
import type { Scope } from './draft.ts';
import { type Fit, fitPair } from './fit-pair.ts';
import { isDaily, isTemporal, renderDate, renderPeriod, renderPlain } from './render.ts';

const list = (text: string) => text.split(' ').map(term);
const MONEY = list('amount price cost value total salary budget revenue fee balance money payment');
const NAMES = list('name title label subject');
const TEXTS = list('message comment body text content note notes description memo remark');
const MAIL = list('email mail recipient to attendee invitee address');
const LINK = list('url website link homepage uri');
const QUANTITY = list('quantity number count seats units');
const DURATION = list('duration length minutes');
const START = list('start begin from starts scheduled');
const END = list('end finish until');
const BOUNDS = new Set([
  'min',
  'max',
  'minimum',
  'maximum',
  'from',
  'to',
  'gte',
  'lte',
  'gt',
  'lt',
  'after',
  'before',
  'since',
  'until',
  'start',
  'end',
  'at',
  'date',
  'time',
  'on',
  'least',
  'most',
]);

const YEAR = shapeOf({ type: 'integer' }, {});
const isNumeric = ({ shape }: Slot) => shape.type === 'number' || shape.type === 'integer';
const isText = ({ shape }: Slot) => shape.type === 'string' || shape.type === 'any';
export const has = (names: readonly Term[], wanted: readonly Term[], least = 0.8) =>
  names.some((one) => best(one, wanted) >= least);

/** A fit, or undefined when the value has no business in the slot. */
export function fitOf(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  switch (value.kind) {
    case 'pair':
      return fitPair(slot, value);
    case 'email':
      if (slot.shape.format === 'email' || slot.names.some(({ lemma }) => lemma === 'email'))
        return { value: value.text, sure: 3.5 };
      return isText(slot) && slot.shape.enum === undefined && slot.shape.format === undefined && has(slot.names, MAIL)
        ? { value: value.text, sure: 2.5 }
        : slot.use === 'search'
          ? { value: value.text, sure: 1.2 }
          : undefined;
    case 'url':
      return isText(slot) && (/^ur[il]/.test(slot.shape.format ?? '') || has(slot.names, LINK))
        ? { value: value.text, sure: 3 }
        : undefined;
    case 'id':
      return fitId(slot, value, operation);
    case 'number':
      return fitNumber(slot, value, operation);
    case 'duration':
      return fitDuration(slot, value);
    case 'moment':
    case 'period':
      return fitTime(slot, value, scope);
    default:
      return fitText(slot, value, operation, scope);
  }
}

function fitId(slot: Slot, value: Value, operation: Operation): Fit | undefined {
  if (!isText(slot) && value.number === undefined && !/^\d+$/.test(value.text)) return undefined;
  const numeric = isNumeric(slot) ? Number(value.text) : value.text;
  if (slot.use === 'id') {
    const beside = value.before.slice(0, 1);
    const typed = has(slot.noun, value.before.slice(0, 2), 0.7);
    // "order ORD-9" is the id of an order and of nothing else that the call refers to.
    const others = operation.slots.filter((one) => one !== slot && one.use === 'id').flatMap(({ noun }) => noun);
    if (!typed && has([...others, ...operation.nouns], beside, 0.8)) return undefined;
    return { value: numeric, sure: typed ? 4 : 2, said: typed ? value.before.slice(0, 1) : [] };
  }
  if (isNumeric(slot) || slot.shape.enum !== undefined || slot.shape.format !== undefined) return undefined;
  if (has(slot.names, value.before.slice(0, 1))) return { value: value.text, sure: 3, said: value.before.slice(0, 1) };
  return slot.use === 'search' ? { value: value.text, sure: 1 } : undefined;
}

function fitNumber(slot: Slot, value: Value, operation: Operation): Fit | undefined {
  const rendered = renderPlain(value, slot);
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
    return { value: isNumeric(slot) ? value.number! : value.text, sure: 4, said: [previous] };
  }
  if (rendered === undefined || !isNumeric(slot)) {
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
  if (value.compare !== undefined) {
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
  // "5 chairs": a bare number before the thing itself is how many.
  if (has(core, QUANTITY, 1) && next !== undefined) return { value: rendered, sure: 1.5 };
  return slot.required && value.money === undefined && has(core, MONEY) ? { value: rendered, sure: 1 } : undefined;
}

function fitDuration(slot: Slot, value: Value): Fit | undefined {
  if (!isNumeric(slot) || !has(slot.names, DURATION)) return undefined;
  const told = `${slot.name} ${slot.shape.description}`;
  const scale = /second/i.test(told) ? 60 : /hour/i.test(told) && !/minute/i.test(told) ? 1 / 60 : 1;
  return { value: Math.round(value.minutes! * scale * 100) / 100, sure: 3.5 };
}

function fitTime(slot: Slot, value: Value, scope: Scope): Fit | undefined {
  const { period, moment } = value;
  if (period !== undefined && slot.bound === undefined) {
    const part = renderPeriod(period, slot.shape, slot.names);
    if (part !== undefined && value.compare === undefined) return { value: part, sure: 3 };
    if (
      part !== undefined &&
      slot.shape.type === 'integer' &&
      !scope.writes &&
      period.grain === 'year' &&
      slot.bound === undefined
    )
      return undefined;
  }
  if (
    !isTemporal(slot.shape, slot.names) &&
    !(isNumeric(slot) && /\b(unix|epoch|timestamp)\b/i.test(slot.shape.description))
  ) {
    return slot.bound !== undefined &&
      period?.grain === 'year' &&
      slot.names.some(({ lemma }) => lemma === 'year') &&
      value.compare === slot.bound
      ? { value: renderPeriod(period, YEAR, slot.names)!, sure: 3 }
      : undefined;
  }
  const near = [...value.before.slice(0, 2), ...value.after.slice(0, 1)];
  const named = slot.names.some((one) => !BOUNDS.has(one.text) && best(one, near) >= 0.8) ? 1 : 0;
  const from = period?.from ?? moment!.at;
  const to = period?.to ?? moment!.end ?? moved(moment!.at, add(1, 'day'));
  if (slot.bound !== undefined) {
    if (value.compare !== undefined && value.compare !== slot.bound) return undefined;
    const date =
      slot.bound === 'low'
        ? value.compare === 'low' && value.strict && period
          ? to
          : from
        : value.compare === 'high' && (value.strict || moment?.hasTime)
          ? from
          : to;
    return { value: renderBound(date, slot, date === to && moment?.end === undefined), sure: 3 + named };
  }
  if (!scope.writes)
    return value.compare === undefined && slot.at[0] !== 'body'
      ? { value: renderDate(from, slot.shape), sure: 1.5 + named }
      : undefined;
  // A time of day belongs where times are kept; of two ends the start takes it.
  const isEnd = has(slot.names, END, 1);
  const length = scope.free.find(({ kind }) => kind === 'duration');
  if (isEnd) {
    const end =
      moment?.end ??
      (moment && length?.minutes !== undefined
        ? moved(moment.at, addLength(Math.round(length.minutes * 60)))
        : undefined);
    return end === undefined ? undefined : { value: renderDate(end, slot.shape), sure: 2.2, also: length && [length] };
  }
  const timely = moment?.hasTime === true && slot.shape.format === 'date-time' ? 0.4 : 0;
  return {
    value: renderDate(from, slot.shape),
    sure: 2.5 + named + timely + (slot.required ? 0.3 : 0) + (has(slot.names, START) ? 0.2 : 0),
  };
}

/** An upper bound by the day includes the last day; one by the instant is where the next period begins. */
function renderBound(at: Instant, slot: Slot, exclusive: boolean): Json {
  const included =
    slot.bound === 'high' && exclusive && isDaily(slot.shape) && !/\bbefore\b|exclusive/i.test(slot.shape.description);
  return renderDate(included ? moved(at, add(-1, 'second')) : at, slot.shape);
}

function fitText(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const rendered = renderPlain(value, slot);
  if (slot.shape.enum !== undefined) {
    const exact = slot.shape.enum.some((one) => String(one).toLowerCase() === value.text.toLowerCase());
    return rendered === undefined ? undefined : { value: rendered, sure: exact ? 4 : 2 };
  }
  if (!isText(slot) || rendered === undefined || isTemporal(slot.shape, slot.names)) return undefined;
  if (slot.shape.format !== undefined && slot.shape.format !== 'uuid') return undefined;
  const [previous] = value.before;
  const named =
    previous !== undefined &&
    slot.names.some(
      (one) => one.lemma === previous.lemma || (best(one, [previous]) >= 0.8 && best(previous, operation.nouns) < 0.8),
    );
  if (slot.use === 'id') return undefined;
  const typed = value.before
    .slice(0, 1)
    .concat(value.after.slice(0, 1))
    .some((one) => best(one, [...operation.nouns, ...operation.parents]) >= 0.8);
  const given = /^(?:called|named|titled|as|saying|about|regarding|re|to)$/.test(value.preposition ?? '');
  const quoted = value.kind === 'quoted';
  if (slot.use === 'search') return { value: rendered, sure: 2 + (typed ? 1 : 0) + (value.sure === false ? -0.5 : 0) };
  if (
    (scope.writes && slot.at[0] === 'body') ||
    (scope.writes && operation.tool.method === undefined && operation.tool.effect === 'write')
  ) {
    if (value.preposition === 'saying')
      return has(slot.names, TEXTS)
        ? { value: rendered, sure: 4 }
        : has(slot.names, NAMES, 1)
          ? { value: rendered, sure: 1.6 }
          : undefined;
    if (has(slot.names, NAMES, 1) && operation.action === 'create') {
      if (/^(?:for|with|to|from|of|by|at|in)$/.test(value.preposition ?? '') && !quoted)
        return named ? { value: rendered, sure: 3 } : undefined;
      return { value: rendered, sure: (given ? 3.2 : 2) + (typed ? 1 : 0) + (quoted ? 0.6 : 0) };
    }
    if (named) return { value: rendered, sure: 3, said: [previous] };
    if (
      has(slot.names, NAMES, 1) &&
      value.preposition === 'to' &&
      /\b(?:re)?(?:name|title|call)/i.test(scope.clause.text)
    )
      return { value: rendered, sure: 2 };
    if (quoted && has(slot.names, TEXTS)) return { value: rendered, sure: 2.4 };
    return undefined;
  }
  if (slot.at[0] === 'path') return named ? { value: rendered, sure: 3, said: [previous] } : undefined;
  if (has(slot.names, NAMES, 1))
    return { value: rendered, sure: 2.2 + (typed ? 1 : 0) + (value.sure === false ? -0.5 : 0) };
  return named ? { value: rendered, sure: 3, said: [previous] } : undefined;
}
