import { ProblemError, problem } from '@errand/contracts';

/** A field whose text is no value of its kind. */
export type FieldFault = { pointer: string; message: string };

/** A refusal of what was entered. */
export const notValid = (faults: readonly FieldFault[]): ProblemError =>
  problem('validation_failed', 'A value does not fit; errors name it.', {
    errors: faults.map(({ pointer, message }) => ({ pointer: `/args${pointer}`, message })),
  });

/** The faults of what was entered, if that is why it was refused. */
export function faultsOf(error: unknown): FieldFault[] | undefined {
  if (!(error instanceof ProblemError) || error.code !== 'validation_failed') return undefined;
  return (error.options.errors ?? []).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/(?:args|content|answer)/, ''),
    message: /^[a-z]/.test(message) ? `It ${message.replace('must NOT', 'must not')}.` : message,
  }));
}

/** The number of a text; undefined when it is none, or not whole where that is needed. */
export function numberFrom(text: string, isWhole = false): number | undefined {
  const value = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) && (!isWhole || Number.isInteger(value)) ? value : undefined;
}

/** The truth value of a text; undefined when it is none. */
export const booleanFrom = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;
