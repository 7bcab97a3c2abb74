// Puts reading, search, drafts and scores together: the plans worth checking, best first.
import type { PlanRequest } from '@errand/contracts';
import { type Clause, type Intent, readIntent } from '../intent/intent.ts';
import { isQuestion, withoutPolite } from '../intent/mood.ts';
import { REFERS } from '../intent/told.ts';
import { best, isAmong, type Term } from '../lexicon/words.ts';
import { lookedAt } from '../look/looked-at.ts';
import type { Catalog } from '../tools/catalog.ts';
import { type Operation, rowFieldsOf } from '../tools/operation.ts';
import { leftOfMore, leftOver } from './account/account.ts';
import { withoutStated } from './account/spoken.ts';
import { compose } from './compose.ts';
import { type Draft, isName, type Rated, type Scope, type Step } from './draft.ts';
import { type Candidate, finish } from './finish.ts';
import { addJoins } from './joins.ts';
import { inOneCall } from './one-call.ts';
import { isGood, score, suits } from './score.ts';

export type Found = {
  chosen: readonly Candidate[];
  /** Why the intent is not planned at all, as a sentence. */
  refused?: string;
  /** The clause that nothing does, and the nearest draft for it. */
  failed?: { clause: Clause; nearest?: Rated; why?: string };
  intent: Intent;
  catalog: Catalog;
};

/** Operations that drafts are made for. */
const DRAFTED = 30;
/** Plans that are put together. */
const FINISHED = 8;
/** Planning takes time that grows with the square of the values and of the words, and with the clauses. */
const [MAX_VALUES, MAX_WORDS, MAX_CLAUSES] = [100, 500, 20];

type Known = {
  joining: Clause[];
  intent: Intent;
  catalog: Catalog;
  now: Date;
  before: Step[];
  barred: ReadonlySet<string>;
};

export function candidates(request: PlanRequest): Found {
  const { tools, previous } = request;
  const { catalog, known: seen } = lookedAt(tools, previous);
  const now = new Date(request.now);
  const read = readIntent(request, now, { ...wordsOf(catalog), ...(seen && { known: seen }) });
  const own = read.values.filter(({ fromContext }) => !fromContext);
  const told = read.values.filter(({ fromContext }) => fromContext);
  // What a context tells may be left over, unless it narrows what is asked.
  const intent = { ...read, values: [...own, ...told.slice(0, MAX_VALUES)] };
  const said = read.clauses.flatMap(({ topics }) => topics).length;
  const isLong = own.length > MAX_VALUES || (read.narrowed && told.length > MAX_VALUES) || said > MAX_WORDS;
  if (isLong || read.clauses.length > MAX_CLAUSES) {
    const refused = `Intent or context hold more than ${MAX_VALUES} names and values, ${MAX_WORDS} other words that say something, or ${MAX_CLAUSES} things to do. Split it into several runs.`;
    return { chosen: [], refused, intent, catalog };
  }
  // Tools that failed or were denied before are not tried again.
  const failed = new Set(previous?.failures.map(({ stepId }) => stepId));
  const barred = new Set(previous?.plan.steps.flatMap(({ id, tool }) => (failed.has(id) ? [tool] : [])));
  const joining = intent.clauses.filter(({ joins }) => joins);
  const known: Known = { intent, catalog, now, barred, joining, before: [] };
  const parts: (readonly Rated[])[] = [];
  for (const clause of intent.clauses.filter(({ joins }) => !joins)) {
    const part = partOf(clause, parts.at(-1)?.[0], known);
    if ('nearest' in part) return { chosen: [], failed: part, intent, catalog };
    if (part.good.length === 0) continue;
    parts.push(part.good);
    known.before.push(...part.good[0]!.draft.steps);
  }
  const [first, ...others] = inOneCall(parts);
  const clause = intent.clauses.find(({ joins }) => !joins);
  if (first === undefined) return { chosen: [], failed: clause && { clause }, intent, catalog };
  const heads = others.length === 0 ? first.slice(0, FINISHED) : first.slice(0, 1);
  const rest = others.map(([one]) => one!);
  const finished = heads.map((head) => ({ head, made: finish([head, ...rest], request, joining, catalog) }));
  const { head, made } = finished[0]!;
  // What the best operation cannot answer is not answered by one that fits less.
  const same = finished.filter((one) => one.head.draft.goal.operation === head.draft.goal.operation);
  const chosen = ('refused' in made ? same : finished).flatMap((one) => ('refused' in one.made ? [] : [one.made]));
  if (chosen.length === 0 && 'refused' in made)
    return { chosen, failed: { clause: head.scope.clause, nearest: head, why: made.refused }, intent, catalog };
  const best = 'refused' in made ? chosen : chosen.sort((a, b) => b.score - a.score);
  return { chosen: best, intent, catalog };
}

const wordsOf = ({ share, mentions, commands, isThing }: Catalog) => ({
  isThing,
  isSpoken: (word: Term) => share(word) > 0,
  isMentioned: mentions,
  commands,
});

