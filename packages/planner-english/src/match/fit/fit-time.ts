// A moment or a period in the arguments that take times: one, or both ends.
import type { Json } from '@errand/contracts';
import { add, addLength, type Instant, moved } from '../../intent/relative.ts';
import type { Value } from '../../intent/value.ts';
import { allTerms, best, isSame, type Term, term, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Operation } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import { isNumeric, shapeOf } from '../../tools/shape.ts';
import { isExclusive, namedTime } from '../conditions.ts';
import type { Scope } from '../draft.ts';
import { isClock, isDaily, isDue, isTemporal, renderClock, renderDate, renderPeriod } from '../render.ts';
import { BOUNDS, type Fit, has } from './slots.ts';

/** Words of names of times that say nothing of which time it is. */
const LOOSE = new Set('date day time on at in id datetime timestamp'.split(' '));

const START = ['start', 'begin', 'from', 'scheduled'].map(term);
const END = ['end', 'finish', 'until'].map(term);
const YEAR = shapeOf({ type: 'integer' }, {});

/** Times of what has happened. */
const PAST = /^(?:purchased|bought|created|reported|issued|born|joined|opened|received|registered|updated)$/;

const MOVES =
  /^(?:move|reschedule|postpone|push|bring|change|set|shift|update|put|edit|adjust|amend|modify|delay|start|end|make)$/;

/** A moment or a period in a slot; with one end of a span comes the other, where the operation takes both. */
export function fitTime(
  slot: Slot,
  value: Value,
  { slots, outline, action }: Operation,
  scope: Scope,
): Fit | undefined {
  const fields = outline.rows?.fields ?? [];
  const end = fitEnd(slot, value, scope, fields);
  if (end === undefined) return undefined;
  // "Move it to 20:00", "one hour later": on the day that it is on, which nobody has read.
  const isOfIt = value.moment?.anyDay || /\blater$/i.test(value.text);
  const isKept = slot.sent && isOfIt && value.compare === undefined && !isClock(slot.shape);
  if (isKept && action !== 'create' && MOVES.test(scope.clause.verb?.text ?? '')) return undefined;
  // "Reported this month": the word beside it says which time it is.
  const near = [...value.before.slice(0, 1), ...value.ties, ...value.type];
  const said = near.filter((one) =>
    [...slot.names, ...slot.about].some((word) => !LOOSE.has(word.text) && isSame(word, one)),
  );
  const fit = { ...end, said };
  if (value.moment?.hasTime && isDaily(slot.shape) && isTemporal(slot.shape, slot.names)) {
    const [clock, until] = slots.filter((one) => one.sent && isClock(one.shape));
    if (clock === undefined) return undefined;
    const ends = [value.moment.at, ...(until && value.moment.end ? [value.moment.end] : [])];
    const more = ends.map((at, index) => ({ slot: [clock, until][index]!, value: renderClock(at, clock.shape) }));
    return { ...fit, more };
  }
  // "At 10:30", where the day is told by something else.
  if (slot.sent && isClock(slot.shape))
    return value.moment?.anyDay ? { ...fit, value: renderClock(value.moment.at, slot.shape) } : undefined;
  const told = partOf(slot, value);
  if (told !== undefined) {
    if (isWhole(told, value)) return fit;
    // "Q4 2023" in a quarter alone would be that of every year.
    const rest = slots.find((one) => one !== slot && isWhole(`${told} ${partOf(one, value) ?? ''}`, value));
    if (rest === undefined || slots.indexOf(rest) < slots.indexOf(slot)) return undefined;
    return { ...fit, sure: fit.sure + 1, more: [{ slot: rest, value: fitEnd(rest, value, scope)!.value }] };
  }
  const [other] = slots
    .flatMap((one) => {
      const end = one !== slot && isOtherEnd(slot, one) ? fitEnd(one, value, scope, fields) : undefined;
      return end === undefined ? [] : [{ slot: one, end }];
    })
    .sort((a, b) => b.end.sure - a.end.sure);
  const isAll = slot.bound !== undefined && value.compare === undefined;
  const { from, to } = spanOf(value);
  // One bound of a span with two ends tells too little, unless the other end is still to come.
  if (isAll && other === undefined)
    return slot.bound === 'low' && to.date > scope.now && from.date <= scope.now ? fit : undefined;
  // Of two ends the first brings the other.
  if (other === undefined || JSON.stringify(other.end.value) === JSON.stringify(fit.value)) return fit;
  if (isLater(slot)) return isAll ? undefined : fit;
  const also = [...(fit.also ?? []), ...(other.end.also ?? [])];
  return { ...fit, also, sure: fit.sure + 1, more: [{ slot: other.slot, value: other.end.value }] };
}

