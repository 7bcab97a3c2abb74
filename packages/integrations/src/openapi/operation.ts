import { type DescribedTool, effectByWords, type JsonSchema } from '@errand/contracts';
import type { HttpCall } from '../execute/http-call.ts';
import { bodyOf, type FoundBody } from './body.ts';
import { type Context, isNode, member, type Node, plainText, resolve, step, textOf } from './document/document.ts';
import { limits } from './document/limits.ts';
import { serversOf } from './document/server.ts';
import { mediaOf } from './media.ts';
import { type FoundParameter, parametersOf } from './parameter.ts';
import { type Draft, newDraft, writeDefinitions, writeSchema } from './schema/schema.ts';
import type { Security } from './security.ts';

/** An operation of the document, with the path item that contains it; `at` is its pointer. */
export type Endpoint = { method: string; path: string; pathItem: Node; operation: Node; at: string };

export type OperationInput = Endpoint & {
  name: string;
  baseUrl: string;
  documentUrl: string | undefined;
  security: Security;
  integration: { name: string; customerIntegrationId: string };
};

const reads = new Set(['get', 'head', 'options']);

/** The tool of an operation; undefined, with a warning, if it cannot be called. */
export function toolOf(context: Context, input: OperationInput): DescribedTool | undefined {
  const { method, path, operation, pathItem, at } = input;
  const call: HttpCall = { kind: 'http', method: method.toUpperCase(), path, parameters: [], accept: '' };
  if (!location(context, input, call)) return undefined;
  if (isAnonymous(member(operation, 'security') ?? member(context.root, 'security'))) call.anonymous = true;
  const draft = newDraft('input');
  const lists = [
    { list: member(pathItem, 'parameters'), at: step(at.slice(0, at.lastIndexOf('/')), 'parameters') },
    { list: member(operation, 'parameters'), at: step(at, 'parameters') },
  ];
  const parameters = inTemplate(context, path, at, parametersOf(context, draft, lists, input.security.reserved));
  call.parameters = parameters.map(({ parameter }) => parameter);
  const bodyless = method === 'get' || method === 'head';
  const sent = member(operation, 'requestBody');
  if (bodyless && sent !== undefined)
    context.warn(step(at, 'requestBody'), `A ${call.method} has no body; it was left out.`);
  const body = bodyless ? undefined : bodyOf(context, draft, sent, step(at, 'requestBody'));
  if (body === 'unsupported') {
    context.warn(at, `${call.method} ${path} was left out: its body cannot be sent.`);
    return undefined;
  }
  if (body) call.body = body.body;
  const output = newDraft('output');
  const answer = answerOf(context, output, member(operation, 'responses'), step(at, 'responses'));
  call.accept = answer.accept;
  const outputSchema = answer.schema && bounded(context, output, answer.schema, step(at, 'responses'));
  const { customerIntegrationId, name: integrationName } = input.integration;
  const title = plainText(member(operation, 'summary'), 200);
  const description = plainText(member(operation, 'description'), limits.descriptionBytes);
  return {
    name: `${customerIntegrationId}.${input.name}`,
    operation: input.name,
    customerIntegrationId,
    integrationName,
    description: description || title || `${call.method} ${path}`,
    ...(title && { title }),
    method: call.method,
    path,
    inputSchema: bounded(context, draft, groups(parameters, body), at),
    ...(outputSchema && Object.keys(outputSchema).length > 0 && { outputSchema }),
    enabled: true,
    ...effectOf(context, input, { title, description }),
    call,
  };
}

/** Whether requirements allow calls without a credential. */
const isAnonymous = (security: unknown): boolean =>
  Array.isArray(security) &&
  (security.length === 0 ||
    security.some((requirement) => isNode(requirement) && Object.keys(requirement).length === 0));

/** Sets the operation's base path or server if it differs from the integration's; false if the operation must be left out. */
function location(context: Context, input: OperationInput, call: HttpCall): boolean {
  const { operation, pathItem, at, baseUrl, documentUrl, security } = input;
  const [server] = [operation, pathItem]
    .map((node) => member(node, 'servers'))
    .filter((list) => Array.isArray(list) && list.length > 0);
  if (server === undefined) return true;
  const urls = serversOf(context, server, documentUrl, step(at, 'servers'));
  const near = urls.find((url) => new URL(url).origin === new URL(baseUrl).origin) ?? urls[0];
  if (near === undefined) {
    context.warn(at, `${call.method} ${call.path} was left out: it has no usable server.`);
    return false;
  }
  if (new URL(near).origin === new URL(baseUrl).origin) {
    call.basePath = new URL(near).pathname.replace(/\/+$/, '');
    return true;
  }
  const requirements = member(operation, 'security');
  const isOpen = Array.isArray(requirements) && requirements.length === 0;
  if (security.auth.type !== 'NONE' && !isOpen) {
    const why = 'its server has another origin, to which the credential is not sent; add it as a separate integration';
    context.warn(at, `${call.method} ${call.path} was left out: ${why}.`);
    return false;
  }
  call.server = near;
  return true;
}

