// The OpenAPI 3.1 document of a contract, or of a tRPC router with `meta.openapi`.
import type { AnyTRPCRouter } from '@trpc/server';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { Contract } from '../contract.ts';
import { type ProblemOptions, problemsOf } from '../problem.ts';
import { isDeep } from '../rest/decode.ts';
import { placementOf } from '../rest/input.ts';
import { type Route, routesOf } from '../rest/route.ts';
import type { AnswerOptions, AnswerPlan } from './answer-plan.ts';
import { requestBody, requestParams } from './request-doc.ts';
import { answerParts, problemAnswers, responses } from './response-doc.ts';
import { shareProblems } from './shared-problems.ts';

/** A finished document; an interface, so that a caller's inferred types need no word of the library below. */
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
  };

const apiKey = { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } } as const;

/** `runs.get` → `runsGet`. */
const operationId = (name: string): string => name.replaceAll(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Makes the document. Schemas with `.meta({ id })` become components; one that looks different as input and as output
 * gets a second one with the suffix `Output`.
 * @throws Error when two operations share a method and path, or two schemas an id
 */
export function openApiDocument(source: Contract | AnyTRPCRouter, options: DocumentOptions): OpenApiDocument {
  const plan = { ...options, table: problemsOf(options).table };
  const named = new Set<string>();
  const schemes = options.securitySchemes ?? apiKey;
  const security = Object.keys(schemes).map((name) => ({ [name]: [] }));
  const routes = routesOf(source);
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    const item = paths[route.http.path] ?? {};
    paths[route.http.path] = item;
    const method = route.http.method.toLowerCase();
    if (item[method]) throw new Error(`${route.name}: ${route.http.method} ${route.http.path} is taken already.`);
    item[method] = operation(route, plan, security, named);
  }
  const others = options.paths?.((...codes) => {
    for (const code of codes) named.add(code);
    return problemAnswers(codes, plan);
  });
  for (const path of Object.keys(others ?? {})) {
    if (paths[path]) throw new Error(`${path} is described by the contract already.`);
  }
  const parts = answerParts(plan, named);
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: options.info,
      servers: options.servers ?? [{ url: '/' }],
      ...(options.tags ? { tags: options.tags } : undefined),
      paths: { ...paths, ...others },
      ...(options.webhooks ? { webhooks: options.webhooks } : undefined),
      components: { securitySchemes: schemes, ...parts },
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
  for (const route of routes) markDeep(document, route);
  shareProblems(document, plan.anyErrors);
  return document;
}

function operation(
  route: Route,
  plan: AnswerPlan,
  security: Record<string, string[]>[],
  named: Set<string>,
): ZodOpenApiOperationObject {
  const { name, http, tags, scope, readScope } = route;
  const placement = placementOf(route);
  const params = requestParams(placement);
  const body = requestBody(route, placement);
  const { answers, codes } = responses(route, placement, plan);
  for (const code of codes) named.add(code);
  return {
    operationId: operationId(name),
    ...(tags.length > 0 ? { tags: [...tags] } : undefined),
    ...(http.summary ? { summary: http.summary } : undefined),
    ...(http.description ? { description: http.description } : undefined),
    ...(http.deprecated ? { deprecated: true } : undefined),
    security: scope === null ? [] : security,
    ...(scope ? { 'x-required-scope': scope } : undefined),
    ...(readScope ? { 'x-required-read-scope': readScope } : undefined),
    ...(params ? { requestParams: params } : undefined),
    ...(body ? { requestBody: body } : undefined),
    responses: answers,
  };
}

/** Objects in a query are written `name[key]=value`. */
function markDeep(document: OpenApiDocument, route: Route): void {
  const deep = new Set(placementOf(route).query.flatMap(({ name, schemas }) => (schemas.some(isDeep) ? [name] : [])));
  const item = document.paths?.[route.http.path]?.[route.http.method.toLowerCase() as 'get'];
  for (const parameter of item?.parameters ?? []) {
    if ('in' in parameter && parameter.in === 'query' && deep.has(parameter.name)) {
      parameter.style = 'deepObject';
      parameter.explode = true;
    }
  }
}
