// What holds until a day, or while there is some of it: "no warranty any more", "under warranty", "expired", "out of stock".
import { path } from '../../answer/jsonata.ts';
import type { Clause } from '../../intent/intent.ts';
import { isSame, type Term, terms, words } from '../../lexicon/words.ts';
import type { Field } from '../../tools/outputs.ts';
import { isNumeric } from '../../tools/shape.ts';
import type { Scope } from '../draft.ts';
import { isTemporal } from '../render.ts';
import { untold } from './outstanding.ts';

type Held = { predicate: string; said: Term; denied?: number };
type Span = { from: number; to: number };

const BOUND = /^(?:until|till|valid|validity|expires?|expiry|expiration|expiring|ends?)$/;
const LOOSE = /^(?:at|on|date|day|time|is|to)$/;
const OVER =
  'expired|run out|ran out|outdated|out of date|over|ended|invalid|no longer valid|not valid(?: any ?more| any longer)?';
/** What says so without a word of what it is that ended. */
const ENDED =
  /\b(?:expired|(?:has|have) run out|ran out|outdated|out of date|no longer valid|not valid(?: any ?more| any longer)?|invalid)\b/i;
const ARTICLE = '(?:(?:any|an?|the|its|their|his|her|valid)\\s+)*';
const LOST = new RegExp(
  `\\b(?:no|without|out of|(?:no longer|not)\\s+(?:have|has|having|in|under|within|with|covered by)|(?:do|does)(?:n['’]t| not)\\s+have)\\s+${ARTICLE}$`,
  'i',
);
const KEPT = new RegExp(
  `\\b(?:still\\s+(?:have|has|in|under|within|with|covered by)|under|within|with(?=\\s+(?:an?\\s+)?valid)|valid)\\s+${ARTICLE}$`,
  'i',
);
const ENDING = new RegExp(
  `^\\s+(?:that\\s+|which\\s+)?(?:(?:is|are|has|have|had)\\s+)?(?:already\\s+)?(?:${OVER})\\b`,
  'i',
);
const LASTING = /^\s+(?:that\s+|which\s+)?(?:is|are)\s+(?:still\s+)?valid\b/i;
const NO_MORE = /^\s+(?:any ?more|any longer)\b/i;
const TODAY = '$substring($$.now, 0, 10)';

/** Conditions by the day until which something holds, or by how much there is of it. */
export function lasting(fields: readonly Field[], scope: Scope): Held[] {
  return [...untilDay(fields, scope), ...stocked(fields, scope.clause)];
}

function untilDay(fields: readonly Field[], { clause, free }: Scope): Held[] {
  const until = fields.flatMap((field) => {
    const own = words(field.name);
    const isLasting =
      isTemporal(field.shape, field.names) && own.some((word) => BOUND.test(word)) && !own.includes('from');
    return isLasting
      ? [{ field, thing: terms(own.filter((word) => !BOUND.test(word) && !LOOSE.test(word)).join(' ')) }]
      : [];
  });
  const named = until.flatMap(({ field, thing }): Held[] => {
    const at = thing.length === 0 ? undefined : spanOf(clause, thing);
    const found = at && stateOf(clause.text, at);
    return found === undefined ? [] : heldBy(clause, found.span, predicateOf(field, found.state));
  });
  if (named.length > 0) return named;
  // "Expired": of two days until which something holds neither is meant.
  const match = ENDED.exec(clause.text);
  const isMember =
    /^expired$/i.test(match?.[0] ?? '') &&
    fields.some(({ shape }) => shape.enum?.some((one) => /^(?:expired|ended)$/i.test(String(one))));
  const [only, ...more] = until;
  if (match === null || only === undefined || more.length > 0 || isMember) return [];
  const span = { from: match.index, to: match.index + match[0].length };
  const isTimed = free.some(
    ({ kind, at }) => /^(?:moment|period)$/.test(kind) && at >= span.to + clause.at && at <= span.to + clause.at + 12,
  );
  return isTimed ? [] : heldBy(clause, span, predicateOf(only.field, 'over'));
}

type State = 'over' | 'held' | 'none';

/** What stands around a thing says whether it still holds. */
function stateOf(text: string, { from, to }: Span): { state: State; span: Span } | undefined {
  const [before, after] = [text.slice(0, from), text.slice(to)];
  const [lost, ending, lasts] = [LOST.exec(before), ENDING.exec(after), LASTING.exec(after)];
  const [more] = NO_MORE.exec(after) ?? [''];
  const isNoLonger = more !== '' || (lost !== null && /^(?:no longer|out of)/i.test(lost[0]));
  if (lost) return { state: isNoLonger ? 'over' : 'none', span: { from: lost.index, to: to + more.length } };
  if (ending) return { state: 'over', span: { from, to: to + ending[0].length } };
  const [adjective] = /\b(?:expired)\s+$/i.exec(before) ?? [];
  if (adjective !== undefined) return { state: 'over', span: { from: from - adjective.length, to } };
  const kept = KEPT.exec(before);
  if (kept) return { state: 'held', span: { from: kept.index, to } };
  return lasts ? { state: 'held', span: { from, to: to + lasts[0].length } } : undefined;
}

function predicateOf(field: Field, state: State): string {
  const at = path(field.path);
  const day = `$substring(${at}, 0, 10)`;
  const isTold = `$exists(${at}) and ${at} != null`;
  if (state === 'held') return `(${isTold} and ${day} >= ${TODAY})`;
  return state === 'over' ? `(${isTold} and ${day} < ${TODAY})` : `(${untold(field)} or ${day} < ${TODAY})`;
}

const OUT = /\b(?:out of stock|sold out|(?:not|no longer) (?:in|on) stock|no stock(?: left)?)\b/i;
const IN = /\b(?:in|on) stock\b/i;

/** "Out of stock": there is none, where rows tell how much there is. */
function stocked(fields: readonly Field[], clause: Clause): Held[] {
  const [out, within] = [OUT.exec(clause.text), IN.exec(clause.text)];
  const match = out ?? within;
  const isStock = ({ name }: Field) => words(name).some((word) => /^(?:stock|inventory)$/.test(word));
  const figures = fields.filter((field) => isStock(field) && isNumeric(field.shape));
  const isState = fields.some(
    (field) =>
      (isStock(field) && field.shape.type === 'boolean') ||
      field.shape.enum?.some((one) => /^(?:(?:in|out_of)_stock|sold_out)$/i.test(String(one))),
  );
  const [only, ...more] = figures;
  if (match === null || only === undefined || more.length > 0 || isState) return [];
  const span = { from: match.index, to: match.index + match[0].length };
  return heldBy(clause, span, `${path(only.path)} ${out ? '<=' : '>'} 0`);
}

/** Where all words of a thing stand. */
function spanOf({ topics, at }: Clause, thing: readonly Term[]): Span | undefined {
  const said = thing.flatMap((one) => topics.find(({ term }) => isSame(term, one)) ?? []);
  if (said.length < thing.length) return undefined;
  const from = Math.min(...said.map((one) => one.at));
  const to = Math.max(...said.map((one) => one.end ?? one.at + one.term.text.length));
  return { from: from - at, to: to - at };
}

/** A condition that the words and denials of a span say. */
function heldBy({ topics, denials, at: start }: Clause, { from, to }: Span, predicate: string): Held[] {
  const isWithin = ({ at }: { at: number }) => at - start >= from && at - start < to;
  const denied = denials.filter(isWithin);
  return topics
    .filter(isWithin)
    .flatMap(({ term: said }) =>
      denied.length === 0 ? [{ predicate, said }] : denied.map((one) => ({ predicate, said, denied: one.at })),
    );
}
