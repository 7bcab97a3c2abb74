import type { Json, PlanStep } from '@errand/contracts';
import { expressionsOf, holeAt, holeValue } from '../template/template.ts';
import { stepLabel, stepPointer } from '../tools/label.ts';
import { expressionError, quoted, subjectOfStep } from './expression-error.ts';
import type { Execution } from './gate.ts';
import { endWithoutCalls, type StepEnd, type StepEnds, type StepError } from './plan-execution.ts';
import { evaluateIn } from './scope.ts';

/** Longest sentence that a plan may end with, in UTF-16 units. */
const LONGEST = 1000;

export const endedPlan = (end: StepEnd): boolean => end.error?.code === 'plan_ended';

/** The truth of a condition: no value counts as false; undefined for a value of another type. */
export const conditionOf = (value: Json): boolean | undefined =>
  typeof value === 'boolean' ? value : value === null ? false : undefined;

/**
 * The end of a step with an `unless` that is true or undecidable; undefined when the plan goes on.
 * @param before the ends of the steps that it depends on
 */
export async function endedByUnless(
  execution: Execution,
  step: PlanStep,
  before: StepEnds,
): Promise<StepEnd | undefined> {
  const { unless, say = '' } = step;
  if (unless === undefined) return undefined;
  const { plan } = execution.reading;
  const label = stepLabel(plan, execution.options.tools, step.id);
  const pointer = (part: string): string => `${stepPointer(plan, step.id)}/${part}`;

  const evaluate = async (part: 'unless' | 'say', expression: string): Promise<{ value: Json } | StepError> => {
    const outcome = await evaluateIn(execution, expression, { ends: before });
    if (outcome.ok) return outcome;
    const subject = part === 'unless' ? 'its condition' : 'its closing sentence';
    return expressionError(subjectOfStep(label, subject), pointer(part), expression, outcome);
  };

  const condition = await evaluate('unless', unless.$);
  if ('code' in condition) return endWithoutCalls('failed', condition);
  const holds = conditionOf(condition.value);
  if (holds === false) return undefined;
  if (holds === undefined) {
    const message = `${quoted(unless.$)} must give true or false; compare, as in $count(steps.a.output.items) = 0.`;
    return endWithoutCalls('failed', {
      code: 'expression_failed',
      message: `${subjectOfStep(label, 'its condition')} gives neither true nor false.`,
      errors: [{ pointer: pointer('unless'), message }],
    });
  }
  const hole = holeAt(say, '');
  const values: Json[] = [];
  for (const expression of hole ? expressionsOf(hole) : []) {
    const outcome = await evaluate('say', expression);
    if ('code' in outcome) return endWithoutCalls('failed', outcome);
    values.push(outcome.value);
  }
  return endWithoutCalls('failed', { code: 'plan_ended', message: sentenceOf(hole ? holeValue(hole, values) : say) });
}

function sentenceOf(value: Json | undefined): string {
  const text = (typeof value === 'string' ? value : '').replace(/[\s\p{C}]+/gu, ' ').trim();
  if (text === '') return 'There was nothing to do.';
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1).toWellFormed()}…` : text;
}
