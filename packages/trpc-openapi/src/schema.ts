// Reads the definitions of zod schemas, for the decoder, the document and the errors. Schemas are never changed.
import type { $ZodType } from 'zod/v4/core';

/** The parts of zod's definitions that matter here, of whatever kind the schema is. */
export type Definition = {
  readonly type: string;
  readonly innerType?: $ZodType;
  readonly in?: $ZodType;
  readonly left?: $ZodType;
  readonly right?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly shape?: Readonly<Record<string, $ZodType>>;
  readonly element?: $ZodType;
  readonly valueType?: $ZodType;
  readonly catchall?: $ZodType;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
};

/** The definition of a schema; a lazy one is resolved. */
export function definitionOf(schema: $ZodType): Definition {
  const def = schema._zod.def as unknown as Definition & { getter?: () => $ZodType };
  return def.type === 'lazy' && def.getter ? definitionOf(def.getter()) : def;
}

/** The schema of the value on the wire without its wrappers (optional, default, readonly, the far end of a pipe …). */
export function unwrappedDefinition(schema: $ZodType): Definition {
  const def = definitionOf(schema);
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  return inner ? unwrappedDefinition(inner) : def;
}

export type Field = { readonly name: string; readonly schemas: readonly $ZodType[]; readonly required: boolean };

/** The fields of an input: of an object, an intersection or a union of them. */
export type Fields = { readonly fields: ReadonlyMap<string, Field>; readonly strict: boolean };

export function fieldsOf(schema: $ZodType): Fields {
  const def = unwrappedDefinition(schema);
  if (def.type === 'object') {
    const entries = Object.entries(def.shape ?? {}).map(([name, fieldSchema]): [string, Field] => [
      name,
      { name, schemas: [fieldSchema], required: fieldSchema._zod.optin === undefined },
    ]);
    return {
      fields: new Map(entries),
      strict: def.catchall !== undefined && definitionOf(def.catchall).type === 'never',
    };
  }
  if (def.type === 'union' && def.options)
    return mergeFields(def.options.map(fieldsOf), (flags) => flags.every(Boolean));
  if (def.left && def.right)
    return mergeFields([fieldsOf(def.left), fieldsOf(def.right)], (flags) => flags.some(Boolean));
  return { fields: new Map(), strict: false };
}

function mergeFields(parts: Fields[], combineRequired: (flags: boolean[]) => boolean): Fields {
  const names = new Set(parts.flatMap((part) => [...part.fields.keys()]));
  const fields = [...names].map((name): [string, Field] => {
    const fieldsOfName = parts.map((part) => part.fields.get(name));
    return [
      name,
      {
        name,
        schemas: fieldsOfName.flatMap((field) => field?.schemas ?? []),
        required: combineRequired(fieldsOfName.map((field) => field?.required ?? false)),
      },
    ];
  });
  return { fields: new Map(fields), strict: parts.length > 0 && parts.every((part) => part.strict) };
}
