import type { StepError } from './plan-execution.ts';

/**
 * `message`: for developers. `explanation`: the cause for people, a clause such as "it never ends". `refused`: the message is the text of
 * `$refuse`.
 */
type Fault = { message: string; position?: number; explanation?: string; refused?: true };

/** Longest expression that is quoted for a developer. */
const LONGEST = 500;

export const quoteExpression = (expression: string): string =>
  `\`${expression.length > LONGEST ? `${expression.slice(0, LONGEST).toWellFormed()}…` : expression}\``;

/**
 * The error of a step or a result with a failed expression.
 * @param subject names for people the part that could not be computed; the message begins with it, e.g. `The argument x`
 * @param pointer JSON pointer to the expression in the plan
 */
export function expressionError(subject: string, pointer: string, expression: string, fault: Fault): StepError {
  if (fault.refused) return { code: 'nothing_found', message: fault.message };
  const at = fault.position === undefined ? '' : ` fails at character ${fault.position}`;
  return {
    code: 'expression_failed',
    message: `${subject} could not be computed, because ${fault.explanation ?? 'it met something unexpected'}.`,
    errors: [{ pointer, message: `${quoteExpression(expression)}${at || ' fails'}.` }],
    cause: fault.message,
  };
}

/** A `subject` of `expressionError` for a part of a step: `The step 1 could not be prepared: its argument x`. */
export const subjectOfStep = (label: string, problem: string): string =>
  `The step ${label} could not be prepared: ${problem}`;
