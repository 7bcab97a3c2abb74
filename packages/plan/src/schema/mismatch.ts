import type { ErrorObject } from 'ajv';
import { under } from './schema-policy.ts';

/** A part of a value that does not fit its schema. `pointer` is a JSON pointer into the value. */
export type Mismatch = { pointer: string; message: string };

/** Ajv's error in words that say what would be right. */
export function mismatch(error: ErrorObject): Mismatch {
  const pointer = error.instancePath;
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
    case 'dependentRequired':
    case 'dependencies':
      return { pointer: under(pointer, String(params.missingProperty)), message: 'is required' };
    case 'additionalProperties': {
      const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
      const allowed = known.length === 0 ? 'none is allowed here' : `allowed: ${known.slice(0, 30).join(', ')}`;
      return {
        pointer: under(pointer, String(params.additionalProperty)),
        message: `is not a known property; ${allowed}`,
      };
    }
    case 'enum': {
      const values = (params.allowedValues as unknown[]).slice(0, 30).map((allowed) => JSON.stringify(allowed));
      return { pointer, message: `must be one of ${values.join(', ')}` };
    }
    case 'const':
      return { pointer, message: `must be ${JSON.stringify(params.allowedValue).slice(0, 200)}` };
    default:
      return { pointer, message: error.message ?? `does not fit ${error.keyword}` };
  }
}
