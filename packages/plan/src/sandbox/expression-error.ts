import type { StepError } from '../execute/outcome.ts';

type Fault = { message: string; position?: number; why?: string };

/** Longest expression that is quoted for a developer. */
const LONGEST = 500;

/** An expression as a developer finds it in an error. */
export const quoted = (expression: string): string =>
  `\`${expression.length > LONGEST ? `${expression.slice(0, LONGEST).toWellFormed()}…` : expression}\``;

/**
 * An expression's fault.
 * @param what could not be computed, for people: the beginning of a sentence
 * @param pointer where the expression stands in the plan
 */
export function expressionError(what: string, pointer: string, expression: string, fault: Fault): StepError {
  const at = fault.position === undefined ? '' : ` fails at character ${fault.position}`;
  return {
    code: 'expression_failed',
    message: `${what} could not be computed, because ${fault.why ?? 'it met something unexpected'}.`,
    errors: [{ pointer, message: `${quoted(expression)}${at || ' fails'}.` }],
    cause: fault.message,
  };
}

/** The beginning of that sentence for a part of a step. */
export const unprepared = (label: string, what: string): string => `The step ${label} could not be prepared: ${what}`;
