// Parameters and bodies of the document.
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import type { ZodOpenApiParameters, ZodOpenApiRequestBodyObject } from 'zod-openapi';
import { hasBody, type Placement } from '../rest/input.ts';
import type { Route } from '../rest/route.ts';
import { bare, defOf, type Field } from '../schema.ts';

/** OpenAPI 3.1 §4.8.12.2.1: these three are described elsewhere, and ignored as parameters. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

export function requestParams({ path, query, headers }: Placement): ZodOpenApiParameters | undefined {
  const described = headers.filter(({ header }) => !NOT_PARAMETERS.has(header.toLowerCase()));
  const params: ZodOpenApiParameters = {
    ...(path.length > 0 ? { path: z.object(shapeOf(path)) } : undefined),
    ...(query.length > 0 ? { query: z.object(shapeOf(query)) } : undefined),
    ...(described.length > 0
      ? { header: z.object(Object.fromEntries(described.map(({ header, field }) => [header, schemaOf(field)]))) }
      : undefined),
  };
  return Object.keys(params).length > 0 ? params : undefined;
}

export function requestBody({ http, input }: Route, { body }: Placement): ZodOpenApiRequestBodyObject | undefined {
  if (!hasBody(http.method) || body.length === 0) return undefined;
  const schema = restrict(input, new Set(body.map(({ name }) => name)));
  return { required: body.some((each) => each.required), content: { 'application/json': { schema } } };
}

const shapeOf = (fields: readonly Field[]): Record<string, z.ZodType> =>
  Object.fromEntries(fields.map((field) => [field.name, schemaOf(field)]));

/** One schema for a field that the branches of a union may describe differently. */
function schemaOf({ schemas, required }: Field): z.ZodType {
  const all = [...new Set(schemas)] as z.ZodType[];
  const schema = all.length === 1 ? all[0]! : z.union(all);
  return required || schema._zod.optin === 'optional' ? schema : schema.optional();
}

/** The same schema with only some of its fields; itself when it has no others. The original is never changed. */
function restrict(schema: $ZodType, keep: ReadonlySet<string>): z.ZodType {
  const def = bare(schema);
  if (def.type === 'union' && def.options) return z.union(def.options.map((each) => restrict(each, keep)));
  if (def.left && def.right) return z.intersection(restrict(def.left, keep), restrict(def.right, keep));
  const entries = Object.entries(def.shape ?? {});
  const keptEntries = entries.filter(([name]) => keep.has(name));
  if (keptEntries.length === entries.length) return schema as z.ZodType;
  const shape = Object.fromEntries(keptEntries) as Record<string, z.ZodType>;
  const closed = def.catchall !== undefined && defOf(def.catchall).type === 'never';
  const rest = closed ? z.strictObject(shape) : z.object(shape);
  const description = z.globalRegistry.get(schema)?.description;
  return description ? rest.meta({ description }) : rest;
}
