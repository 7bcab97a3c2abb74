// Answers of the document: the declared success, streams, and problems by status with their codes.
import { z } from 'zod';
import type { ZodOpenApiComponentsObject, ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ErrorTable } from '../contract.ts';
import { declaredCodes } from '../input-errors/invalid-input.ts';
import { type FieldLocations, hasBody } from '../rest/input.ts';
import type { Route } from '../rest/route.ts';

/** Parts of answers in the document that operations do not declare. */
export type AnswerOptions = {
  /** Codes of every operation that needs a credential, such as those of rate limits. */
  readonly commonErrors?: readonly string[];
  /** Headers of several operations, by name. */
  readonly responseHeaders?: Readonly<Record<string, ResponseHeader>>;
  /** A successful answer of each operation, by its dotted name; of a stream, one item. */
  readonly examples?: Readonly<Record<string, unknown>>;
};

export type ResponseHeader = {
  readonly description: string;
  readonly example?: string;
  /** Codes of the error table it comes with. */
  readonly errorCodes?: readonly string[];
  /** Whether it comes with every answer to a caller with a credential. */
  readonly always?: boolean;
};

/** Everything that documents the answers of one contract. */
export type ResponseOptions = AnswerOptions & { readonly table: ErrorTable; readonly problemBase?: string };

/** RFC 9457 problem, as every error is answered. */
const problemSchema = z
  .looseObject({
    type: z.string().meta({ description: 'URI of the kind of problem' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: 'What is wrong with this request, for people' }),
    remedy: z.string().optional().meta({ description: 'What the developer does about it' }),
    values: z
      .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
      .optional()
      .meta({ description: 'Facts about the error, for your own words, by name' }),
    instance: z.string().optional().meta({ description: 'This occurrence, by the id of the request' }),
    code: z.string().meta({ description: 'Stable word for programs' }),
    errors: z
      .array(
        z.object({ pointer: z.string().meta({ description: 'JSON pointer into the input' }), message: z.string() }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

/** The components that answers refer to: headers, and an example of each problem. */
export function responseComponents(
  { table, problemBase, responseHeaders = {} }: ResponseOptions,
  codes: Iterable<string>,
): Pick<ZodOpenApiComponentsObject, 'headers' | 'examples'> {
  const problems = [...codes].sort().map((code) => {
    const { title } = table[code]!;
    return [code, { summary: title, value: { type: (problemBase ?? 'about:blank#') + code, ...table[code], code } }];
  });
  const headers = Object.entries(responseHeaders).map(([name, { description, example }]) => [
    componentName(name),
    { description, schema: { type: 'string', ...(example !== undefined && { examples: [example] }) } },
  ]);
  return {
    headers: {
      RequestId: { description: 'Names this request in logs and in support.', schema: { type: 'string' } },
      ...Object.fromEntries(headers),
    },
    examples: Object.fromEntries(problems),
  };
}

/** @returns the answers of one operation, and the codes that they name */
export function describeResponses(
  route: Route,
  locations: FieldLocations,
  settings: ResponseOptions,
): { answers: ZodOpenApiResponsesObject; codes: string[] } {
  const codes = codesOf(route, locations, settings);
  const unknown = codes.find((code) => !settings.table[code]);
  if (unknown) throw new Error(`${route.name}: the error ${unknown} is not in the error table.`);
  return {
    answers: { ...successResponses(route, settings), ...problemResponses(codes, settings, route.scope) },
    codes,
  };
}

/** The answers of codes of the error table, by their status. */
export function problemResponses(
  codes: readonly string[],
  settings: ResponseOptions,
  scope: Route['scope'] = null,
): ZodOpenApiResponsesObject {
  const byStatus = new Map<string, string[]>();
  for (const code of codes) {
    const status = String(settings.table[code]!.status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, statusCodes]) => [status, problemResponse(scope, statusCodes, settings)]),
  );
}

function successResponses(
  { name, kind, http, output, scope }: Route,
  settings: ResponseOptions,
): ZodOpenApiResponsesObject {
  const status = String(http.status ?? 200) as `2${string}`;
  const headers = { ...headersOf(settings, scope, []), ...declaredHeaders(http.responseHeaders) };
  const example = settings.examples?.[name];
  const examples = example === undefined ? undefined : { examples: { answer: { value: example } } };
  if (kind === 'subscription') {
    return {
      [status]: {
        description:
          http.success ??
          'Server-sent events: `id`, `event` (the `type` of the item) and `data` (the item as JSON). A frame with `event: keepalive` and `data: null` comes when nothing else does.',
        headers,
        content: { 'text/event-stream': { schema: output as z.ZodType, ...examples } },
      },
      '204': { description: 'Nothing is left to send; do not connect again.', headers },
    };
  }
  if (http.status === 204) return { '204': { description: http.success ?? 'Done; there is no body.', headers } };
  const forms = [output, http.otherOutput].flatMap((form) => (form ? [form as unknown as z.ZodType] : []));
  const schema = forms.length === 1 ? forms[0]! : z.union(forms);
  const content = { 'application/json': { schema, ...examples } };
  return { [status]: { description: http.success ?? 'Success', headers, content } };
}

/** The codes of the operation, and those that the adapter raises for it. */
function codesOf(
  { errors, scope, http, input }: Route,
  locations: FieldLocations,
  { commonErrors = [] }: ResponseOptions,
): string[] {
  const takesBody = hasBody(http.method) && locations.body.length > 0;
  return [
    ...new Set([
      'validation_failed',
      ...errors,
      'invalid_string',
      ...declaredCodes(input),
      ...(takesBody ? ['invalid_json', 'json_too_deep', 'body_too_large', 'unsupported_media_type'] : []),
      ...(scope === null ? [] : ['key_in_query', 'unauthenticated', ...commonErrors]),
      ...(scope ? ['insufficient_scope'] : []),
      'internal',
    ]),
  ];
}

const problemResponse = (
  scope: Route['scope'],
  codes: string[],
  settings: ResponseOptions,
): ZodOpenApiResponseObject => ({
  description: codes.map((code) => `\`${code}\`: ${settings.table[code]!.title}`).join('\n'),
  headers: headersOf(settings, scope, codes),
  content: {
    'application/problem+json': {
      schema: problemSchema,
      examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
});

const REQUEST_ID = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** `Retry-After` → `RetryAfter`. */
const componentName = (header: string): string =>
  header
    .split('-')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join('');

function headersOf({ responseHeaders = {} }: ResponseOptions, scope: Route['scope'], codes: readonly string[]) {
  // Rejected callers are not counted.
  const isCounted = scope !== null && !codes.includes('unauthenticated');
  const matchingHeaders = Object.entries(responseHeaders).filter(
    ([, { always, errorCodes }]) => (always && isCounted) || errorCodes?.some((code) => codes.includes(code)),
  );
  return {
    ...REQUEST_ID,
    ...Object.fromEntries(
      matchingHeaders.map(([name]) => [name, { $ref: `#/components/headers/${componentName(name)}` }]),
    ),
  };
}

const declaredHeaders = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  );
