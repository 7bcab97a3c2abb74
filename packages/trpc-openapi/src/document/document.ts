// The OpenAPI 3.1 document of a contract, or of a tRPC router with `meta.openapi`.
import type { AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
  type ZodOpenApiRequestBodyObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Contract } from '../contract.ts';
import { createProblemRenderer, type ProblemOptions } from '../problem.ts';
import { isDeepObject } from '../rest/decode.ts';
import { type FieldLocations, hasBody, locateFields } from '../rest/input.ts';
import { type Route, routesOf } from '../rest/route.ts';
import { definitionOf, type Field, unwrappedDefinition } from '../schema.ts';
import {
  type AnswerOptions,
  describeResponses,
  problemResponses,
  type ResponseOptions,
  responseComponents,
} from './responses.ts';
import { shareProblems } from './shared-problems.ts';

/** A finished document; an interface, so that inferred types of callers do not name zod-openapi. */
export interface OpenApiDocument extends CreatedDocument {}

type CreatedDocument = ReturnType<typeof createDocument>;

export type DocumentOptions = ProblemOptions &
  AnswerOptions & {
    readonly info: ZodOpenApiObject['info'];
    /** Default: the origin of the document. */
    readonly servers?: ZodOpenApiObject['servers'];
    /** Names and descriptions of the tags, in the order in which they should be shown. */
    readonly tags?: ZodOpenApiObject['tags'];
    /** How callers prove who they are; without it an API key in the header `x-api-key`. Any one of them is enough. */
    readonly securitySchemes?: NonNullable<ZodOpenApiObject['components']>['securitySchemes'];
    /** Further routes of the server, such as pages. `problems` returns the answers of codes of the error table. */
    readonly paths?: (
      problems: (...codes: string[]) => ZodOpenApiResponsesObject,
    ) => NonNullable<ZodOpenApiObject['paths']>;
    readonly webhooks?: ZodOpenApiObject['webhooks'];
    /** Schemes that only some operations accept, in addition to `securitySchemes`. */
    readonly furtherSecurity?: {
      readonly schemes: NonNullable<DocumentOptions['securitySchemes']>;
      /** Codes of the error table that callers with these schemes get in addition. */
      readonly errors: readonly string[];
      /** @returns members of the operation, such as `x-` fields; undefined if it accepts no further scheme */
      readonly describe: (operation: string) => Record<`x-${string}`, unknown> | undefined;
    };
  };

const DEFAULT_SECURITY = { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } } as const;

/** `runs.get` → `runsGet`. */
const toOperationId = (name: string): string => name.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Makes the document. Schemas with `.meta({ id })` become components; one that looks different as input and as output
 * gets a second one with the suffix `Output`.
 * @throws Error when two operations share a method and path, or two schemas an id
 */
export function openApiDocument(source: Contract | AnyTRPCRouter, options: DocumentOptions): OpenApiDocument {
  const settings = { ...options, table: createProblemRenderer(options).table };
  const namedCodes = new Set<string>();
  const schemes = options.securitySchemes ?? DEFAULT_SECURITY;
  const security = toSecurity(schemes);
  const routes = routesOf(source);
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    const item = paths[route.http.path] ?? {};
    paths[route.http.path] = item;
    const method = route.http.method.toLowerCase();
    if (item[method]) throw new Error(`${route.name}: ${route.http.method} ${route.http.path} is taken already.`);
    item[method] = describeOperation(route, settings, security, namedCodes);
  }
  const otherPaths = options.paths?.((...codes) => {
    for (const code of codes) namedCodes.add(code);
    return problemResponses(codes, settings);
  });
  for (const path of Object.keys(otherPaths ?? {})) {
    if (paths[path]) throw new Error(`${path} is described by the contract already.`);
  }
  const components = responseComponents(settings, namedCodes);
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: options.info,
      servers: options.servers ?? [{ url: '/' }],
      ...(options.tags ? { tags: options.tags } : undefined),
      paths: { ...paths, ...otherPaths },
      ...(options.webhooks ? { webhooks: options.webhooks } : undefined),
      components: { securitySchemes: { ...schemes, ...options.furtherSecurity?.schemes }, ...components },
    },
    {
      override: ({ jsonSchema, zodSchema, io }) => {
        // Only the adapter needs it.
        delete (jsonSchema as { errorCode?: unknown }).errorCode;
        // An answer may gain fields, so only objects that the contract closes are closed.
        const { type, catchall } = zodSchema._zod.def as { type: string; catchall?: unknown };
        if (io === 'output' && type === 'object' && !catchall) delete jsonSchema.additionalProperties;
      },
    },
  );
  for (const route of routes) markDeepObjects(document, route);
  shareProblems(document, settings.commonErrors);
  return document;
}

