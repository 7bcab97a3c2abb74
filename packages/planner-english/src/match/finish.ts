// Joins, pages and the result of the drafts that were chosen.

import type { Json, PlanRequest } from '@errand/contracts';
import { bind, output } from '../answer/jsonata.ts';
import { isFigure, isToldCount, naturalResult, needsAll, onlyCounted } from '../answer/result.ts';
import { addPages, seesAll } from '../answer/rows.ts';
import { inShape, shapedResult } from '../answer/shaped.ts';
import { asksForSummary, bringsRows, latestOf, summaryOf, unplaced } from '../answer/summary.ts';
import type { Clause } from '../intent/intent.ts';
import type { Catalog } from '../tools/catalog.ts';
import { leftOfMore } from './account/account.ts';
import { lookedUpFirst } from './ahead.ts';
import type { Draft, Joined, Rated, Scope, Step } from './draft.ts';
import { addJoins } from './joins.ts';

export type Candidate = { steps: readonly Step[]; result?: Json; score: number };

/** Some rows of many are asked for, or all of them: then the first page is not the answer. */
const isNarrowed = ({ goal, conditions }: Draft, { clause }: Scope) =>
  clause.picking.top === undefined &&
  (conditions.length > 0 || goal.filled.some(({ sure }) => sure > 0.1) || /\b(?:all|every|each)\b/i.test(clause.text));

/** Joins, pages and the result. */
export function finish(
  parts: readonly Rated[],
  request: PlanRequest,
  joining: readonly Clause[],
  catalog: Catalog,
): Candidate | { refused: string } {
  const shaped = request.outputSchema !== undefined;
  const done: (Rated & { joined: readonly Joined[]; final: Draft; summary?: Json })[] = [];
  for (const part of parts) {
    const { scope, draft } = part;
    if (scope.writes) {
      done.push({ ...part, joined: [], final: draft });
      continue;
    }
    if (!asksForSummary(scope.clause, draft) || !bringsRows(draft)) {
      const needed = needsAll(draft, scope.clause, shaped);
      const figure = !shaped && isToldCount(draft, scope.clause);
      const all = figure ? onlyCounted(draft) : needed || isNarrowed(draft, scope) ? addPages(draft) : draft;
      if (needed && !shaped && !seesAll(all))
        return { refused: 'it comes in pages, and there is no way to all of them' };
      const { draft: final, joined } = addJoins(all, scope, joining, catalog);
      if (!shaped && joined.length > 0 && isFigure(draft, scope.clause))
        return { refused: 'a number and what it is of are two answers: ask for them one by one' };
      done.push({ ...part, joined, final });
      continue;
    }
    const meant = latestOf(draft, scope);
    if ('refused' in meant) return meant;
    const all = addPages(meant.draft);
    const summary = summaryOf(all, meant.clause, scope);
    if ('refused' in summary) return summary;
    done.push({ ...part, scope: { ...scope, clause: meant.clause }, joined: [], final: all, summary: summary.result });
  }
  const drafts = done.flatMap(({ final, scope }) => (scope.writes ? [] : [final]));
  for (const clause of joining) {
    if (drafts.length === 0 || clause.picking.count || parts.some(({ scope }) => scope.clause.picking.count))
      return unplaced([clause.text.trim()]);
    const left = leftOfMore(drafts, clause, parts[0]!.scope, catalog);
    if (left.length > 0) return unplaced(left.map(({ text }) => text));
  }
  const resultOf = ({ final, joined, scope, summary }: (typeof done)[number]) =>
    summary ?? naturalResult(final, joined, scope.clause);
  const first = done.findIndex(({ scope }) => scope.writes);
  const before = done.length === 1 ? [] : done.slice(0, Math.max(0, first));
  const all = done.flatMap(({ final }) => final.steps);
  const steps = done.length === 1 ? all : lookedUpFirst(all, before.map(resultOf));
  const main = done.find(({ scope }) => !scope.writes && shaped) ?? done.at(-1)!;
  const total = done.reduce((sum, one) => sum + one.total + 0.5 * one.joined.length, 0);
  if (request.outputSchema !== undefined) {
    const { result, found } = shapedResult(request.outputSchema, main.final, main.joined, main.scope);
    return { steps, result, score: total + 3 * found };
  }
  const { shape } = main.scope.intent;
  if (shape.length > 0) {
    const made = done.length === 1 ? inShape(shape, main.final, main.scope.clause) : { missing: shape };
    return 'missing' in made ? unplaced(made.missing) : { steps, result: made.result, score: total };
  }
  if (done.length === 1) return { steps, result: resultOf(main), score: total };
  const entries = done.map((one) => [one.final.goal.id, resultOf(one) ?? bind(output(one.final.goal.id))] as const);
  return { steps, result: Object.fromEntries(entries), score: total };
}
