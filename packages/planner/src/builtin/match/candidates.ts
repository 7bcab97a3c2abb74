// Puts reading, search, drafts and scores together: the plans worth checking, best first.

import type { JsonSchema, PlanRequest } from '@errand/contracts';
import { type Clause, type Intent, readIntent, type Topic } from '../intent/intent.ts';
import { best, isSame } from '../lexicon/likeness.ts';
import { plural } from '../lexicon/stem.ts';
import { terms } from '../lexicon/words.ts';
import { type Catalog, catalogOf } from '../tools/catalog.ts';
import type { Operation } from '../tools/operation.ts';
import { shapeOf } from '../tools/shape.ts';
import { isAbout, isCalledFor, leftOfMore, leftOver } from './account.ts';
import { compose } from './compose.ts';
import type { Draft, Scope, Step } from './draft.ts';
import { type Candidate, finish } from './finish.ts';
import { addJoins } from './joins.ts';
import type { Rated } from './rated.ts';
import { renamings } from './renamings.ts';
import { score, suits } from './score.ts';

export type Found = {
  chosen: readonly Candidate[];
  /** Why the intent is not planned at all, as a sentence. */
  refused?: string;
  /** The clause that nothing does, and the nearest draft for it. */
  failed?: { clause: Clause; nearest?: Rated; wanted: 'read' | 'write'; why?: string };
  intent: Intent;
  catalog: Catalog;
};

/** Operations that drafts are made for. */
const DRAFTED = 30;
/** Planning takes time that grows with the square of the values, and with the clauses. */
const MAX_VALUES = 100;
const MAX_CLAUSES = 20;

export function candidates(request: PlanRequest): Found {
  const catalog = catalogOf(request.tools);
  const now = new Date(request.now);
  const whole = readIntent(request.intent, request.context, now, (word) => catalog.share(word) > 0);
  const own = whole.values.filter(({ fromContext }) => !fromContext);
  const told = whole.values.filter(({ fromContext }) => fromContext);
  // What a context tells may be left over, unless it narrows what is asked.
  const read = { ...whole, values: [...own, ...told.slice(0, MAX_VALUES)] };
  if (own.length > MAX_VALUES || (read.narrowed && told.length > MAX_VALUES) || read.clauses.length > MAX_CLAUSES) {
    const refused = `Intent or context hold more than ${MAX_VALUES} names and values, or more than ${MAX_CLAUSES} things to do. Split it into several runs.`;
    return { chosen: [], refused, intent: read, catalog };
  }
  const intent = { ...read, background: [...read.background, ...schemaTopics(request.outputSchema)] };
  const barred = barredTools(request);
  const clauses = intent.clauses.filter(({ joins }) => !joins);
  const joining = intent.clauses.filter(({ joins }) => joins);
  const before: Step[] = [];
  let first: Rated[] | undefined;
  const parts: Rated[] = [];
  for (const clause of clauses) {
    const asked = parts.at(-1);
    if (asked !== undefined && isMore(clause, intent) && !asked.scope.writes) {
      const { draft, joined } = addJoins(asked.draft, asked.scope, [...joining, clause], catalog);
      const left = leftOfMore([draft], clause, asked.scope, catalog);
      if (joined.length > 0 && left.length === 0) {
        joining.push(clause);
        continue;
      }
      if (OWNED.test(clause.text))
        return { chosen: [], failed: { clause, nearest: { ...asked, left }, wanted: 'read' }, intent, catalog };
    }
    const known = { intent, catalog, now, before, barred, joining };
    const rated = bestDrafts(clause, known);
    let good = rated.filter((one) => isGood(one, catalog));
    if (good.length === 0)
      good = renamings(rated, intent, catalog)
        .flatMap((one) => bestDrafts(one.clause, { ...known, intent: one.intent }))
        .filter((one) => isGood(one, catalog));
    if (good.length === 0) {
      // A sentence that only explains is no errand of its own.
      const explains =
        clause.moods.length === 1 && clause.moods[0] === 'read' && clauses.length > 1 && clause.verb === undefined;
      if (explains) continue;
      return {
        chosen: [],
        failed: { clause, nearest: nearestOf(rated), wanted: wantsWrite(clause) ? 'write' : 'read' },
        intent,
        catalog,
      };
    }
    const rival = rivalOf(good);
    if (rival !== undefined)
      return { chosen: [], failed: { clause, nearest: good[0]!, wanted: 'read', why: rival }, intent, catalog };
    first ??= good;
    parts.push(good[0]!);
    before.push(...good[0]!.draft.steps);
  }
  if (first === undefined)
    return { chosen: [], failed: clauses[0] && { clause: clauses[0], wanted: 'read' }, intent, catalog };
  const heads = parts.length === 1 ? first : [first[0]!];
  const finished = heads
    .slice(0, 8)
    .map((head) => ({ head, made: finish([head, ...parts.slice(1)], request, joining, catalog) }));
  const [best] = finished;
  if (best !== undefined && 'refused' in best.made) {
    const { head, made } = best;
    // What the best operation cannot answer is not answered by one that fits less.
    const others = finished.filter((one) => one.head.draft.goal.operation === head.draft.goal.operation);
    const chosen = others.flatMap((one) => ('refused' in one.made ? [] : [one.made]));
    const failed = { clause: head.scope.clause, nearest: head, wanted: 'read' as const, why: made.refused };
    return { chosen, ...(chosen.length === 0 && { failed }), intent, catalog };
  }
  const made = finished.flatMap((one) => ('refused' in one.made ? [] : [one.made]));
  return { chosen: made.sort((a, b) => b.score - a.score), intent, catalog };
}

