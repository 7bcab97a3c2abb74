import type { Json, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { type PlanAnalysis, stringLiteralsIn } from '../../analysis/plan-analysis.ts';
import { stepText } from '../../analysis/step-text.ts';
import { expressionsOf, holesOf } from '../../template/template.ts';
import { createDoubt, type Doubt, stepIndexOf } from '../complaint.ts';
import type { DescribedOutputs } from '../described.ts';
import { EarlierAnswers, type Evidence, listOperations } from './evidence.ts';
import { doubtInventedLiterals, doubtLiteralsOfAnswers } from './literal-doubts.ts';
import { literalsOfPlan } from './literals.ts';
import { doubtComparisons, doubtFirstOfSeveral, doubtUnpagedReads } from './operation-doubts.ts';
import { UserTexts } from './user-texts.ts';

/** The texts that a plan's meaning is checked against. */
export type MeaningContext = {
  /** Texts of people: the intent, the context, the user, answers. */
  userTexts: readonly string[];
  /** Answers of services before planning, as JSON texts. Absent: no answers yet. */
  earlierAnswers?: readonly string[];
  /** The steps of the previous plan. */
  previousSteps?: readonly PlanStep[];
};

/** Maximum number of doubts about one step, and about the result. */
const MAX_DOUBTS = 5;

/** Probable mistakes of a plan with a valid form. */
export function doubtMeaning(
  planAnalysis: PlanAnalysis,
  { tools, described }: { tools: ReadonlyMap<string, ToolSpec>; described: DescribedOutputs },
  { userTexts: texts, earlierAnswers: outputs, previousSteps = [] }: MeaningContext,
): Doubt[] {
  const { plan } = planAnalysis;
  const previousTexts = new Set(previousSteps.map(stepText));
  const evidence: Evidence = {
    tools,
    isInPreviousPlan: (step) => previousTexts.has(stepText(step)),
    userTexts: new UserTexts(texts),
    earlierAnswers: outputs && new EarlierAnswers(outputs),
    literals: literalsOfPlan(plan),
    operations: listOperations(planAnalysis),
  };
  // Each step keeps its first doubts, so doubts that ask a person come first.
  const doubts = [
    ...doubtLiteralsOfAnswers(plan, evidence),
    ...doubtTooManyLiterals(plan, evidence),
    ...doubtInventedLiterals(plan, evidence),
    ...doubtUnpagedReads(planAnalysis, evidence),
    ...doubtFirstOfSeveral(planAnalysis, evidence),
    ...doubtComparisons(evidence.operations, described),
    ...doubtAskingResult(plan.result ?? null),
  ];
  const once = new Map(doubts.map((doubt) => [`${doubt.pointer} ${doubt.why}`, doubt]));
  const counts = new Map<number | undefined, number>();
  return [...once.values()].filter(({ pointer }) => {
    const count = (counts.get(stepIndexOf(pointer)) ?? 0) + 1;
    counts.set(stepIndexOf(pointer), count);
    return count <= MAX_DOUBTS;
  });
}

function doubtTooManyLiterals({ steps }: Plan, { literals, earlierAnswers }: Evidence): Doubt[] {
  const doubt = createDoubt('', 'The plan writes out more values than can be looked at.', 'Bind them to outputs.');
  return steps.flatMap((step, index) =>
    literals.get(step)!.more
      ? { ...doubt, pointer: `/steps/${index}/args`, ...(earlierAnswers && { asks: true }) }
      : [],
  );
}

/** Whether a text is several words that end in a question mark. */
const isQuestion = (text: string): boolean => text.trimEnd().endsWith('?') && /\S\s+\S+\s+[^\s?]/.test(text);
const ASK_FIRST = 'Ask before you plan ({"ask": …}), or by a step with errand.ask, and answer with what was asked for.';

/** A result that asks a question: no person would see it as one. */
function doubtAskingResult(result: Json): Doubt[] {
  return holesOf(result, '/result').flatMap((hole) => {
    const texts = hole.kind === 'binding' ? expressionsOf(hole).flatMap(stringLiteralsIn) : [hole.text];
    const asks = texts.some(isQuestion) || (hole.kind === 'fill' && /^\s*ask\b/i.test(hole.text));
    return asks ? [createDoubt(hole.pointer, 'The result asks a question, and nobody would be asked.', ASK_FIRST)] : [];
  });
}
