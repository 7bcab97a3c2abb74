import { type DescribedTool, effectByWords, type JsonSchema } from '@errand/contracts';
import type { HttpCall } from '../execute/http-call.ts';
import { bodyOf, type ConvertedBody } from './body.ts';
import { type Context, child, isNode, member, type Node, plainText, resolve, textOf } from './document/document.ts';
import { limits } from './document/limits.ts';
import { METHODS } from './document/pick.ts';
import { partsOf, rebasedPath, type Service, serversOf } from './document/server.ts';
import { mediaOf } from './media.ts';
import { type ConvertedParameter, parametersOf } from './parameter.ts';
import { writeDefinitions } from './schema/definitions.ts';
import { type Draft, newDraft } from './schema/draft.ts';
import { writeSchema } from './schema/schema.ts';
import type { Security } from './security.ts';

/** An operation of the document, with the path item that contains it; `pointer` leads to it. */
export type Endpoint = { method: string; path: string; pathItem: Node; operation: Node; pointer: string };

export type OperationInput = Endpoint & {
  name: string;
  service: Service;
  documentUrl: string | undefined;
  security: Security;
  integration: { name: string; customerIntegrationId: string };
};

const readMethods = new Set(['get', 'head', 'options']);

/** The tool of an operation; undefined, with a warning, if it cannot be called. */
export function toolOf(context: Context, input: OperationInput): DescribedTool | undefined {
  const { method, path, operation, pathItem, pointer } = input;
  const call: HttpCall = { kind: 'http', method: method.toUpperCase(), path, parameters: [], accept: '' };
  if (!setServer(context, input, call)) return undefined;
  if (isAnonymous(member(operation, 'security') ?? member(context.root, 'security'))) call.anonymous = true;
  const draft = newDraft('input');
  const lists = [
    { list: member(pathItem, 'parameters'), pointer: child(pointer.slice(0, pointer.lastIndexOf('/')), 'parameters') },
    { list: member(operation, 'parameters'), pointer: child(pointer, 'parameters') },
  ];
  const declared = parametersOf(context, draft, lists, input.security.reserved);
  const parameters = matchTemplate(context, path, pointer, declared);
  call.parameters = parameters.map(({ parameter }) => parameter);
  const isBodyless = method === 'get' || method === 'head';
  const requestBody = member(operation, 'requestBody');
  if (isBodyless && requestBody !== undefined)
    context.warn(child(pointer, 'requestBody'), `A ${call.method} has no body; it was left out.`);
  const body = isBodyless ? undefined : bodyOf(context, draft, requestBody, child(pointer, 'requestBody'));
  if (body === 'unsupported') {
    context.warn(pointer, `${call.method} ${path} was left out: its body cannot be sent.`);
    return undefined;
  }
  if (body) call.body = body.body;
  const output = newDraft('output');
  const answer = answerOf(context, output, member(operation, 'responses'), child(pointer, 'responses'));
  call.accept = answer.accept;
  const outputSchema = answer.schema && withDefinitions(context, output, answer.schema, child(pointer, 'responses'));
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
    inputSchema: withDefinitions(context, draft, inputSchemaOf(parameters, body), pointer),
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
function setServer(context: Context, input: OperationInput, call: HttpCall): boolean {
  const { pointer, service } = input;
  const servers = serversOfOperation(context, input);
  if (servers === undefined) return true;
  const base = partsOf(service.baseUrl);
  const ownOrigin = service.isOwners && service.ownUrl !== undefined ? partsOf(service.ownUrl).origin : undefined;
  const ofService = servers.find((url) => [base.origin, ownOrigin].includes(partsOf(url).origin));
  const chosenUrl = ofService ?? servers[0];
  if (chosenUrl === undefined) {
    context.warn(pointer, `${call.method} ${call.path} was left out: it has no usable server.`);
    return false;
  }
  if (ofService === undefined) return setOtherOrigin(context, input, call, chosenUrl);
  const isAtBase = partsOf(chosenUrl).origin === base.origin;
  const path = isAtBase ? partsOf(chosenUrl).path : rebasedPath(chosenUrl, service.ownUrl!, service.baseUrl);
  if (path === base.path && service.isOwners) return true;
  call.basePath = path;
  // Calls replace variables in the base URL alone.
  if (!/[{}]/.test(path)) return true;
  context.warn(pointer, `${call.method} ${call.path} was left out: its path depends on a variable of the base URL.`);
  return false;
}

/** The servers of an operation that may differ from the integration's; undefined if it is called at the base URL. */
function serversOfOperation(context: Context, input: OperationInput): string[] | undefined {
  const { operation, pathItem, pointer, documentUrl, service } = input;
  const [list] = [operation, pathItem]
    .map((node) => member(node, 'servers'))
    .filter((servers) => Array.isArray(servers) && servers.length > 0);
  if (list === undefined) {
    // An operation of a further document is called at the server of that document.
    const isElsewhere = !service.isOwners && service.ownUrl !== undefined && service.ownUrl !== service.baseUrl;
    return isElsewhere ? [service.ownUrl!] : undefined;
  }
  const { urls, placeholders } = serversOf(context, list, documentUrl, child(pointer, 'servers'));
  // The owner's base URL also replaces placeholders.
  return urls.length === 0 && placeholders.length > 0 && service.isOwners ? undefined : urls;
}

/** Lets an operation be called at another origin, unless a credential would have to be sent there. */
function setOtherOrigin(context: Context, input: OperationInput, call: HttpCall, url: string): boolean {
  const requirements = member(input.operation, 'security');
  const isOpen = Array.isArray(requirements) && requirements.length === 0;
  if (input.security.auth.type !== 'NONE' && !isOpen) {
    const reason =
      'its server has another origin, to which the credential is not sent; add it as a separate integration';
    context.warn(input.pointer, `${call.method} ${call.path} was left out: ${reason}.`);
    return false;
  }
  call.server = url;
  return true;
}

/** Matches the path parameters with the template: adds missing ones as texts, and drops others. */
function matchTemplate(context: Context, path: string, pointer: string, parameters: ConvertedParameter[]) {
  const names = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] as string));
  const matched = parameters.filter(({ parameter }) => {
    if (parameter.in !== 'path' || names.has(parameter.name)) return true;
    context.warn(pointer, `The path parameter ${parameter.name} is not in ${path}; it was left out.`);
    return false;
  });
  for (const name of names) {
    if (matched.some(({ parameter }) => parameter.in === 'path' && parameter.name === name)) continue;
    context.warn(pointer, `The path parameter ${name} is not declared; it is a text now.`);
    matched.push({
      parameter: { in: 'path', name, style: 'simple', explode: false },
      schema: { type: 'string' },
      required: true,
    });
  }
  return matched;
}

