import type { PlanStep, ToolSpec } from '@errand/contracts';
import type { Complaint } from '../complaint.ts';
import type { PlacedUse } from './lists.ts';
import type { PlanLiterals } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** A probable mistake in a plan. `why` is the reason in words for people; `asks`: a person decides about the step even if it only reads. */
export type Doubt = Complaint & { why: string; asks?: true };

const AGAIN = ' If you know better, give the same plan again.';

/** @param remedy a sentence for the planner */
export const doubtOf = (pointer: string, why: string, remedy: string): Doubt => ({
  pointer,
  why,
  message: `${why} ${remedy}${AGAIN}`,
});

/** The index of the step that a pointer leads into; undefined for the result. */
export function stepIndexOf(pointer: string): number | undefined {
  const index = /^\/steps\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** The facts that a plan is compared with. `seenOutputs`: answers of services before planning. `isKnown`: whether the previous plan has a step. */
export type Evidence = {
  tools: ReadonlyMap<string, ToolSpec>;
  userTexts: UserTexts;
  literals: PlanLiterals;
  uses: readonly PlacedUse[];
  seenOutputs: { contains(value: string | number): boolean; membersIn(text: string): string[] } | undefined;
  isKnown: (step: PlanStep) => boolean;
};
