import { problem } from '@errand/contracts';

/** The error for one field of the input. @param pointer JSON pointer to the field */
export const invalidField = (pointer: string, message: string) =>
  problem('validation_failed', message, { errors: [{ pointer, message }] });
