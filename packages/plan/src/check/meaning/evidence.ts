import type { PlanStep, ToolSpec } from '@errand/contracts';
import type { PlacedUse } from './lists.ts';
import type { PlanLiterals } from './literals.ts';
import type { UserTexts } from './user-texts.ts';

/** What a plan is compared with. `seen`: what services answered before it was made. `isKnown`: whether the plan before has a step. */
export type Evidence = {
  tools: ReadonlyMap<string, ToolSpec>;
  userTexts: UserTexts;
  literals: PlanLiterals;
  uses: readonly PlacedUse[];
  seen: { holds(value: string | number): boolean; membersIn(text: string): string[] } | undefined;
  isKnown: (step: PlanStep) => boolean;
};
