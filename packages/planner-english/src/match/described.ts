// A thing that no name of its own tells, but what holds of it: "Otto's appointment on Friday", "the open work orders at Lowmoor".
import { join, output, path, string } from '../answer/jsonata.ts';
import { isPaged, largestPage, withPages } from '../answer/pages.ts';
import { sifted } from '../answer/rows.ts';
import type { Value } from '../intent/value.ts';
import { plural } from '../lexicon/stem.ts';
import { GENERIC } from '../lexicon/stopwords.ts';
import { best, isAmong, type Term } from '../lexicon/words.ts';
import type { Slot } from '../tools/inputs.ts';
import { type Operation, thingOf } from '../tools/operation.ts';
import { type Source, tellingOf } from '../tools/sources.ts';
import { assign } from './assign.ts';
import { nounMatch, within } from './chain.ts';
import { siftings } from './conditions.ts';
import {
  type Assignment,
  draftId,
  type Filled,
  isName,
  type Scope,
  type Step,
  type Target,
  type Way,
} from './draft.ts';

/** Lists that are tried, and assignments of values to the filters of each. */
const TRIED = { lists: 4, assignments: 4 };
/** A name of its own tells more. */
const DOUBT = 0.5;

/**
 * Ways to the id of what a list holds under conditions, or to the ids of all such where several are spoken of.
 * @param scope with the values that are left
 * @param fills what the call takes otherwise: words that it is told by are no conditions
 */
export function describedWays(slot: Slot, target: Target & { fills: readonly Filled[] }): Way[] {
  const { operation, catalog, fills, before = [] } = target;
  const nouns = [...slot.noun, ...slot.aboutNoun];
  const scope = restOf(target.scope, fills, operation);
  return [...new Set(nouns.flatMap((noun) => catalog!.sources(noun)))]
    .filter(({ main, rows, some }) => main && !some && rows !== undefined)
    .map((source) => ({ source, match: nounMatch(slot, source) }))
    .filter(({ source, match }) => match >= 0.75 && source.operation !== operation && isList(source, nouns))
    .sort((a, b) => b.match - a.match)
    .slice(0, TRIED.lists)
    .flatMap(({ source, match }) =>
      assign({ operation: source.operation, scope, catalog, before })
        .slice(0, TRIED.assignments)
        .flatMap((assigned) => wayTo(tellingOf(source, slot), match, assigned, { scope, fills })),
    );
}

const isCode = ({ kind, adjacent, compare }: Value) =>
  kind === 'id' || (kind === 'number' && adjacent === true && compare === undefined);

/** A time says nothing of which thing is meant. */
const isTelling = ({ kind }: Value) => kind !== 'moment' && kind !== 'period';

const isList = ({ operation }: Source, nouns: readonly Term[]) =>
  nouns.some((noun) => best(noun, operation.nouns) >= 0.7);

