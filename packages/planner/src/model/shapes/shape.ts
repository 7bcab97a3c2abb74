import type { JsonSchema } from '@errand/contracts';
import { NamedTypes } from './named-types.ts';
import type { Detail } from './notes.ts';
import { TypeWriter } from './type-writer.ts';

/** From full detail to the bare structure. */
export const DETAILS: readonly Detail[] = [
  { depth: 8, describe: 200, choices: 60, members: 200, limits: true },
  { depth: 6, describe: 90, choices: 40, members: 120, limits: true },
  { depth: 4, describe: 50, choices: 24, members: 80, limits: true },
  { depth: 3, describe: 0, choices: 16, members: 60, limits: false },
  { depth: 2, describe: 0, choices: 8, members: 40, limits: false },
  { depth: 2, describe: 0, choices: 4, members: 12, limits: false },
];

/** The same for outputs: their limits do not matter. */
export const OUTPUT_DETAILS: readonly Detail[] = DETAILS.map((detail) => ({ ...detail, limits: false }));

/** A JSON Schema as a type, in the most detail that fits into `maxBytes`. */
export function showShape(schema: JsonSchema, name: string, maxBytes: number): string {
  for (const detail of DETAILS) {
    const named = new NamedTypes();
    const { texts, types } = named.assemble([new TypeWriter(schema, detail, named).write(name)]);
    const text = [...types, ...texts].join('\n');
    if (Buffer.byteLength(text) <= maxBytes) return text;
  }
  return 'any /* too large to be shown */';
}
