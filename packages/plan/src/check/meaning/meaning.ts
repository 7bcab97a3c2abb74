import type { Json, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { type Reading, textsIn } from '../../reading/reading.ts';
import { expressionsOf, holesOf } from '../../template/template.ts';
import type { DescribedOutputs } from '../described.ts';
import { comparisons } from './comparisons.ts';
import { type Doubt, doubtOf, type Evidence, stepIndexOf } from './doubt.ts';
import { firstOfSeveral } from './first-of-several.ts';
import { usesOf } from './lists.ts';
import { literalsOfPlan } from './literals.ts';
import { madeUp } from './made-up.ts';
import { SeenOutputs, seenLiterals } from './seen-outputs.ts';
import { unpaged } from './unpaged.ts';
import { UserTexts } from './user-texts.ts';

/** The texts that a plan's meaning is checked against. */
export type MeaningContext = {
  /** Texts of people: the intent, the context, the user, answers. */
  userTexts: readonly string[];
  /** Answers of services before planning, as JSON texts. Absent: no answers yet. */
  seen?: readonly string[];
  /** Whether the previous plan has the same step. */
  isKnown?: (step: PlanStep) => boolean;
};

/** Maximum number of doubts about one step, and about the result. */
const MAX_DOUBTS = 5;

/** Probable mistakes of a plan with a valid form. */
export function doubtsOfMeaning(
  reading: Reading,
  { tools, described }: { tools: ReadonlyMap<string, ToolSpec>; described: DescribedOutputs },
  { userTexts: texts, seen: outputs, isKnown = () => false }: MeaningContext,
): Doubt[] {
  const { plan } = reading;
  const evidence: Evidence = {
    tools,
    isKnown,
    userTexts: new UserTexts(texts),
    seenOutputs: outputs && new SeenOutputs(outputs),
    literals: literalsOfPlan(plan),
    uses: usesOf(reading),
  };
  // Each step keeps its first doubts, so doubts that ask a person come first.
  const doubts = [
    ...seenLiterals(plan, evidence),
    ...tooMany(plan, evidence),
    ...madeUp(plan, evidence),
    ...unpaged(reading, evidence),
    ...firstOfSeveral(reading, evidence),
    ...comparisons(evidence.uses, described),
    ...askingResult(plan.result ?? null),
  ];
  const once = new Map(doubts.map((doubt) => [`${doubt.pointer} ${doubt.why}`, doubt]));
  const counts = new Map<number | undefined, number>();
  return [...once.values()].filter(({ pointer }) => {
    const count = (counts.get(stepIndexOf(pointer)) ?? 0) + 1;
    counts.set(stepIndexOf(pointer), count);
    return count <= MAX_DOUBTS;
  });
}

function tooMany({ steps }: Plan, { literals, seenOutputs }: Evidence): Doubt[] {
  const doubt = doubtOf('', 'The plan writes out more values than can be looked at.', 'Bind them to outputs.');
  return steps.flatMap((step, index) =>
    literals.get(step)!.more ? { ...doubt, pointer: `/steps/${index}/args`, ...(seenOutputs && { asks: true }) } : [],
  );
}

/** Several words that end in a question mark. */
const QUESTION = /\S+\s+\S+\s+\S+.*\?\s*$/s;
const ASK_FIRST = 'Ask before you plan ({"ask": …}), or by a step with errand.ask, and answer with what was asked for.';

/** A result that asks a question: no person would see it as one. */
function askingResult(result: Json): Doubt[] {
  return holesOf(result, '/result').flatMap((hole) => {
    const texts = hole.kind === 'binding' ? expressionsOf(hole).flatMap(textsIn) : [hole.text];
    const asks = texts.some((text) => QUESTION.test(text)) || (hole.kind === 'fill' && /^\s*ask\b/i.test(hole.text));
    return asks ? [doubtOf(hole.pointer, 'The result asks a question, and nobody would be asked.', ASK_FIRST)] : [];
  });
}
