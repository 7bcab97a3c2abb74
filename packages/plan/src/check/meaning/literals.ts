import { isRecord } from '@errand/basics/is-record';
import type { Json, Plan, PlanStep } from '@errand/contracts';
import { expressionsOf, holeAt } from '../../execute/template.ts';
import { under } from '../../schema/schema-policy.ts';
import { words } from '../../words/text.ts';
import type { UserTexts } from './user-texts.ts';

/** A text or number that a plan writes out. */
export type Literal = {
  pointer: string;
  value: string | number;
  /** The last word of its argument's name: "id" of `ownerId`. */
  noun: string;
  /** Whether it is the whole argument, and no part of an expression, of a `$text` or of a `$fill`. */
  whole: boolean;
  /** Whether it is a part of the request's path. */
  inPath: boolean;
};

const QUOTED = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g;
/** Literals of one plan that are looked at. */
const MAX_LITERALS = 2000;

/** The string literals of an expression. */
export const textsIn = (expression: string): string[] =>
  [...expression.matchAll(QUOTED)].map(([, a, b]) => (a ?? b ?? '').replace(/\\(.)/g, '$1'));

/** Of each step its literals, and whether it has more of them than can be looked at. */
export type PlanLiterals = ReadonlyMap<PlanStep, { literals: readonly Literal[]; more: boolean }>;

export function literalsOfPlan({ steps }: Plan): PlanLiterals {
  let left = MAX_LITERALS;
  return new Map(
    steps.map((step, index) => {
      const literals = literalsOf(step.args, `/steps/${index}/args`, left + 1);
      const kept = literals.slice(0, left);
      left -= kept.length;
      return [step, { literals: kept, more: literals.length > kept.length }];
    }),
  );
}

/** The literals in the arguments of a step, those of its expressions too. */
function literalsOf(args: Json, pointer: string, max: number): Literal[] {
  const found: Literal[] = [];
  const visit = (value: Json, at: string, path: readonly string[]): void => {
    if (found.length >= max) return;
    const add = (literal: string | number, whole: boolean) =>
      found.push({ pointer: at, value: literal, noun: nounOf(path), whole, inPath: path[0] === 'path' });
    const hole = holeAt(value, at);
    if (hole) {
      for (const text of expressionsOf(hole).flatMap(textsIn)) add(text, hole.text.trim().length === text.length + 2);
      if (hole.kind === 'text') add(hole.text.replace(/\{\{.*?\}\}/gs, ' '), false);
      if (hole.kind === 'fill') add(hole.text, false);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, under(at, index), path);
    } else if (isRecord(value)) {
      for (const [key, member] of Object.entries(value)) visit(member as Json, under(at, key), [...path, key]);
    } else if (typeof value === 'string' || typeof value === 'number') add(value, true);
  };
  visit(args, pointer, []);
  return found;
}

const SEARCH = /^(?:q|query|search|name|title|subject|text|term|keywords?|email|mail)$/;

/** Whether the arguments of a read search for a name or words that people said. */
export const searchesSaid = (literals: readonly Literal[], userTexts: UserTexts): boolean =>
  literals.some(
    ({ noun, value }) =>
      SEARCH.test(noun) && typeof value === 'string' && value.length > 2 && userTexts.includes(value),
  );

const nounOf = (path: readonly string[]): string => words(path.at(-1) ?? '').replace(/^.* /s, '');