/** @param fills what the call takes otherwise */
function wayTo(
  source: Source,
  match: number,
  assigned: Assignment,
  { scope, fills: given }: { scope: Scope; fills: readonly Filled[] },
): Way[] {
  const { operation } = source;
  const { fills, used, doubt } = assigned;
  const own = within(operation, given).filter(({ slot }) => !fills.some((one) => one.slot === slot));
  const open = assigned.open.filter((slot) => !own.some((one) => one.slot === slot));
  const told = new Set(fills.flatMap(({ said }) => said));
  const more = siftings(operation, scope, fills);
  const isTold = fills.some(({ sure }) => sure > 0.1) || more.length > 0 || assigned.predicates.length > 0;
  const each = isMany(operation, scope);
  if (each && !scope.isWrite) return [];
  // "Remind Ana of her fees" is not done for each that she ever had: "all", a state, a day or a figure says which.
  const isWhose = told.size + more.length === 0 && used.every(isName);
  if (each && isWhose && !/\b(?:all|every|each|both|any)\b/i.test(scope.clause.text)) return [];
  // "Move issue 5 to the project Zeus": a number tells which by itself.
  if (scope.isWrite && used.length > 1 && used.some(isCode)) return [];
  if (open.length > 0 || !isTold || operation.outline.rows?.path.join() !== source.rows!.join()) return [];
  const limit = operation.slots.find(({ use }) => use === 'limit');
  const args = [...own, ...fills.map(({ slot, value }) => ({ slot, value }))];
  if (limit) args.push({ slot: limit, value: largestPage(limit) });
  const about = [...used.map(({ text }) => text), ...told, ...more.map(({ said }) => said)].map((one) =>
    typeof one === 'string' ? one : one.text,
  );
  const thing = thingOf(operation);
  const id = draftId(
    operation,
    `described ${about.join()} ${own.map((one) => JSON.stringify(one.value)).join()} ${assigned.steps.map((one) => one.id).join()}`,
  );
  const step: Step = {
    id,
    operation,
    purpose: 'lookup',
    args,
    filled: fills,
    ...(used.some(isTelling) && { isSpoken: true }),
    reason: `Find the ${each ? plural(thing) : thing}`,
  };
  const paged = withPages(step);
  if (paged === undefined && isPaged(step) && (each || assigned.predicates.length + more.length > 0)) return [];
  const all = paged?.all ?? join(output(id), source.rows!);
  const ids = `$distinct([${sifted(all, [...assigned.predicates, ...more.map(({ predicate }) => predicate)])}].${path(source.id)})`;
  const words = about.map((text) => `"${text}"`).join(', ');
  const none = string(`No ${thing} fits ${words}.`);
  const several = string(`Several ${plural(thing)} fit ${words}. Say which one is meant.`);
  const one = `$n = 1 ? $i[0] : $refuse($n = 0 ? ${none} : ${several})`;
  return [
    {
      steps: [...assigned.steps, paged ?? step],
      id: `($i := ${ids}; $n := $count($i); ${each ? `$n > 0 ? $i : $refuse(${none})` : one})`,
      type: operation.outline.rows!.fields.find((field) => field.path.join() === source.id.join())?.shape.type,
      used,
      said: [...told, ...more.map(({ said }) => said)],
      denied: more.flatMap(({ denied }) => denied ?? []),
      score: 2,
      doubt: DOUBT + doubt + 2 * (1 - match),
      each,
    },
  ];
}

/** All that fit are meant: they are spoken of as several. */
const isMany = ({ nouns, marks }: Operation, { clause }: Scope): boolean =>
  clause.copy === undefined &&
  clause.topics.some(
    ({ term: one }) =>
      isAmong(one, [...nouns, ...marks.filter(({ lemma }) => GENERIC.has(lemma))]) &&
      (one.text !== one.lemma || isEvery(clause.text, one.text)),
  );

const isEvery = (text: string, noun: string) =>
  new RegExp(`\\b(?:every|each|all)\\s+(?:\\w+\\s+){0,3}${noun}\\b`, 'i').test(text);

/** A scope that reads, without the values and words that the goal takes. */
function restOf(scope: Scope, fills: readonly Filled[], { verbs, marks, claim }: Operation): Scope {
  const { clause, free, memory } = scope;
  const used = fills.flatMap((fill) => fill.used);
  // "Mark her fee as paid": what the call makes of it, and no state that it is in.
  const [, made] = /\bas\s+(\p{L}+)\s*[.!]*\s*$/iu.exec(clause.text.trimEnd()) ?? [];
  const does = [...verbs, ...marks, ...claim];
  const result = clause.topics.filter(({ term: one }) => one.text === made?.toLowerCase() && isAmong(one, does));
  const said = [...fills.flatMap((fill) => fill.said), ...result.map(({ term: one }) => one)];
  let { text } = clause;
  const blank = (at: number, length: number) => {
    if (at >= 0 && length > 0) text = `${text.slice(0, at)}${' '.repeat(length)}${text.slice(at + length)}`;
  };
  for (const { at, end, fromContext } of used) if (!fromContext) blank(at - clause.at, end - at);
  blank(0, clause.stated);
  for (const { text: word } of said)
    for (const { index } of clause.text
      .toLowerCase()
      .matchAll(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'gu')))
      blank(index, word.length);
  // The same for all goals: what differs between them is part of the keys.
  memory.described ??= { ways: new Map() };
  const topics = clause.topics.filter(({ term: one, isStated }) => !isStated && !isAmong(one, said));
  return {
    ...scope,
    writes: false,
    isWrite: scope.writes,
    free: free.filter((value) => !used.includes(value)),
    clause: { ...clause, text, topics },
    memory: memory.described,
  };
}
