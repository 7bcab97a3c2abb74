import type { PlanStep, ToolSpec } from '@errand/contracts';
import type { DescribedOutputs } from '../described.ts';
import type { Reading } from '../reading.ts';
import { askingResult } from './asking-result.ts';
import { comparisons } from './comparisons.ts';
import type { Doubt } from './doubt.ts';
import { firstOfSeveral } from './first-of-several.ts';
import { usesOf } from './lists.ts';
import { madeUp } from './made-up.ts';
import { SeenOutputs, seenLiterals } from './seen.ts';
import { unpaged } from './unpaged.ts';
import { UserTexts } from './user-texts.ts';

/** What a plan's meaning is checked against. */
export type MeaningContext = {
  /** What people said: the intent, the context, the user, answers. */
  userTexts: readonly string[];
  /** What services answered before the plan was made, as JSON texts. Absent: nothing had been read. */
  seen?: readonly string[];
  /** Whether the plan before has the same step. */
  isKnown?: (step: PlanStep) => boolean;
};

const MAX_DOUBTS = 20;

/** What is probably not meant by a plan, although its form is right. */
export function doubtsOfMeaning(
  reading: Reading,
  { tools, described }: { tools: ReadonlyMap<string, ToolSpec>; described: DescribedOutputs },
  { userTexts: texts, seen: outputs, isKnown = () => false }: MeaningContext,
): Doubt[] {
  const { plan } = reading;
  const userTexts = new UserTexts(texts);
  const seen = new SeenOutputs(outputs ?? []);
  const uses = usesOf(reading);
  const doubts = [
    ...unpaged(reading, tools, { userTexts, uses }),
    ...firstOfSeveral(reading, tools, { userTexts, uses, isKnown }),
    ...comparisons(uses, described),
    ...madeUp(plan, tools, { userTexts, isSeen: ({ value }) => outputs !== undefined && seen.holds(value) }),
    ...(outputs === undefined ? [] : seenLiterals(plan, tools, { userTexts, seen, isKnown })),
    ...(plan.result === undefined ? [] : askingResult(plan.result)),
  ];
  const once = new Map(doubts.map((doubt) => [`${doubt.pointer} ${doubt.why}`, doubt]));
  return [...once.values()].slice(0, MAX_DOUBTS);
}