const toSecurity = (schemes: object): Record<string, string[]>[] =>
  Object.keys(schemes).map((name) => ({ [name]: [] }));

function describeOperation(
  route: Route,
  settings: ResponseOptions & Pick<DocumentOptions, 'furtherSecurity'>,
  security: Record<string, string[]>[],
  namedCodes: Set<string>,
): ZodOpenApiOperationObject {
  const { name, http, tags, scope, readScope } = route;
  const { furtherSecurity } = settings;
  const further = furtherSecurity?.describe(name);
  const furtherSchemes = further ? toSecurity(furtherSecurity!.schemes) : [];
  const locations = locateFields(route);
  const params = requestParams(locations);
  const body = requestBody(route, locations);
  const { answers, codes } = describeResponses(
    further ? { ...route, errors: [...(route.errors ?? []), ...furtherSecurity!.errors] } : route,
    locations,
    settings,
  );
  for (const code of codes) namedCodes.add(code);
  return {
    operationId: toOperationId(name),
    ...(tags.length > 0 ? { tags: [...tags] } : undefined),
    ...(http.summary ? { summary: http.summary } : undefined),
    ...(http.description ? { description: http.description } : undefined),
    ...(http.deprecated ? { deprecated: true } : undefined),
    security: scope === null ? [] : [...security, ...furtherSchemes],
    ...further,
    ...(scope ? { 'x-required-scope': scope } : undefined),
    ...(readScope ? { 'x-required-read-scope': readScope } : undefined),
    ...(params ? { requestParams: params } : undefined),
    ...(body ? { requestBody: body } : undefined),
    responses: answers,
  };
}

/** Objects in a query are written `name[key]=value`. */
function markDeepObjects(document: OpenApiDocument, route: Route): void {
  const deep = new Set(
    locateFields(route).query.flatMap(({ name, schemas }) => (schemas.some(isDeepObject) ? [name] : [])),
  );
  const item = document.paths?.[route.http.path]?.[route.http.method.toLowerCase() as 'get'];
  for (const parameter of item?.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'query' && deep.has(parameter.name)) {
      parameter.style = 'deepObject';
      parameter.explode = true;
    }
  }
}

/** OpenAPI 3.1 §4.8.12.2.1: these three are described elsewhere, and ignored as parameters. */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

function requestParams({ path, query, headers }: FieldLocations): ZodOpenApiParameters | undefined {
  const documented = headers.filter(({ header }) => !NOT_PARAMETERS.has(header.toLowerCase()));
  const params: ZodOpenApiParameters = {
    ...(path.length > 0 ? { path: z.object(toShape(path)) } : undefined),
    ...(query.length > 0 ? { query: z.object(toShape(query)) } : undefined),
    ...(documented.length > 0
      ? { header: z.object(Object.fromEntries(documented.map(({ header, field }) => [header, toFieldSchema(field)]))) }
      : undefined),
  };
  return Object.keys(params).length > 0 ? params : undefined;
}

function requestBody({ http, input }: Route, { body }: FieldLocations): ZodOpenApiRequestBodyObject | undefined {
  if (!hasBody(http.method) || body.length === 0) return undefined;
  const schema = pickFields(input, new Set(body.map(({ name }) => name)));
  return { required: body.some((field) => field.required), content: { 'application/json': { schema } } };
}

const toShape = (fields: readonly Field[]): Record<string, z.ZodType> =>
  Object.fromEntries(fields.map((field) => [field.name, toFieldSchema(field)]));

/** One schema for a field that the branches of a union may describe differently. */
function toFieldSchema({ schemas, required }: Field): z.ZodType {
  const all = [...new Set(schemas)] as z.ZodType[];
  const schema = all.length === 1 ? all[0]! : z.union(all);
  return required || schema._zod.optin === 'optional' ? schema : schema.optional();
}

/** The same schema with only some of its fields; itself when it has no others. The original is never changed. */
function pickFields(schema: $ZodType, names: ReadonlySet<string>): z.ZodType {
  const def = unwrappedDefinition(schema);
  if (def.type === 'union' && def.options) return z.union(def.options.map((option) => pickFields(option, names)));
  if (def.left && def.right) return z.intersection(pickFields(def.left, names), pickFields(def.right, names));
  const entries = Object.entries(def.shape ?? {});
  const keptEntries = entries.filter(([name]) => names.has(name));
  if (keptEntries.length === entries.length) return schema as z.ZodType;
  const shape = Object.fromEntries(keptEntries) as Record<string, z.ZodType>;
  const closed = def.catchall !== undefined && definitionOf(def.catchall).type === 'never';
  const rest = closed ? z.strictObject(shape) : z.object(shape);
  const description = z.globalRegistry.get(schema)?.description;
  return description ? rest.meta({ description }) : rest;
}
