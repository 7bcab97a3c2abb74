import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { CalendarDocument } from './document.ts';

/** Checks new events by the very schema that the document shows: what is wrong, or undefined. */
export function eventCheck(document: CalendarDocument): (body: unknown) => string | undefined {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const validate = ajv.compile(document.components.schemas.NewEvent);
  return (body) => (validate(body) ? undefined : ajv.errorsText(validate.errors, { dataVar: 'event' }));
}
