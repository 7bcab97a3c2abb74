// Detects writes that nobody requested: reported decisions, the opposite of the request, a thing that the request does not mention.
import type { ToolSpec } from '@errand/contracts';
import type { Value } from '../../intent/value.ts';
import { best, isAmong, isSame, type Term, term } from '../../lexicon/words.ts';
import type { Slot } from '../../tools/inputs.ts';
import { fieldsOf } from '../../tools/operation.ts';
import { likeExample } from '../../tools/shape.ts';
import type { Draft, Scope } from '../draft.ts';
import { masked } from './spoken.ts';

/** "Out of service", "off the list", "back": the opposite of the same words without it. */
const APART =
  /(?<!\b(?:call|called|write|sign|log|day|days|time|is|are|was|were|be)\s)\b(out of|off|back)\b(?!\s+(?:sick|to back)\b)/gi;
/** Words for a decision or an action in the past: reporting it is not a request to repeat it. */
const DECIDED =
  /^(?:accepted|approved?|archived?|blocked|cancell?ed|declined|deleted|discarded|erased|fired|merged|published|refunded|rejected|removed|sent|voided|waived|withdrawn)$/;

const toldOf = ({ title = '', description, inputSchema }: ToolSpec): string =>
  `${title} ${description} ${JSON.stringify(inputSchema)}`.replaceAll(/[_-]/g, ' ');

/** The words of a command or of news that a write does not keep. */
export function unmeant(draft: Draft, { clause, free }: Scope): string[] {
  const { operation, filled } = draft.goal;
  const { tool, nouns, verbs, marks, action } = operation;
  const text = masked(clause.text, free, clause.at).slice(clause.stated);
  const contraries = [...text.matchAll(APART)].map(([, word = '']) => word);
  // A schema may be large: it is read only where something of it is asked.
  const told = contraries.length > 0 ? toldOf(tool) : '';
  const apart = contraries.filter((word) => !new RegExp(`\\b${word}\\b`, 'i').test(told));
  // "Engage a florist": of those that are there none is meant.
  const sought = new Set([
    ...draft.said,
    ...draft.steps.flatMap((step) => (step.purpose === 'lookup' ? step.filled : [])).flatMap((one) => one.said),
  ]);
  const vague = clause.topics.flatMap(({ term: one, at }) => {
    const [article] = /\b(?:an?|any|some)\s+(?:\p{Ll}+\s+)?$/iu.exec(clause.text.slice(0, at - clause.at)) ?? [];
    return article !== undefined && sought.has(one) ? [`${article}${one.text}`] : [];
  });
  // "Move all appointments tomorrow to Ana": those of tomorrow, or to tomorrow.
  const times = filled.flatMap(({ slot, used }) => (slot.sent ? used : [])).filter(({ kind }) => kind === 'moment');
  const isMoved = free.some(({ preposition, kind }) => preposition === 'to' && kind !== 'moment');
  const loose =
    draft.goal.forEach !== undefined && isMoved
      ? times.filter(({ preposition = '' }) => !/^(?:to|until|till|by|on|for)$/.test(preposition))
      : [];
  // "Assign Ana's open tickets to Ben": those that are open, and no order to open them.
  const states = filled.flatMap(({ slot, used, said }) =>
    slot.sent && slot.shape.enum && used.length === 0 ? said : [],
  );
  const qualifying = clause.topics.flatMap(({ term: one, at }, index) => {
    const next = clause.topics[index + 1];
    const between = next && clause.text.slice(at - clause.at + one.text.length, next.at - clause.at);
    const isBefore =
      between !== undefined && /^[\s-]+$/.test(between) && nouns.some((noun) => isSame(noun, next!.term));
    // "To the offer stage" is where it goes.
    const isTarget = /\b(?:to|into|as)\s+(?:(?:the|an?)\s+)?$/i.test(clause.text.slice(0, at - clause.at));
    return action === 'update' && !isTarget && isBefore && states.includes(one)
      ? [`${one.text} ${next!.term.text}`]
      : [];
  });
  apart.push(...vague, ...loose.map((one) => one.text), ...qualifying);
  // "MOB-203 has been fixed", "LX-1044 came in, mark it as paid": of what kind it is says its noun, or the form of its key.
  // `se_1` is an id, whatever else a thing is known by.
  const isTold = ({ at, text: key }: Value) =>
    clause.news === true || (at < clause.at + clause.stated && !/^[a-z]+_/.test(key));
  const shapes = fieldsOf(operation).map(({ shape }) => shape);
  const isStrange = (key: string, { shape }: Slot) => ![shape, ...shapes].some((one) => likeExample(key, one) === true);
  const strange = filled.flatMap(({ slot, used, said }) =>
    slot.use === 'id' && said.length === 0
      ? used.filter((one) => one.kind === 'id' && isTold(one) && isStrange(one.text, slot)).map((one) => one.text)
      : [],
  );
  apart.push(...strange);
  if (clause.news && clause.verb !== undefined) {
    const { verb } = clause;
    return [...apart, ...(DECIDED.test(verb.text) ? [verb.text] : [])];
  }
  if (action !== 'create') return apart;
  // "Order 10 chains" makes no customer. "Log a call" may make an engagement whose kind is a call.
  if (filled.some(({ slot, said }) => slot.sent && slot.shape.enum && said.length > 0)) return apart;
  const own = [...nouns, ...verbs, ...marks];
  const isOwn = (one: Term) => isAmong(one, own) || best(one, own) >= 0.7;
  const said = [
    ...(clause.verb ? [clause.verb] : []),
    ...clause.topics.map((one) => one.term),
    ...free.flatMap(({ type, ties, before }) => [...type, ...ties, ...before]),
  ];
  return said.some(isOwn) ? apart : [...apart, clause.verb?.text ?? term(text).text];
}