function inputSchemaOf(parameters: readonly ConvertedParameter[], body: ConvertedBody | undefined): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  const required: string[] = [];
  for (const setServer of ['path', 'query', 'header'] as const) {
    const members = parameters.filter(({ parameter }) => parameter.in === setServer);
    if (members.length === 0) continue;
    const requiredNames = members.filter((entry) => entry.required).map(({ parameter }) => parameter.name);
    if (requiredNames.length > 0) required.push(setServer);
    properties[setServer] = {
      type: 'object',
      properties: Object.fromEntries(members.map(({ parameter, schema }) => [parameter.name, schema])),
      ...(requiredNames.length > 0 && { required: requiredNames }),
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
function withDefinitions(context: Context, draft: Draft, schema: JsonSchema, pointer: string): JsonSchema {
  const text = JSON.stringify(schema);
  const subschemas = limits.subschemas - text.split('{').length;
  const bytes = limits.schemaBytes - text.length;
  if (bytes < 0 || subschemas < 0) {
    context.warn(pointer, 'A schema of the operation is too large; any value is accepted instead.');
    if (draft.direction === 'output') return {};
    const properties = schema.properties as Record<string, JsonSchema>;
    const slim = Object.fromEntries(
      Object.entries(properties).map(([key]) => [key, { type: key === 'body' ? undefined : 'object' }]),
    );
    return { ...schema, properties: JSON.parse(JSON.stringify(slim)) };
  }
  if (draft.queue.length === 0) return schema;
  const { definitions, cut } = writeDefinitions(context, draft, { bytes, subschemas });
  if (cut > 0)
    context.warn(pointer, `A schema of the operation is too large; ${cut} of its definitions accept anything.`);
  return { ...schema, $defs: definitions };
}

function effectOf(context: Context, { method, path, name, operation, pointer }: OperationInput, texts: Texts) {
  const byMethod = readMethods.has(method) ? ('read' as const) : ('write' as const);
  const declaredEffect = member(operation, 'x-errand-effect');
  const idempotent =
    byMethod === 'read' || method === 'put' || method === 'delete' || member(operation, 'x-errand-idempotent') === true;
  if (declaredEffect === 'write') return { effect: declaredEffect, idempotent } as const;
  const described = { ...texts, operation: operationIdOf(operation) ?? name, method: method.toUpperCase(), path };
  const byWords = effectByWords(described, byMethod);
  if (declaredEffect === 'read' && (byMethod === 'write' || byWords === 'write'))
    context.warn(child(pointer, 'x-errand-effect'), 'Only the owner can declare a write as a read, not the document.');
  else if (declaredEffect !== undefined && declaredEffect !== 'read')
    context.warn(child(pointer, 'x-errand-effect'), 'It was ignored: it must be read or write.');
  else if (byWords === 'write')
    context.warn(pointer, 'It counts as a write, because its name or description says that it changes something.');
  if (byWords === 'write') return { effect: byWords, statedEffect: byMethod, idempotent };
  return { effect: byMethod, ...(byWords && { proposedEffect: byWords }), idempotent };
}

type Texts = { title: string | undefined; description: string | undefined };

export const methodsOf = (pathItem: Node): { method: string; operation: Node }[] =>
  METHODS.flatMap((method) => {
    const operation = member(pathItem, method);
    return isNode(operation) ? [{ method, operation }] : [];
  });

export const operationIdOf = (operation: Node): string | undefined => textOf(member(operation, 'operationId'));

const DEFAULT_ACCEPT = 'application/json, text/plain;q=0.9, */*;q=0.1';

/** The schema of the first 2xx response that is JSON or text, and the header `accept` for it. */
function answerOf(
  context: Context,
  draft: Draft,
  responses: unknown,
  responsesPointer: string,
): { schema?: JsonSchema; accept: string } {
  if (!isNode(responses)) return { accept: DEFAULT_ACCEPT };
  const codes = Object.keys(responses)
    .filter((code) => /^2(\d\d|XX)$/i.test(code))
    .sort();
  for (const code of codes) {
    const response = resolve(context, responses[code]);
    const [media] = response ? mediaOf(member(response, 'content')) : [];
    if (!media || (media.kind !== 'json' && media.kind !== 'text')) continue;
    const source = member(media.node, 'schema');
    const pointer = child(responsesPointer, code, 'content', media.type, 'schema');
    const accept = media.type.startsWith('application/json') ? DEFAULT_ACCEPT : `${media.type}, ${DEFAULT_ACCEPT}`;
    if (media.kind === 'text') return { schema: { type: 'string' }, accept };
    return source === undefined
      ? { accept }
      : { schema: writeSchema(context, draft, source, { pointer, isClosed: false }), accept };
  }
  return { accept: DEFAULT_ACCEPT };
}
