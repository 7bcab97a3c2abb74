// Words that pick or measure, and that a read overlooks: "the heaviest", "a month", "fewer than 5 left", "under 4 %", "in Antwerp".
import { path } from '../../answer/jsonata.ts';
import { countedFields, sumField } from '../../answer/result.ts';
import type { Value } from '../../intent/value.ts';
import { best, isAmong, isSame, term, terms } from '../../lexicon/words.ts';
import { namesOf } from '../../tools/catalog.ts';
import type { Slot } from '../../tools/inputs.ts';
import { rowFieldsOf } from '../../tools/operation.ts';
import type { Field } from '../../tools/outputs.ts';
import type { Draft, Scope } from '../draft.ts';
import { has } from '../fit/slots.ts';
import { isTemporal } from '../render.ts';
import { masked } from './spoken.ts';

/** "Heaviest", "largest": no guest, request or contest is one. */
const SUPERLATIVE =
  /\b(?!(?:bequ|cont|cr|gu|harv|inter|inv|man|mod|pr[io]t|qu|requ|r|t|v|w|n|ch|p|arr|dig|for|sugg|conqu|hon|earn|lat|old|l)est)\p{L}{1,12}est\b/iu;
/** "…, and did it pass?" */
const WHETHER = /\b(?:did|do|does|is|are|was|were|has|have)\s+(?:it|they|he|she|these|those)\s+(?:been\s+)?(\p{L}+)/iu;
const RATE = /\b(?:an?|per)\s+(hour|day|week|month|quarter|year)\b/i;
const SUMMED = /\b(?:total|sum|average)\s+(?:of\s+)?(?:(?:the|all|our|its|their)\s+)*(\p{Ll}+)\b/iu;
const MONEY = terms('amount price cost value total fee rent salary');
const SHARE = /percent|per cent|%|\b(?:abv|rate|share|ratio)\b/i;
const WHERE = /\b(?:address|area|city|country|depot|location|place|region|site|town|venue|where)\b/i;
const COUNTED = /^\s+(?:copies|in stock|items|left|pcs|pieces|places|seats|units)\b/i;
const REMAINING = /^\s+(?:\p{L}+\s+){0,2}(left|remaining|free)\b/iu;
const REMAINS = /avail|free|left|remain|stock/i;

/** The words of a question that pick or measure, and that a draft does not keep. */
export function overlooked(draft: Draft, { clause, free }: Scope): string[] {
  const { text, at: start, picking } = clause;
  const plain = masked(text, free, start);
  const most = picking.top === undefined ? (SUPERLATIVE.exec(plain)?.slice(0, 1) ?? []) : [];
  const [rate, grain] = RATE.exec(plain) ?? [];
  const figure = sumField(picking, rowFieldsOf(draft.goal.operation), clause);
  const isOfGrain = figure && isAmong(term(grain ?? ''), [...figure.names, ...figure.about]);
  const rates = picking.aggregate && rate !== undefined && !isOfGrain ? [rate] : [];
  const values = [...draft.used].filter(({ fromContext }) => !fromContext);
  // "That nobody looks after", where no state says so.
  const told = [...draft.said, ...draft.goal.filled.flatMap((one) => one.said)];
  const isTold = told.some((one) => /^(?:nobody|none)$/.test(one.text));
  const nobody = isTold ? [] : (/\b(?:nobody|no one|none)\b/i.exec(plain)?.slice(0, 1) ?? []);
  // "How many guests do we expect at the Gala": a figure of what is called so.
  const fields = rowFieldsOf(draft.goal.operation);
  const isOfOne = picking.counted && countedFields(fields, picking.counted, clause.topics).length === 1;
  // "Not paid for Q4": what has no day of payment was not paid on such a day.
  const undone = values.flatMap(({ kind, before: [word], text: when }) => {
    const isTime = (kind === 'moment' || kind === 'period') && word !== undefined;
    const isDenied =
      isTime && new RegExp(`(?:n['’]t|\\bnot|\\bnever)(?:\\s+(?:yet|been))*\\s+${word.text}\\b`, 'i').test(plain);
    const isOwn = ({ name, names, shape }: Field) => isTemporal(shape, names) && isAmong(word!, terms(name));
    return isDenied && rowFieldsOf(draft.goal.operation).some(isOwn) ? [`${word.text} ${when}`] : [];
  });
  // "The total reserve" is no sum of something else.
  const [, summed] = (figure && picking.aggregate && SUMMED.exec(plain)) ?? [];
  const named = figure && [...figure.names, ...figure.about, ...namesOf(draft.goal.operation), ...told];
  const isLost = clause.topics.some(
    ({ term: one }) =>
      one.text === summed?.toLowerCase() && !/(?:ed|paid|due|spent|given)$/.test(one.text) && best(one, named!) < 0.7,
  );
  // What is asked of a thing does not say which is meant.
  const [whether, state] = WHETHER.exec(plain) ?? [];
  const isState = told.some((one) => state !== undefined && isSame(one, term(state.toLowerCase())));
  return [
    ...(isLost ? [summed!] : []),
    ...most,
    ...(isState ? [whether!] : []),
    ...rates,
    ...nobody,
    ...undone,
    ...values
      .filter(({ kind }) => kind !== 'name' || !isOfOne)
      .flatMap((value) => unmeasured(value, draft, text.slice(value.at - start))),
  ];
}

/** What a value is compared with or sought in: arguments, and fields that a condition names. */
function targetsOf(value: Value, { goal, conditions }: Draft): readonly (Slot | Field)[] {
  const slots = goal.filled.flatMap(({ slot, used }) => (used.includes(value) ? [slot] : []));
  const fields = rowFieldsOf(goal.operation).filter((field) =>
    conditions.some(
      (one) => value.number !== undefined && one.includes(`${path(field.path)} `) && one.includes(`${value.number}`),
    ),
  );
  return [...slots, ...fields];
}

/** @param said the clause from the value on */
function unmeasured(value: Value, draft: Draft, said: string): string[] {
  const rest = said.slice(value.end - value.at);
  const targets = targetsOf(value, draft);
  const about = ({ name, shape }: Slot | Field) => `${name} ${shape.description}`;
  if (value.kind === 'name' && /^(?:in|at)$/.test(value.preposition ?? '')) {
    const isSought = (one: Slot | Field) => 'use' in one && one.use === 'search' && !WHERE.test(about(one));
    return targets.some(isSought) ? [`${value.preposition} ${value.text}`] : [];
  }
  if (value.kind !== 'number' || value.compare === undefined) return [];
  const [, left] = REMAINING.exec(rest) ?? [];
  const isLeft = left !== undefined && !targets.some((one) => REMAINS.test(about(one)));
  const isShare = /^[\d.,]+\s*(?:%|per\s?cent)/i.test(said);
  const isOther = isShare && targets.some((one) => !SHARE.test(about(one)));
  const isCounted = COUNTED.test(rest) && targets.some(({ names }) => has(names, MONEY, 1));
  return isLeft || isOther || isCounted ? [`${value.text}${rest.split(/[,.;?!]/)[0]!.trimEnd()}`] : [];
}
