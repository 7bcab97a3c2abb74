import type { StepError } from './outcome.ts';

/** An expression's fault, with where it stands and at which character it shows. */
export function expressionError(
  where: string,
  expression: string,
  fault: { message: string; position?: number },
): StepError {
  const at = fault.position === undefined ? '' : ` at character ${fault.position}`;
  return { code: 'expression_failed', message: `${where}: \`${expression}\`${at}: ${fault.message}` };
}