/** Where a time begins, and where it ends: a day at the next. */
function spanOf({ period, moment }: Value): { from: Instant; to: Instant } {
  return period ?? { from: moment!.at, to: moment!.end ?? moved(moment!.at, add(1, 'day')) };
}

const isLater = (slot: Slot) => slot.bound === 'high' || (slot.bound === undefined && has(slot.names, END, 1));

/** Two bounds of one thing, or its start and its end. */
function isOtherEnd(slot: Slot, other: Slot): boolean {
  if (slot.bound !== undefined)
    return other.bound !== undefined && other.bound !== slot.bound && core(slot) === core(other);
  return other.bound === undefined && isTemporal(other.shape, other.names) && isLater(other) !== isLater(slot);
}

const core = ({ name }: Slot) =>
  words(name)
    .flatMap((word) => (BOUNDS.has(word) ? [] : [term(word).root]))
    .sort()
    .join(' ');

/** What a slot tells of a period as it is now: its year, its quarter, all of it; nothing when it takes no part of a period. */
function partOf(slot: Slot, { period, compare }: Value): string | undefined {
  if (period === undefined || compare !== undefined || slot.bound !== undefined) return undefined;
  const part = renderPeriod({ ...period, from: { date: period.from.date } }, slot.shape, slot.names);
  return part === undefined ? undefined : String(part);
}

/** Whether a text tells the year of a period, and which part of the year: a quarter is no day and no month. */
const isWhole = (text: string, { period }: Value): boolean =>
  /\d{4}/.test(text) &&
  (!/^(?:hour|day|week|range)$/.test(period!.grain) || /\d{4}-\d\d-\d\d/.test(text)) &&
  (period!.grain !== 'month' || !/Q\s?[1-4]/i.test(text)) &&
  (period?.grain === 'year' || /\S/.test(text.replace(/\b\d{4}\b/, '')));

