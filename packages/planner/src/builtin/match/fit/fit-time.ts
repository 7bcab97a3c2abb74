// A moment or a period in the arguments that take times: one, or both ends.
import type { Json } from '@errand/contracts';
import { add, addLength, type Instant, moved } from '../../intent/relative.ts';
import type { Value } from '../../intent/value.ts';
import { best } from '../../lexicon/likeness.ts';
import { term, words } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import type { Operation } from '../../tools/operation.ts';
import { isNumeric, shapeOf } from '../../tools/shape.ts';
import type { Scope } from '../draft.ts';
import { isDaily, isTemporal, renderDate, renderPeriod } from '../render.ts';
import type { Fit } from './fit-pair.ts';
import { BOUNDS, has } from './slot-words.ts';

const START = ['start', 'begin', 'from', 'starts', 'scheduled'].map(term);
const END = ['end', 'finish', 'until'].map(term);
const YEAR = shapeOf({ type: 'integer' }, {});

/** A moment or a period in a slot; with one end of a span comes the other, where the operation takes both. */
export function fitTime(slot: Slot, value: Value, operation: Operation, scope: Scope): Fit | undefined {
  const fit = fitEnd(slot, value, scope);
  if (fit === undefined || fit.said !== undefined) return fit;
  const told = partOf(slot, value);
  if (told !== undefined && !isWhole(told, value)) {
    // "Q4 2023" in a quarter alone would be that of every year.
    const rest = operation.slots.find((one) => {
      const part = one === slot ? undefined : partOf(one, value);
      return part !== undefined && isWhole(`${told} ${part}`, value);
    });
    if (rest === undefined || operation.slots.indexOf(rest) < operation.slots.indexOf(slot)) return undefined;
    return { ...fit, sure: fit.sure + 1, more: [{ slot: rest, value: fitEnd(rest, value, scope)!.value }] };
  }
  if (told !== undefined) return fit;
  const others = operation.slots.filter((one) => one !== slot && isOtherEnd(slot, one));
  const ends = others.flatMap((one) => {
    const end = fitEnd(one, value, scope);
    return end === undefined ? [] : [{ slot: one, end }];
  });
  const [other] = ends.sort((a, b) => b.end.sure - a.end.sure);
  // One bound of a span with two ends tells too little, unless the other end is still to come.
  const until = value.period?.to ?? (value.moment && moved(value.moment.at, add(1, 'day')));
  if (slot.bound !== undefined && value.compare === undefined && other === undefined)
    return slot.bound === 'low' && until !== undefined && until.date > scope.now && fromOf(value) <= scope.now
      ? fit
      : undefined;
  // Of two ends the first brings the other.
  if (other === undefined || JSON.stringify(other.end.value) === JSON.stringify(fit.value)) return fit;
  if (isLater(slot)) return value.compare === undefined && slot.bound !== undefined ? undefined : fit;
  const also = [...(fit.also ?? []), ...(other.end.also ?? [])];
  return { ...fit, also, sure: fit.sure + 1, more: [{ slot: other.slot, value: other.end.value }] };
}

const fromOf = ({ period, moment }: Value): Date => (period?.from ?? moment!.at).date;

const isLater = (slot: Slot) => slot.bound === 'high' || (slot.bound === undefined && has(slot.names, END, 1));

/** Two bounds of one thing, its start and its end, its year and its quarter. */
function isOtherEnd(slot: Slot, other: Slot): boolean {
  if (slot.bound !== undefined)
    return other.bound !== undefined && other.bound !== slot.bound && core(slot) === core(other);
  if (other.bound !== undefined) return false;
  return isTemporal(other.shape, other.names) && isLater(other) !== isLater(slot);
}

const core = ({ name }: Slot) =>
  words(name)
    .filter((word) => !BOUNDS.has(word))
    .map((word) => term(word).root)
    .sort()
    .join(' ');
/** What a slot tells of a period as it is now: its year, its quarter, all of it; nothing when it takes no part of a period. */
function partOf(slot: Slot, { period, compare }: Value): string | undefined {
  if (period === undefined || compare !== undefined || slot.bound !== undefined) return undefined;
  const part = renderPeriod({ ...period, from: { date: period.from.date } }, slot.shape, slot.names);
  return part === undefined ? undefined : String(part);
}

/** Whether a text tells the year of a period, and which part of the year. */
const isWhole = (text: string, { period }: Value): boolean =>
  /\d{4}/.test(text) && (period?.grain === 'year' || /\S/.test(text.replace(/\b\d{4}\b/, '')));

function fitEnd(slot: Slot, value: Value, scope: Scope): Fit | undefined {
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
    !(isNumeric(slot.shape) && /\b(unix|epoch|timestamp)\b/i.test(slot.shape.description))
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
  if (!scope.writes && period !== undefined && period.grain !== 'day') return undefined;
  if (!scope.writes)
    return value.compare === undefined && !slot.sent
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
    slot.bound === 'high' &&
    exclusive &&
    isDaily(slot.shape) &&
    !/(?<!\bor )\bbefore\b|exclusive/i.test(slot.shape.description);
  return renderDate(included ? moved(at, add(-1, 'second')) : at, slot.shape);
}
