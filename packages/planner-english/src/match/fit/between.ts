// What holds between two figures of a row: "parts below their reorder level", "sold out", "with seats left".
import { path } from '../../answer/jsonata.ts';
import type { Clause } from '../../intent/intent.ts';
import { best, isAmong, isSame, type Term, term, terms, words } from '../../lexicon/words.ts';
import { type Operation, rowFieldsOf } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import { isNumeric } from '../../tools/shape.ts';

type Between = { predicate: string; said: Term; denied?: number };
type Told = Pick<Clause, 'text' | 'topics' | 'denials' | 'at'>;

const ORDER =
  /\b(?:(at or below|no more than|at most)|(at or above|at least|no less than)|(below|under|beneath|(?:less|fewer|lower) than|short of)|(above|over|(?:more|higher|greater) than|exceed(?:s|ed|ing)?|past))\s+(?:(?:its|their|the|his|her|our|own)\s+)*([\p{L}-]+(?:\s+[\p{L}-]+){0,3})(?!\s*\d)/iu;
const SIGNS = ['<=', '>=', '<', '>'];
const FULL =
  /\b(?:(?:sold|booked)[\s-](?:out|up)|fully\s+(?:booked|occupied)|(?<=\b(?:is|are|was|were)\s+(?:already\s+|completely\s+|not\s+)?)full)\b/i;
const FREE =
  /\b(?:(?:free|available|spare)\s+(?:seats?|places?|spots?|spaces?|tickets?)|(?:seats?|places?|spots?|spaces?|tickets?|room)\s+(?:left|free|available))\b/i;
const CAPACITY = terms('capacity seats places spaces spots');
const TAKEN = [
  'sold',
  'booked',
  'taken',
  'registered',
  'enrolled',
  'reserved',
  'occupied',
  'signed',
  'used',
  'filled',
].map(term);

/** Conditions between two figures of the rows. */
export function between(operation: Operation, clause: Told): Between[] {
  const match = ORDER.exec(clause.text);
  const order = match && orderIn(match, operation, clause);
  if (match && order?.predicate !== undefined) {
    const said = saidIn(clause, match.index, match[0].length).filter((one) => named(order.bound, one));
    return [...said, ...order.said].map((one) => ({ predicate: order.predicate!, said: one }));
  }
  return filled(operation, clause);
}

/** A bound by another field of the rows that nothing keeps, as it is said. */
export function unbound(operation: Operation, clause: Told): string[] {
  const match = ORDER.exec(clause.text);
  const [than] = /\b(?<!\b(?:rather|other)\s+)than\s+(?:the|its|their|his|her|our)\s+\p{L}+/iu.exec(clause.text) ?? [];
  if (match === null || orderIn(match, operation, clause)?.predicate !== undefined)
    return than === undefined || match !== null ? [] : [than];
  const [first] = terms(match[5]!);
  const isField = first !== undefined && rowFieldsOf(operation).some((field) => named(field, first));
  return isField ? [match[0].trim()] : [];
}

const figuresOf = (operation: Operation) =>
  rowFieldsOf(operation).filter(({ shape, name }) => isNumeric(shape) && !/id$/i.test(name));
const named = ({ name }: Field, one: Term) => words(name).some((word) => term(word).lemma === one.lemma);

/** The figure behind "below", and the one in front: by its words, else by what the document says of the two. */
function orderIn(match: RegExpExecArray, operation: Operation, { text, topics, at }: Told) {
  const behind = terms(match[5]!);
  const figures = figuresOf(operation);
  const bounds = figures.filter(({ name }) =>
    words(name).every((word) => behind.some((one) => isSame(one, term(word)))),
  );
  const [bound, ...more] = bounds;
  if (bound === undefined || more.length > 0) return undefined;
  const before = topics.filter((one) => one.at - at < match.index && text.length > 0).map(({ term: one }) => one);
  const others = figures.filter((one) => one !== bound);
  const bySaid = others.filter((one) => before.some((said) => named(one, said)));
  const byDocument = others.filter((one) => tells(bound, one) || tells(one, bound));
  const [figure, ...rivals] = bySaid.length > 0 ? bySaid : byDocument;
  const sign = SIGNS[match.slice(1, 5).findIndex((one) => one !== undefined)];
  const predicate = figure && rivals.length === 0 ? `${path(figure.path)} ${sign} ${path(bound.path)}` : undefined;
  return { bound, predicate, said: figure ? before.filter((one) => named(figure, one)) : [] };
}

/** What the document says of a figure speaks of the other one. */
const tells = ({ about }: Field, { name }: Field) =>
  terms(name).length > 0 && terms(name).every((one) => isAmong(one, about));

/** How many places there are, and how many of them are taken. */
function roomIn(operation: Operation): { taken: Field; capacity: Field } | undefined {
  const figures = figuresOf(operation).filter(({ name }) => !/price|cost|fee|rate|amount/i.test(name));
  const taken = figures.filter(({ names }) => names.some((one) => isAmong(one, TAKEN)));
  const capacities = figures.filter(
    ({ names, ...one }) =>
      !taken.some(({ name }) => name === one.name) && names.some((name) => best(name, CAPACITY) >= 0.8),
  );
  const [one, other] = [taken[0], capacities[0]];
  return one && other && taken.length + capacities.length === 2 ? { taken: one, capacity: other } : undefined;
}

const HOW_MANY =
  /\bhow many\s+(?:(?:free|available|spare)\s+)?(?:\p{Lu}[\p{L}\d]*\s+)*(?:(?:free|available|spare)\s+)?(seats?|places?|spots?|spaces?|tickets?)\b(?=(.*?)\b(?:free|left|available|unused|remaining)\b|)/iu;

/** "How many seats are still free": those that there are without those that are taken. */
export function freeOf(operation: Operation, clause: Told): { figure: string; said: Term[] } | undefined {
  const match = HOW_MANY.exec(clause.text);
  const isFree = match !== null && (match[2] !== undefined || /\b(?:free|available|spare)\b/i.test(match[0]));
  const room = isFree ? roomIn(operation) : undefined;
  if (room === undefined) return undefined;
  const said = clause.topics.flatMap(({ term: one }) =>
    one.text === match![1]!.toLowerCase() || /^(?:free|available|spare|left|unused|remaining)$/.test(one.text)
      ? [one]
      : [],
  );
  return { figure: `${path(room.capacity.path)} - ${path(room.taken.path)}`, said };
}

/** As many are taken as there are places, or fewer. */
function filled(operation: Operation, clause: Told): Between[] {
  const [full, free] = [FULL.exec(clause.text), FREE.exec(clause.text)];
  const match = full ?? free;
  if (match === null) return [];
  const room = roomIn(operation);
  if (room === undefined) return [];
  const denial = clause.denials.find(
    ({ end }) =>
      /^\s*(?:\p{L}+\s+)?$/u.test(clause.text.slice(end - clause.at, match.index)) && end - clause.at <= match.index,
  );
  const isFull = (full !== null) === (denial === undefined);
  const predicate = `${path(room.taken.path)} ${isFull ? '>=' : '<'} ${path(room.capacity.path)}`;
  return saidIn(clause, match.index, match[0].length).map((said) => ({
    ...{ predicate, said },
    ...(denial && { denied: denial.at }),
  }));
}

const saidIn = ({ topics, at }: Told, from: number, length: number): Term[] =>
  topics.flatMap((topic) => (topic.at - at >= from && topic.at - at < from + length ? [topic.term] : []));
