import type { PlanStep, ToolSpec } from '@errand/contracts';
import type { ExpressionSite, PlanAnalysis } from '../../analysis/plan-analysis.ts';
import type { Operation } from '../../sandbox/expression/operations.ts';
import { namesOf, plainPath } from '../../sandbox/plain-path.ts';
import type { PlanLiterals } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** The facts that a plan is compared with. */
export type Evidence = {
  tools: ReadonlyMap<string, ToolSpec>;
  userTexts: UserTexts;
  literals: PlanLiterals;
  operations: readonly PlacedOperation[];
  earlierAnswers: EarlierAnswers | undefined;
  /** Whether the previous plan has the same step. */
  isInPreviousPlan: (step: PlanStep) => boolean;
};

/** An operation, with its expression and all operations in it. `path` begins at a step; `item` is resolved to the list of its step. */
export type PlacedOperation = Operation & { site: ExpressionSite; siblings: readonly PlacedOperation[] };

/** All operations of a plan's expressions on the outputs of steps. */
export function listOperations({ sites, analyses }: PlanAnalysis): PlacedOperation[] {
  return sites.flatMap((site) => {
    const analysis = analyses.get(site.expression);
    if (!analysis?.ok) return [];
    const members =
      site.part === 'forEach' ? analysis.memberPaths.map((path): Operation => ({ path, kind: 'loop' })) : [];
    const siblings: PlacedOperation[] = [];
    for (const use of [...analysis.operations, ...members]) {
      const path = use.path[0] === 'item' ? itemPath(use.path, site.step) : use.path;
      if (path) siblings.push({ ...use, path, site, siblings });
    }
    return siblings;
  });
}

function itemPath([, ...names]: readonly string[], step: PlanStep | undefined): readonly string[] | undefined {
  const list = step?.forEach && plainPath(step.forEach.$.trim().replace(/^\[(.*)\]$/s, '$1'));
  return list && [...namesOf(list), ...names];
}

/** Shorter texts and members occur in any answer. */
const MIN_TEXT = 3;
const MIN_MEMBER = 6;
/** Maximum number of members compared. */
const MAX_MEMBERS = 5000;

/** Answers of services before planning. They may have been written to mislead the planner. */
export class EarlierAnswers {
  readonly #text: string;
  readonly #members: readonly string[];

  /** @param outputs JSON texts, possibly cut */
  constructor(outputs: readonly string[]) {
    this.#text = outputs.join('\n').toLowerCase();
    // A quote that is not closed takes the rest of the text.
    const members = [...this.#text.matchAll(/"((?:[^"\\]|\\.)*)(?:"(\s*:)?|(\\?$))/gs)].flatMap(([, text, key, end]) =>
      key === undefined && end === undefined ? text! : [],
    );
    this.#members = [...new Set(members)].filter(({ length }) => length >= MIN_MEMBER).slice(0, MAX_MEMBERS);
  }

  /** Whether an answer contains a value, alone or in a longer text. */
  contains(value: string | number): boolean {
    const needle = JSON.stringify(String(value).trim().toLowerCase()).slice(1, -1);
    if (needle.length < (typeof value === 'number' ? 2 : MIN_TEXT)) return false;
    for (let at = this.#text.indexOf(needle); at >= 0; at = this.#text.indexOf(needle, at + 1))
      if (!/\w/.test(this.#text[at - 1] ?? ' ') && !/\w/.test(this.#text[at + needle.length] ?? ' ')) return true;
    return false;
  }

  /** The members of answers that a text contains. */
  membersIn(text: string): string[] {
    const haystack = JSON.stringify(text.toLowerCase());
    return this.#members.filter((member) => haystack.includes(member));
  }
}
