import { ProblemError, problem } from '@errand/contracts';
import { en, type Texts } from '../texts/en.ts';
import { visible } from './visible.ts';

/** A field with an invalid text. */
export type FieldFault = { pointer: string; message: string };

export const invalidValues = (faults: readonly FieldFault[]): ProblemError =>
  problem('validation_failed', 'A value is not valid.', {
    errors: faults.map(({ pointer, message }) => ({ pointer: `/args${pointer}`, message })),
  });

/** The faults of the entered values, if the error is about them, in the language of the page. */
export function faultsOf(texts: Texts, error: unknown): FieldFault[] | undefined {
  if (!(error instanceof ProblemError) || error.code !== 'validation_failed') return undefined;
  return (error.options.errors ?? []).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/(?:args|content|answer)/, ''),
    message: faultText(texts, message),
  }));
}

/** The messages of problems, from our own checks and the validator, are English. */
function faultText(texts: Texts, message: string): string {
  const [check] = Object.entries(en.faults).find(([, text]) => text === message) ?? [];
  return check === undefined ? texts.schemaFault(message) : texts.faults[check as keyof Texts['faults']];
}

/** The number in a text; undefined if the text is not a number, or not a whole one if `isWhole`. */
export function numberFrom(text: string, isWhole = false): number | undefined {
  const value = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) && (!isWhole || Number.isInteger(value)) ? value : undefined;
}

export const booleanFrom = (text: string): boolean | undefined =>
  text === 'true' ? true : text === 'false' ? false : undefined;

/** The hint and the fault of a control as HTML, and the attributes that connect the control with them. */
export function annotate(
  id: string,
  hint: string,
  fault: FieldFault | undefined,
): { attributes: string; html: string } {
  const describedBy = [hint && `${id}-h`, fault && `${id}-f`].filter(Boolean).join(' ');
  const hintHtml = hint && `<small id="${id}-h">${visible(hint)}</small>`;
  return {
    attributes: `${describedBy ? ` aria-describedby="${describedBy}"` : ''}${fault ? ' aria-invalid="true"' : ''}`,
    html: hintHtml + (fault ? `<p class="fault" id="${id}-f">${visible(fault.message)}</p>` : ''),
  };
}
