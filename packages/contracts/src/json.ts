import { z } from 'zod';

/** A JSON value as parsed; `undefined` and non-finite numbers are none. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export const Json: z.ZodType<Json> = z.json().meta({ id: 'Json', description: 'Any JSON value.' });

/** A JSON Schema document. Its keywords are checked where it is compiled, not here. */
export const JsonSchema = z.record(z.string(), z.unknown()).meta({
  id: 'JsonSchema',
  description:
    'A JSON Schema (draft-07), at most 64 KiB, 32 levels, 1 000 subschemas; `$ref` within the document only.',
  examples: [{ type: 'object', properties: { total: { type: 'number' } }, required: ['total'] }],
});
export type JsonSchema = z.infer<typeof JsonSchema>;