/** "The drivers' names, too": what is asked is of what was found. */
const OWNED = /['’]s\s|s['’]\s|\b(?:too|as well|also)\b/i;

/** A clause that names nothing of its own and cuts nothing may ask for more of what the clause before found. */
const isMore = ({ at, text, moods, picking }: Clause, { values }: Intent): boolean =>
  moods.every((mood) => mood === 'read') &&
  !picking.count &&
  picking.top === undefined &&
  !values.some((value) => !value.fromContext && value.at >= at && value.at < at + text.length);

/** The names of a wanted schema say what is sought, as the words of the context do. */
function schemaTopics(schema: JsonSchema | undefined): Topic[] {
  if (schema === undefined) return [];
  const names = new Set<string>();
  const visit = (node: JsonSchema, depth: number) => {
    const shape = shapeOf(node, schema);
    for (const [name, inner] of Object.entries(shape.properties)) {
      names.add(name);
      if (depth < 4) visit(inner, depth + 1);
    }
    if (shape.items !== undefined && depth < 4) visit(shape.items, depth + 1);
  };
  visit(schema, 0);
  return [...names]
    .slice(0, 40)
    .flatMap((name) => terms(name))
    .map((term) => ({ term, weight: 0.3, at: 0, fromContext: true }));
}

/** The draft that would be best if nothing were missing. */
const nearestOf = (rated: readonly Rated[]) => {
  const completed = ({ total, draft, left }: Rated) => total + 5 * draft.missing.length - 2 * left.length;
  return [...rated].sort((a, b) => completed(b) - completed(a))[0];
};

const wantsWrite = (clause: Clause) => clause.moods.some((mood) => mood !== 'read');

/** Tools that failed or were denied before are not tried again. */
function barredTools({ previous }: PlanRequest): ReadonlySet<string> {
  const failed = new Set(previous?.failures.map(({ stepId }) => stepId));
  return new Set(previous?.plan.steps.filter(({ id }) => failed.has(id)).map(({ tool }) => tool));
}

/** What is left over once the things that rows refer to are got, too. */
function leftWithJoins(
  draft: Draft,
  scope: Scope,
  joining: readonly Clause[],
  catalog: Catalog,
): Pick<Rated, 'left' | 'whole'> {
  const left = leftOver(draft, scope, catalog);
  if (left.length === 0 || scope.writes) return { left, whole: draft };
  const { draft: whole } = addJoins(draft, scope, joining, catalog);
  return { whole, left: whole.steps.length === draft.steps.length ? left : leftOver(whole, scope, catalog) };
}

type Known = {
  joining: readonly Clause[];
  intent: Intent;
  catalog: Catalog;
  now: Date;
  before: readonly Step[];
  barred: ReadonlySet<string>;
};

