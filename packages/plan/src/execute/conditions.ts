import type { Json } from '@errand/contracts';
import { expressionsOf, holeAt, holeValue } from '../template/template.ts';
import { cut } from '../tools/label.ts';
import { expressionError, quoteExpression, subjectOfStep } from './expression-error.ts';
import { endWithoutCalls, labelOf, pointerTo, type StepEnd, type StepError, type StepRun } from './plan-execution.ts';
import { evaluateIn } from './scope.ts';

/** Longest sentence that a plan may end with, in UTF-16 units. */
const LONGEST = 1000;

const SUBJECTS = { when: 'its condition', unless: 'its condition', say: 'its closing sentence', forEach: 'its list' };

/** The value of an expression that decides whether, or for which items, a step runs. */
export async function evaluatePart(
  run: StepRun,
  part: keyof typeof SUBJECTS,
  expression: string,
): Promise<{ value: Json } | StepError> {
  const outcome = await evaluateIn(run.execution, expression, { ends: run.before });
  if (outcome.ok) return outcome;
  const subject = subjectOfStep(labelOf(run), SUBJECTS[part]);
  return expressionError(subject, pointerTo(run, part), expression, outcome);
}

/** The truth of a condition: no value counts as false; undefined for a value of another type. */
export const truthOf = (value: Json): boolean | undefined =>
  typeof value === 'boolean' ? value : value === null ? false : undefined;

/** The end of a step with an `unless` that is true or undecidable; undefined when the plan goes on. */
export async function evaluateUnless(run: StepRun): Promise<StepEnd | undefined> {
  const { unless, say = '' } = run.step;
  if (unless === undefined) return undefined;
  const condition = await evaluatePart(run, 'unless', unless.$);
  if ('code' in condition) return endWithoutCalls('failed', condition);
  const holds = truthOf(condition.value);
  if (holds === false) return undefined;
  if (holds === undefined) {
    const message = `${quoteExpression(unless.$)} must give true or false; compare, as in $count(steps.a.output.items) = 0.`;
    return endWithoutCalls('failed', {
      code: 'expression_failed',
      message: `${subjectOfStep(labelOf(run), 'its condition')} gives neither true nor false.`,
      errors: [{ pointer: pointerTo(run, 'unless'), message }],
    });
  }
  const hole = holeAt(say, '');
  const values: Json[] = [];
  for (const expression of hole ? expressionsOf(hole) : []) {
    const outcome = await evaluatePart(run, 'say', expression);
    if ('code' in outcome) return endWithoutCalls('failed', outcome);
    values.push(outcome.value);
  }
  const sentence = hole ? holeValue(hole, values) : say;
  const text = (typeof sentence === 'string' ? sentence : '').replace(/[\s\p{C}]+/gu, ' ').trim();
  const message = text === '' ? 'There was nothing to do.' : cut(text, LONGEST);
  return endWithoutCalls('failed', { code: 'plan_ended', message });
}
