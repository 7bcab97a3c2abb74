import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { type PlanAnalysis, stringLiteralsIn } from '../../analysis/plan-analysis.ts';
import { resolveReference } from '../../schema/schema-at.ts';
import { expressionsOf, holesOf } from '../../template/template.ts';
import type { DescribedOutputs } from '../described.ts';
import {
  createDoubt,
  type Doubt,
  EarlierAnswers,
  type Evidence,
  listOperations,
  type PlacedOperation,
  stepIndexOf,
} from './evidence.ts';
import { doubtFirstOfSeveral, doubtUnpagedReads } from './list-doubts.ts';
import { doubtInventedLiterals, doubtLiteralsOfAnswers } from './literal-doubts.ts';
import { isMoment, literalsOfPlan } from './literals.ts';
import { UserTexts } from './user-texts.ts';

/** The texts that a plan's meaning is checked against. */
export type MeaningContext = {
  /** Texts of people: the intent, the context, the user, answers. */
  userTexts: readonly string[];
  /** Answers of services before planning, as JSON texts. Absent: no answers yet. */
  earlierAnswers?: readonly string[];
  /** Whether the previous plan has the same step. */
  isInPreviousPlan?: (step: PlanStep) => boolean;
};

/** Maximum number of doubts about one step, and about the result. */
const MAX_DOUBTS = 5;

/** Probable mistakes of a plan with a valid form. */
export function doubtMeaning(
  planAnalysis: PlanAnalysis,
  { tools, described }: { tools: ReadonlyMap<string, ToolSpec>; described: DescribedOutputs },
  { userTexts: texts, earlierAnswers: outputs, isInPreviousPlan = () => false }: MeaningContext,
): Doubt[] {
  const { plan } = planAnalysis;
  const evidence: Evidence = {
    tools,
    isInPreviousPlan,
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

/** Several words that end in a question mark. */
const QUESTION = /\S+\s+\S+\s+\S+.*\?\s*$/s;
const ASK_FIRST = 'Ask before you plan ({"ask": …}), or by a step with errand.ask, and answer with what was asked for.';

/** A result that asks a question: no person would see it as one. */
function doubtAskingResult(result: Json): Doubt[] {
  return holesOf(result, '/result').flatMap((hole) => {
    const texts = hole.kind === 'binding' ? expressionsOf(hole).flatMap(stringLiteralsIn) : [hole.text];
    const asks = texts.some((text) => QUESTION.test(text)) || (hole.kind === 'fill' && /^\s*ask\b/i.test(hole.text));
    return asks ? [createDoubt(hole.pointer, 'The result asks a question, and nobody would be asked.', ASK_FIRST)] : [];
  });
}

/** The beginning of a moment: it compares correctly with earlier and later moments. */
const MOMENT_PREFIX = /^\d{4}(?:-\d\d)?$/;

/** Comparisons that the described type cannot satisfy: another choice, a date in words, a text with a number. */
function doubtComparisons(operations: readonly PlacedOperation[], described: DescribedOutputs): Doubt[] {
  return operations.flatMap(({ path, kind, value, sign, site }) => {
    const location = kind === 'compare' && described.find(path);
    if (!location || 'missingName' in location || location.schemas.length !== 1 || value === undefined) return [];
    const root = location.tool.outputSchema!;
    const schema = resolveReference(location.schemas[0], root);
    // `'a' in tags` compares with the items of tags.
    const single =
      isRecord(schema) && sign === 'in' && schema.items !== undefined ? resolveReference(schema.items, root) : schema;
    const remedy = isRecord(single) && misfit(single, value, sign!);
    if (!remedy) return [];
    const why = `${path.at(-1)} ${sign} ${JSON.stringify(value).slice(0, 200)} compares with what ${path.at(-1)} is not described to be.`;
    return [createDoubt(site.pointer, why, remedy)];
  });
}

function misfit(schema: JsonSchema, value: string | number | boolean, sign: string): string | undefined {
  const choices = Array.isArray(schema.enum) ? schema.enum : undefined;
  const isEquality = ['=', '!=', 'in'].includes(sign);
  if (choices && isEquality && !choices.includes(value)) {
    const listed = choices.slice(0, 20).map((choice) => JSON.stringify(choice).slice(0, 60));
    return `It is one of ${listed.join(', ')}, in exactly this spelling.`;
  }
  const types = [schema.type].flat().filter((type) => type !== 'null');
  const only = types.length === 1 ? types[0] : undefined;
  const ofText = typeof value === 'string' ? misfitOfText(schema, value, { types, isEquality }) : undefined;
  if (ofText !== undefined) return ofText;
  if (typeof value === 'number' && only === 'string')
    return 'It is a text: compare with a text, or convert it by $number(…).';
  return only === 'object' || only === 'array' ? 'It is no single value: compare a member of it.' : undefined;
}

function misfitOfText(
  { format }: JsonSchema,
  value: string,
  { types, isEquality }: { types: readonly unknown[]; isEquality: boolean },
): string | undefined {
  const isTime = format === 'date-time' || format === 'date';
  if (isTime && !isMoment(value) && (isEquality || !MOMENT_PREFIX.test(value)))
    return 'It is an ISO-8601 text: compare with one, or with a moment computed from now.';
  if (types.length > 0 && types.every((type) => type === 'number' || type === 'integer'))
    return 'It is a number: compare with a number, without quotes.';
  return types.length === 1 && types[0] === 'boolean' ? 'It is true or false: compare without quotes.' : undefined;
}
