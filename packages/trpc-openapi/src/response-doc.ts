// Answers of the document: the declared success, streams, and problems by status with their codes.
import { z } from 'zod';
import type { ZodOpenApiResponseObject, ZodOpenApiResponsesObject } from 'zod-openapi';
import type { ErrorTable } from './contract.ts';
import { hasBody, type Placement } from './input.ts';
import { declaredCodes } from './invalid.ts';
import type { Route } from './route.ts';
import { bare } from './schema.ts';

/** RFC 9457 problem, as every error is answered. */
const problemSchema = z
  .object({
    type: z.string().meta({ description: 'URI of the kind of problem' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().meta({ description: 'What is wrong with this request and what to do' }),
    instance: z.string().optional().meta({ description: 'This occurrence, by the id of the request' }),
    code: z.string().meta({ description: 'Stable word for programs' }),
    errors: z
      .array(
        z.object({ pointer: z.string().meta({ description: 'JSON pointer into the input' }), message: z.string() }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document' });

const headers = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

export function responses(route: Route, placement: Placement, table: ErrorTable): ZodOpenApiResponsesObject {
  const byStatus = new Map<string, string[]>();
  for (const code of codesOf(route, placement)) {
    const status = statusOf(route, table, code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const problems = [...byStatus].map(([status, codes]) => [status, problem(codes, table)]);
  return { ...success(route), ...Object.fromEntries(problems) };
}

function success({ kind, http, output }: Route): ZodOpenApiResponsesObject {
  const status = String(http.status ?? 200) as `2${string}`;
  if (kind === 'subscription') {
    return {
      [status]: {
        description:
          'Server-sent events: `id`, `event` (the `type` of the item) and `data` (the item as JSON). A frame with `event: keepalive` and `data: null` comes when nothing else does.',
        headers,
        content: { 'text/event-stream': { schema: output ?? z.unknown() } },
      },
      '204': { description: 'Nothing is left to send; do not connect again.', headers },
    };
  }
  if (http.status === 204) return { '204': { description: 'Done; there is no body.', headers } };
  const json = { 'application/json': { schema: output ?? z.unknown() } };
  const other = http.contentType ? { [http.contentType]: { schema: { type: 'string' as const } } } : undefined;
  const content = other && output && bare(output).type === 'string' ? other : { ...json, ...other };
  return { [status]: { description: 'Success', headers, content } };
}

/** The operation's own codes and those that the adapter raises for it. */
function codesOf({ errors, scope, http, input }: Route, placement: Placement): string[] {
  const takesBody = hasBody(http.method) && placement.body.length > 0;
  return [
    ...new Set([
      ...errors,
      ...(input ? ['validation_failed', 'invalid_string', ...declaredCodes(input)] : []),
      ...(takesBody ? ['invalid_json', 'json_too_deep', 'body_too_large', 'unsupported_media_type'] : []),
      ...(scope === null ? [] : ['unauthenticated']),
      ...(scope ? ['insufficient_scope'] : []),
      'internal',
    ]),
  ];
}

function statusOf({ name }: Route, table: ErrorTable, code: string): string {
  const entry = table[code];
  if (!entry) throw new Error(`${name}: the error ${code} is not in the error table.`);
  return String(entry.status);
}

const problem = (codes: string[], table: ErrorTable): ZodOpenApiResponseObject => ({
  description: codes.map((code) => `\`${code}\`: ${table[code]!.title}`).join('\n'),
  headers,
  content: { 'application/problem+json': { schema: problemSchema } },
});
