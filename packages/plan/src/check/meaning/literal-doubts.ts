import { isRecord } from '@errand/basics/is-record';
import type { Plan, PlanStep, ToolSpec } from '@errand/contracts';
import { schemaAt } from '../../schema/schema-at.ts';
import { ASK } from '../../tools/ask.ts';
import { readsOnly } from '../../tools/reads-only.ts';
import { createDoubt, type Doubt } from '../complaint.ts';
import type { EarlierAnswers, Evidence } from './evidence.ts';
import { addressesOf, isId, isIdForm, isMoment, type Literal } from './literals.ts';
import { addressesIn, UserTexts } from './user-texts.ts';

/** Maximum length of a word that a description may name as a value. */
const MAX_WORD = 40;
/** Smaller numbers occur in any answer. */
const MIN_NUMBER = 10;
const LOOK_UP = 'Take it from the goal, the context or the output of a step that looks it up, or ask with errand.ask.';
const BIND = 'Bind it to the output that holds it ({"$": "steps.…"}), so that people see where it comes from.';
const COMPUTE = 'Compute it from now by an expression, as the rules say, or take it from the goal or the context.';

/**
 * Ids, addresses, numbers and moments in the literal arguments of a write that neither people's texts nor the tool's schema contain.
 * `seenLiterals` checks values that an answer contains.
 */
export function doubtInventedLiterals(plan: Plan, evidence: Evidence): Doubt[] {
  const { userTexts, earlierAnswers } = evidence;
  return doubtLiterals(plan, evidence, readsOnly, (literal) => {
    if (earlierAnswers?.contains(literal.value)) return [];
    return findUnknownValues(literal, userTexts).map((value) => {
      const why = `${JSON.stringify(value).slice(0, 200)} is neither in the goal, nor in the context, nor in an answer.`;
      return createDoubt(literal.pointer, why, isMoment(String(value)) ? COMPUTE : LOOK_UP);
    });
  });
}

/** The doubts about the literals of a plan. Those that the tool itself names, and those of skipped steps, have none. */
function doubtLiterals(
  { steps }: Plan,
  { tools, literals }: Evidence,
  isSkipped: (tool: ToolSpec, step: PlanStep) => boolean,
  doubtsAbout: (literal: Literal) => Doubt[],
): Doubt[] {
  return steps.flatMap((step, index) => {
    const tool = tools.get(step.tool);
    if (tool === undefined || isSkipped(tool, step)) return [];
    const isOfPlan = (literal: Literal) => !isNamedByTool(literal, tool, `/steps/${index}/args`);
    return literals.get(step)!.literals.filter(isOfPlan).flatMap(doubtsAbout);
  });
}

/** The values in a literal that need a source and have none. */
function findUnknownValues(literal: Literal, userTexts: UserTexts): (string | number)[] {
  const { value, whole } = literal;
  if (isId(literal)) return userTexts.includes(String(value)) ? [] : [value];
  if (typeof value === 'number') return userTexts.includesNumber(value) ? [] : [value];
  if (isMoment(value)) return userTexts.includesDay(value) ? [] : [value];
  const addresses = addressesOf(literal).filter((address) => !userTexts.includesAddress(address));
  return whole && addresses.length === 1 ? [value.slice(0, 200)] : addresses;
}

/** Whether the tool itself names the value: a choice, a constant, a default, or a word of the argument's description that is not an example. */
export function isNamedByTool(
  { pointer, value }: Pick<Literal, 'pointer' | 'value'>,
  tool: ToolSpec,
  at: string,
): boolean {
  const schema = schemaAt(tool.inputSchema, pointer.slice(at.length));
  if (!isRecord(schema)) return false;
  const parts = [schema, ...(isRecord(schema.items) ? [schema.items] : [])];
  const named = parts.flatMap((part) => [part.default, part.const, ...(Array.isArray(part.enum) ? part.enum : [])]);
  if (named.some((option) => option !== undefined && String(option) === String(value))) return true;
  const text = String(value);
  if (text.length > MAX_WORD || isIdForm(text) || addressesIn(text).length > 0) return false;
  return new UserTexts([String(schema.description ?? '')]).includesWord(text);
}

/** Literals of new steps that only an answer contains. */
export function doubtLiteralsOfAnswers(plan: Plan, evidence: Evidence): Doubt[] {
  const { userTexts, earlierAnswers, isInPreviousPlan } = evidence;
  if (!earlierAnswers) return [];
  const isSkipped = (tool: ToolSpec, step: PlanStep) => tool.name === ASK.name || isInPreviousPlan(step);
  return doubtLiterals(plan, evidence, isSkipped, (literal) =>
    findAnswerValue(literal, userTexts, earlierAnswers).map((value) => {
      const why = `${JSON.stringify(value)} comes from an answer of a service, and no person named it.`;
      return { ...createDoubt(literal.pointer, why, BIND), asks: true };
    }),
  );
}

/** The first value in a literal that an answer contains and no person named. */
function findAnswerValue(literal: Literal, userTexts: UserTexts, earlierAnswers: EarlierAnswers): (string | number)[] {
  const { value, whole } = literal;
  if (typeof value === 'number')
    return Math.abs(value) >= MIN_NUMBER && !userTexts.includesNumber(value) && earlierAnswers.contains(value)
      ? [value]
      : [];
  if (isMoment(value) && userTexts.includesDay(value)) return [];
  if (whole && !userTexts.includes(value) && earlierAnswers.contains(value)) return [value.slice(0, 200)];
  const addresses = addressesOf(literal).filter(
    (address) => !userTexts.includesAddress(address) && earlierAnswers.contains(address),
  );
  const members = earlierAnswers.membersIn(value).filter((member) => !userTexts.includes(member));
  return [...addresses, ...members].slice(0, 1).map((text) => text.slice(0, 200));
}