/** Matches the path parameters with the template: adds missing ones as texts, and drops others. */
function inTemplate(context: Context, path: string, at: string, parameters: FoundParameter[]): FoundParameter[] {
  const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] as string));
  const usable = parameters.filter(({ parameter }) => {
    if (parameter.in !== 'path' || names.has(parameter.name)) return true;
    context.warn(at, `The path parameter ${parameter.name} is not in ${path}; it was left out.`);
    return false;
  });
  for (const name of names) {
    if (usable.some(({ parameter }) => parameter.in === 'path' && parameter.name === name)) continue;
    context.warn(at, `The path parameter ${name} is not declared; it is a text now.`);
    usable.push({
      parameter: { in: 'path', name, style: 'simple', explode: false },
      schema: { type: 'string' },
      required: true,
    });
  }
  return usable;
}

function groups(parameters: readonly FoundParameter[], body: FoundBody | undefined): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const location of ['path', 'query', 'header'] as const) {
    const members = parameters.filter(({ parameter }) => parameter.in === location);
    if (members.length === 0) continue;
    const needed = members.filter((entry) => entry.required).map(({ parameter }) => parameter.name);
    if (needed.length > 0) required.push(location);
    properties[location] = {
      type: 'object',
      properties: Object.fromEntries(members.map(({ parameter, schema }) => [parameter.name, schema])),
      ...(needed.length > 0 && { required: needed }),
      additionalProperties: false,
    };
  }
  if (body) {
    properties.body = body.schema;
    if (body.required) required.push('body');
  }
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

/** Adds the definitions that a schema refers to, within the bounds of a schema. */
function bounded(context: Context, draft: Draft, schema: JsonSchema, at: string): JsonSchema {
  const text = JSON.stringify(schema);
  const subschemas = limits.subschemas - text.split('{').length;
  const bytes = limits.schemaBytes - text.length;
  if (bytes < 0 || subschemas < 0) {
    context.warn(at, 'A schema of the operation is too large; any value is accepted instead.');
    if (draft.direction === 'output') return {};
    const properties = schema.properties as Record<string, JsonSchema>;
    const slim = Object.fromEntries(
      Object.entries(properties).map(([key]) => [key, { type: key === 'body' ? undefined : 'object' }]),
    );
    return { ...schema, properties: JSON.parse(JSON.stringify(slim)) };
  }
  if (draft.queue.length === 0) return schema;
  const { definitions, cut } = writeDefinitions(context, draft, { bytes, subschemas });
  if (cut > 0) context.warn(at, `A schema of the operation is too large; ${cut} of its definitions accept anything.`);
  return { ...schema, $defs: definitions };
}

function effectOf(context: Context, { method, path, name, operation, at }: OperationInput, words: Words) {
  const usual = reads.has(method) ? ('read' as const) : ('write' as const);
  const extension = member(operation, 'x-errand-effect');
  const idempotent =
    usual === 'read' || method === 'put' || method === 'delete' || member(operation, 'x-errand-idempotent') === true;
  if (extension === 'write') return { effect: extension, idempotent } as const;
  const named = { ...words, operation: operationIdOf(operation) ?? name, method: method.toUpperCase(), path };
  const byWords = effectByWords(named, usual);
  if (extension === 'read' && (usual === 'write' || byWords === 'write'))
    context.warn(step(at, 'x-errand-effect'), 'Only the owner can declare a write as a read, not the document.');
  else if (extension !== undefined && extension !== 'read')
    context.warn(step(at, 'x-errand-effect'), 'It was ignored: it must be read or write.');
  else if (byWords === 'write')
    context.warn(at, 'It counts as a write, because its name or description says that it changes something.');
  if (byWords === 'write') return { effect: byWords, statedEffect: usual, idempotent };
  return { effect: usual, ...(byWords && { proposedEffect: byWords }), idempotent };
}

type Words = { title: string | undefined; description: string | undefined };

export const methodsOf = (pathItem: Node): { method: string; operation: Node }[] =>
  ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'].flatMap((method) => {
    const operation = member(pathItem, method);
    return isNode(operation) ? [{ method, operation }] : [];
  });

export const operationIdOf = (operation: Node): string | undefined => textOf(member(operation, 'operationId'));

const USUAL_ACCEPT = 'application/json, text/plain;q=0.9, */*;q=0.1';

/** The schema of the first 2xx response that is JSON or text, and the header `accept` for it. */
function answerOf(
  context: Context,
  draft: Draft,
  responses: unknown,
  at: string,
): { schema?: JsonSchema; accept: string } {
  if (!isNode(responses)) return { accept: USUAL_ACCEPT };
  const codes = Object.keys(responses)
    .filter((code) => /^2(\d\d|XX)$/i.test(code))
    .sort();
  for (const code of codes) {
    const response = resolve(context, responses[code]);
    const [media] = response ? mediaOf(member(response, 'content')) : [];
    if (!media || (media.kind !== 'json' && media.kind !== 'text')) continue;
    const source = member(media.node, 'schema');
    const pointer = step(at, code, 'content', media.type, 'schema');
    const accept = media.type.startsWith('application/json') ? USUAL_ACCEPT : `${media.type}, ${USUAL_ACCEPT}`;
    if (media.kind === 'text') return { schema: { type: 'string' }, accept };
    return source === undefined
      ? { accept }
      : { schema: writeSchema(context, draft, source, { at: pointer, closed: false }), accept };
  }
  return { accept: USUAL_ACCEPT };
}