/** The good drafts for a clause; none where it only explains, or asks for more of what was found. */
function partOf(
  clause: Clause,
  asked: Rated | undefined,
  known: Known,
): { good: readonly Rated[] } | { clause: Clause; nearest: Rated | undefined; why?: string } {
  const { intent, catalog, joining } = known;
  const isRead = clause.moods.every((mood) => mood === 'read');
  // A clause that names nothing of its own and cuts nothing may ask for more of what the clause before found.
  const isPlain = isRead && !clause.picking.count && clause.picking.top === undefined;
  if (asked && !asked.scope.writes && isPlain && !valuesOf(intent, clause).some((one) => !one.fromContext)) {
    const { draft, joined } = addJoins(asked.draft, asked.scope, [...joining, clause], catalog);
    const left = leftOfMore([draft], clause, asked.scope, catalog);
    // "Number and customer of each": what the rows have by themselves.
    const fields = rowFieldsOf(asked.draft.goal.operation);
    const areFields =
      clause.topics.length > 0 &&
      clause.verb === undefined &&
      !isQuestion(clause.text) &&
      clause.topics.every(({ term: one }) =>
        fields.some(({ names, about }) => best(one, names) >= 0.8 || isAmong(one, about)),
      );
    const isOfEach = OF_EACH.test(clause.text) && clause.topics.length > 0;
    if ((joined.length > 0 || isOfEach) && left.length === 0) {
      joining.push(clause);
      return { good: [] };
    }
    if (areFields) return { good: [] };
    // "The drivers' names, too": what is asked is of what was found.
    if (/['’]s\s|s['’]\s|\b(?:too|as well|also)\b/i.test(clause.text)) return { clause, nearest: { ...asked, left } };
  }
  const rated = bestDrafts(clause, known);
  const good = rated.filter((one) => isGood(one, catalog));
  // A sentence that only explains is no errand of its own.
  const isOneOfSeveral = intent.clauses.filter(({ joins }) => !joins).length > 1;
  // Whom the next clause calls "his" is nobody that may be dropped.
  const isMeant =
    valuesOf(intent, clause).some((value) => isName(value) && !value.fromContext) &&
    intent.clauses.some(({ at, text }) => at > clause.at && REFERS.test(text));
  const explains = isRead && isOneOfSeveral && !isMeant && clause.verb === undefined && onlyTells(clause, catalog);
  return good.length > 0 || explains ? { good } : { clause, nearest: nearestOf(rated) };
}

const OF_EACH = /\b(?:of|for)\s+(?:each|every|all|both|them|those|these|it)\b/i;
const FINITE =
  /\b(?:is|are|was|were|am|has|have|had|will|would|can|could|do|does|did|i|we|you|they|he|she|it)\b|n['’]t\b|['’](?:re|ve|ll|m|d)\b/i;

/** "He waits for it": a question, "only the open ones" and "number and customer of each" ask for something. */
const onlyTells = ({ text, topics }: Clause, catalog: Catalog): boolean =>
  !isQuestion(text) &&
  !/\bplease\b/i.test(text) &&
  !/^\s*(?:and\s+)?(?:(?:i|we)\b.{0,20}\b(?:need|want|like)\b|(?:please\s+)?(?:give|show|send|tell)\b)/i.test(text) &&
  (FINITE.test(withoutPolite(text))
    ? !/\b(?:only|must|should|except)\b/i.test(text)
    : !topics.some(({ term: one, weight }) => weight >= 0.5 && catalog.mentions(one)));

/** The draft that would be best if nothing were missing. */
const nearestOf = (rated: readonly Rated[]) => {
  const completed = ({ total, draft, left }: Rated) => total + 5 * draft.missing.length - 2 * left.length;
  return [...rated].sort((a, b) => completed(b) - completed(a))[0];
};

const valuesOf = ({ values }: Intent, { at, text, copy: own }: Clause) =>
  values.filter(
    ({ at: from, fromContext, copy = own }) => fromContext || (copy === own && from >= at && from < at + text.length),
  );

/** "How many people fit into the Orangery": what stands on the one that is called so, and not how many are. */
const ofOne = ({ goal: { called } }: Draft, scope: Scope): Scope =>
  called === undefined
    ? scope
    : { ...scope, clause: { ...scope.clause, picking: { ...scope.clause.picking, count: false } } };

function bestDrafts(clause: Clause, { intent, catalog, now, before, barred, joining }: Known): Rated[] {
  const free = valuesOf(intent, clause);
  const beside = free.flatMap((value) => [...value.before.slice(0, 1), ...value.after.slice(0, 1)]);
  const said = [...clause.topics, ...intent.background].map(({ term }) => term);
  const words = [...said, ...beside, ...clause.picking.asks, ...(clause.verb === undefined ? [] : [clause.verb])];
  const rated = [...new Set(clause.moods.map((mood) => mood !== 'read'))].flatMap((writes) => {
    const scope: Scope = { intent, clause, now, writes, free, memory: { ways: new Map() } };
    // What is told before is no state of what is asked for.
    const asked = writes ? scope : { ...scope, clause: withoutStated(clause) };
    const mayDo = (operation: Operation) => operation.action === 'update' || suits(operation, clause) > 0;
    const fits = (operation: Operation) =>
      operation.reads !== writes && !barred.has(operation.tool.name) && (!writes || mayDo(operation));
    return catalog
      .search(words, DRAFTED, fits)
      .flatMap((operation) => compose({ operation, scope: asked, catalog, before }))
      .filter(({ steps }) => !steps.some(({ operation }) => barred.has(operation.tool.name)))
      .map((draft): Rated => {
        const left = leftOver(draft, scope, catalog);
        const rate = { draft, scope: ofOne(draft, scope), ...score(draft, scope, catalog) };
        if (left.length === 0 || writes) return { ...rate, left, whole: draft };
        // What is left over once the things that rows refer to are got, too.
        const { draft: whole, joined } = addJoins(draft, scope, joining, catalog);
        return { ...rate, whole, left: joined.length === 0 ? left : leftOver(whole, scope, catalog) };
      });
  });
  return rated.sort((a, b) => b.total - a.total || a.draft.steps.length - b.draft.steps.length);
}