function fitEnd(slot: Slot, value: Value, scope: Scope, fields: readonly Field[] = []): Fit | undefined {
  const { period, moment, compare, strict } = value;
  const { shape, names, bound, sent } = slot;
  if (value.due && !isDue(names, shape)) return undefined;
  // "I am planning for next quarter. Which laptops …": nothing was bought then.
  const begin = period?.from ?? moment?.at;
  if (
    value.optional &&
    !scope.writes &&
    begin !== undefined &&
    begin.date > scope.now &&
    names.some(({ text }) => PAST.test(text))
  )
    return undefined;
  // "Due this month" is not what was issued this month.
  const told = scope.writes ? undefined : namedTime(value, fields);
  const core = allTerms(slot.name).filter((one) => !BOUNDS.has(one.text) && !LOOSE.has(one.text));
  const says = (one: Term) => told!.names.some((name) => !LOOSE.has(name.text) && isSame(name, one));
  if (told !== undefined && core.length > 0 && ![...core, ...slot.about].some(says)) return undefined;
  if (period !== undefined && bound === undefined) {
    const part = renderPeriod(period, shape, names);
    if (part !== undefined && compare === undefined) return { value: part, sure: 3 };
    if (part !== undefined && shape.type === 'integer' && !scope.writes && period.grain === 'year') return undefined;
  }
  const isEpoch = isNumeric(shape) && /\b(?:unix|epoch|timestamp)\b/i.test(shape.description);
  if (!isTemporal(shape, names) && !isEpoch) {
    const isYear = period?.grain === 'year' && names.some(({ lemma }) => lemma === 'year');
    return isYear && bound !== undefined && compare === bound
      ? { value: renderPeriod(period, YEAR, names)!, sure: 3 }
      : undefined;
  }
  // A day alone would lose the time of day.
  const isLost = moment?.hasTime === true && isDaily(shape);
  if (isLost && (bound !== undefined || !scope.writes)) return undefined;
  const near = [...value.before.slice(0, 2), ...value.after.slice(0, 1)];
  const named = names.some((one) => !BOUNDS.has(one.text) && best(one, near) >= 0.8) ? 1 : 0;
  const { from, to } = spanOf(value);
  if (bound !== undefined) {
    if (compare !== undefined && compare !== bound) return undefined;
    const isEnd =
      bound === 'low' ? strict === true && period !== undefined : compare === undefined || !(strict || moment?.hasTime);
    // "Before the 10th" where the 10th itself would be taken, too.
    const isInclusive = /\b(?:or (?:later|earlier|after|before)|inclusive)\b/i.test(shape.description);
    const isStrict = strict === true && isInclusive && moment?.hasTime !== true && isDaily(shape);
    if (isStrict && bound === 'low') return { value: renderBound(to, slot, false), sure: 3 + named };
    // Where only later days are told, the day itself is told from the day before.
    if (isExclusive(slot, fields)) {
      const edge = isEnd ? to : from;
      const isDayBefore = bound === 'low' && !(strict === true && period === undefined);
      return { value: renderDate(isDayBefore ? moved(edge, add(-1, 'day')) : edge, shape), sure: 3 + named };
    }
    return {
      value: renderBound(isEnd ? to : from, slot, isStrict || (isEnd && moment?.end === undefined)),
      sure: 3 + named,
    };
  }
  if (!scope.writes) {
    if ((period !== undefined && period.grain !== 'day') || compare !== undefined || sent) return undefined;
    return { value: renderDate(from, shape), sure: 1.5 + named };
  }
  // "On Friday" says not when on that day a car leaves; a task may be due on a day.
  const isHourless =
    moment?.hasTime === false && shape.format === 'date-time' && !isDue(names, shape) && !has(names, END);
  if (isHourless && sent) return undefined;
  // "Until the end of this year" is its last day; "until December" says no day.
  const isLast = /\bend\s+of\s+(?:the\s+)?$/i.test(scope.clause.text.slice(0, value.at - scope.clause.at));
  if (period !== undefined && period.grain !== 'day' && (isLast || compare === 'high'))
    return isLast && isDaily(shape) ? { value: renderDate(moved(to, add(-1, 'second')), shape), sure: 2.5 } : undefined;
  // A time of day belongs where times are kept; of two ends the start takes it.
  if (has(names, END, 1)) {
    const length = scope.free.find(({ kind }) => kind === 'duration');
    const after = length && moment && moved(moment.at, addLength(Math.round(length.minutes! * 60)));
    const isUntil = compare === 'high' && strict !== true ? from : undefined;
    const end = moment?.end ?? after ?? isUntil;
    return end && { value: renderDate(end, shape), sure: 2.2, also: length && [length] };
  }
  const timely = moment?.hasTime === true && shape.format === 'date-time' ? 0.4 : 0;
  const sure = 2.5 + named + timely + (slot.required ? 0.3 : 0) + (has(names, START) ? 0.2 : 0);
  return { value: renderDate(from, shape), sure };
}

/** An upper bound by the day includes the last day; one by the instant is where the next period begins. */
function renderBound(at: Instant, { bound, shape }: Slot, exclusive: boolean): Json {
  const isBefore = /(?<!\bor )\bbefore\b|exclusive/i.test(shape.description);
  return renderDate(
    bound === 'high' && exclusive && isDaily(shape) && !isBefore ? moved(at, add(-1, 'second')) : at,
    shape,
  );
}
