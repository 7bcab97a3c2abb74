import type { Json, PlanStep } from '@errand/contracts';
import { expressionError, quoted, subjectOfStep } from '../sandbox/expression-error.ts';
import { conditionOf } from './condition.ts';
import type { Execution } from './gate.ts';
import { stepLabel, stepPointer } from './label.ts';
import type { StepEnd, StepError } from './outcome.ts';
import { StepOutput } from './output.ts';
import { withScope } from './scope.ts';
import { expressionsOf, holeAt, holeValue } from './template.ts';

/** Longest sentence that a plan may end with, in UTF-16 units. */
const LONGEST = 1000;

/** Whether a step ended its plan. */
export const endedPlan = (end: StepEnd): boolean => end.error?.code === 'plan_ended';

/**
 * The end of a step whose `unless` holds, or cannot be decided; undefined when the plan goes on.
 * @param before the ends of the steps that it depends on
 */
export async function endedByUnless(
  { reading, options }: Execution,
  step: PlanStep,
  before: ReadonlyMap<string, StepEnd>,
): Promise<StepEnd | undefined> {
  const { unless, say = '' } = step;
  if (unless === undefined) return undefined;
  const label = stepLabel(reading.plan, options.tools, step.id);
  const pointer = (part: string): string => `${stepPointer(reading.plan, step.id)}/${part}`;

  const evaluate = async (part: 'unless' | 'say', expression: string): Promise<Given> => {
    const outcome = await withScope(
      [reading.analyses.get(expression)],
      options,
      { ends: before },
      async (scope) => (await options.sandbox.evaluate([{ expression }], scope))[0]!,
    );
    if (outcome.ok) return outcome;
    const what = part === 'unless' ? 'its condition' : 'what it says';
    return expressionError(subjectOfStep(label, what), pointer(part), expression, outcome);
  };

  const condition = await evaluate('unless', unless.$);
  if ('code' in condition) return failed(condition);
  const holds = conditionOf(condition.value);
  if (holds === false) return undefined;
  if (holds === undefined) {
    const message = `${quoted(unless.$)} must give true or false; compare, as in $count(steps.a.output.items) = 0.`;
    return failed({
      code: 'expression_failed',
      message: `${subjectOfStep(label, 'its condition')} gives neither true nor false.`,
      errors: [{ pointer: pointer('unless'), message }],
    });
  }
  const hole = holeAt(say, '');
  const given: Json[] = [];
  for (const expression of hole ? expressionsOf(hole) : []) {
    const outcome = await evaluate('say', expression);
    if ('code' in outcome) return failed(outcome);
    given.push(outcome.value);
  }
  return failed({ code: 'plan_ended', message: sentenceOf(hole ? holeValue(hole, given) : say) });
}

type Given = { value: Json } | StepError;

function sentenceOf(value: Json | undefined): string {
  const text = (typeof value === 'string' ? value : '').replace(/[\s\p{C}]+/gu, ' ').trim();
  if (text === '') return 'There was nothing to do.';
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1).toWellFormed()}…` : text;
}

const failed = (error: StepError): StepEnd => ({ state: 'failed', output: StepOutput.none, error, calls: [] });