function bestDrafts(clause: Clause, { intent, catalog, now, before, barred, joining }: Known): Rated[] {
  const [start, end] = [clause.at, clause.at + clause.text.length];
  const free = intent.values.filter(({ at, fromContext }) => fromContext || (at >= start && at < end));
  const moods = [...new Set(clause.moods.map((mood) => mood !== 'read'))];
  const said = [...clause.topics, ...intent.background].map(({ term }) => term);
  const beside = free.flatMap((value) => [...value.before.slice(0, 1), ...value.after.slice(0, 1)]);
  const words = [...said, ...beside, ...clause.picking.asks, ...(clause.verb === undefined ? [] : [clause.verb])];
  const rated = moods.flatMap((writes) => {
    const scope: Scope = { intent, clause, now, writes, free, memory: { ways: new Map() } };
    const fits = (operation: Operation) =>
      operation.reads !== writes && !barred.has(operation.tool.name) && (!writes || mayDo(operation, clause));
    return catalog
      .search(words, DRAFTED, fits)
      .flatMap((operation) => compose({ operation, scope, catalog, before }))
      .filter((draft) => !draft.steps.some(({ operation }) => barred.has(operation.tool.name)))
      .map(
        (draft): Rated => ({
          draft,
          scope,
          ...leftWithJoins(draft, scope, joining, catalog),
          ...score(draft, scope, catalog),
        }),
      );
  });
  return rated.sort((a, b) => b.total - a.total || a.draft.steps.length - b.draft.steps.length);
}

/** Whether the verb may mean this operation at all. */
const mayDo = (operation: Operation, clause: Clause) => operation.action === 'update' || suits(operation, clause) > 0;

/** Whether a draft has all that it needs and accounts for all that was said; one that writes does what the verb says to its object. */
function isGood({ draft, whole, scope, left, total }: Rated, catalog: Catalog): boolean {
  if (draft.missing.length > 0 || left.length > 0 || !isCalledFor(draft, scope)) return false;
  const { operation } = draft.goal;
  return scope.writes
    ? suits(operation, scope.clause, draft.goal) > 0 && isObject(draft, scope, catalog)
    : total > 0 && isNamed(draft, scope) && isAbout(whole, scope, catalog);
}

/** How close two plans must be that nothing tells which is meant. */
const CLOSE = 0.06;

/** Why nobody can tell what a name is: two plans are as good, and look it up among different things. */
function rivalOf([best, ...others]: readonly Rated[]): string | undefined {
  const kindsOf = ({ draft }: Rated) =>
    draft.steps.flatMap(({ purpose, filled, operation }) =>
      purpose === 'lookup' && filled.some(({ used }) => used.some(({ kind }) => kind === 'name' || kind === 'quoted'))
        ? [operation.nouns.map(({ lemma }) => lemma).join(' ')]
        : [],
    );
  const own = best && kindsOf(best);
  if (best === undefined || own === undefined || own.length === 0) return undefined;
  const rival = others.find((other) => {
    const kinds = kindsOf(other);
    return (
      other.draft.goal.operation !== best.draft.goal.operation &&
      best.total - other.total < CLOSE &&
      kinds.length === own.length &&
      kinds.join() !== own.join()
    );
  });
  return (
    rival && `a name in it may be one of the ${plural(own[0]!)} or of the ${plural(kindsOf(rival)[0]!)}: say which`
  );
}

/** What a verb is done to is what the tool is about, or what it sets. */
function isObject({ goal }: Draft, { clause }: Scope, catalog: Catalog): boolean {
  const [first] = clause.topics.filter(({ weight }) => weight >= 0.5);
  if (first === undefined) return true;
  const set = goal.filled.flatMap(({ slot, said }) => [...said, ...slot.names]);
  const own = [...goal.operation.nouns, ...set];
  return own.some((one) => isSame(one, first.term)) || (!catalog.knows(first.term) && best(first.term, own) >= 0.7);
}

/** A word or a value of the intent speaks of what is read. */
function isNamed({ steps, used }: Draft, { clause }: Scope): boolean {
  const own = steps.flatMap(({ operation }) => [...operation.nouns, ...operation.parents, ...operation.marks]);
  return used.size > 0 || clause.topics.some(({ term }) => best(term, own) >= 0.6);
}
