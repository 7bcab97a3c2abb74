import { z } from 'zod';

/** A parsed JSON value, so neither `undefined` nor a non-finite number. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// Inputs are parsed JSON already. `z.json()` would walk through each value again, and document it as a recursive type.
export const Json = z
  .unknown()
  .refine((value) => value !== undefined, 'Must be a JSON value.')
  .meta({ id: 'Json', description: 'Any JSON value.' }) as z.ZodType<unknown> as z.ZodType<Json>;

/** A JSON Schema document. Its keywords are checked where it is compiled, not here. */
export const JsonSchema = z.record(z.string(), z.unknown()).meta({
  id: 'JsonSchema',
  description:
    'A JSON Schema (draft-07), at most 64 KiB, 32 levels, 1 000 subschemas; `$ref` within the document only.',
  examples: [{ type: 'object', properties: { total: { type: 'number' } }, required: ['total'] }],
});
export type JsonSchema = z.infer<typeof JsonSchema>;
