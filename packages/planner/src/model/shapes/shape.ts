import type { JsonSchema } from '@errand/contracts';
import { NamedTypes } from './named-types.ts';
import type { Detail } from './notes.ts';
import { TypeWriter } from './type-writer.ts';

/** From full detail to the bare structure. */
export const DETAILS: readonly Detail[] = [
  { maxDepth: 8, maxDescriptionLength: 200, maxChoices: 60, maxMembers: 200, showsLimits: true },
  { maxDepth: 6, maxDescriptionLength: 90, maxChoices: 40, maxMembers: 120, showsLimits: true },
  { maxDepth: 4, maxDescriptionLength: 50, maxChoices: 24, maxMembers: 80, showsLimits: true },
  { maxDepth: 3, maxDescriptionLength: 0, maxChoices: 16, maxMembers: 60, showsLimits: false },
  { maxDepth: 2, maxDescriptionLength: 0, maxChoices: 8, maxMembers: 40, showsLimits: false },
  { maxDepth: 2, maxDescriptionLength: 0, maxChoices: 4, maxMembers: 12, showsLimits: false },
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
