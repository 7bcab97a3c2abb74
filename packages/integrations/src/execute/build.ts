import { isRecord } from '@errand/basics/is-record';
import { percentEncode, percentEncodeAllowReserved } from '@errand/basics/percent';
import { withoutTrailing } from '@errand/basics/text-end';
import { isForbiddenHeader, type Json } from '@errand/contracts';
import { isWritableHeader } from '../egress/headers.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import { type EncodedBody, encodeBody } from './body.ts';
import type { CallParameter, HttpCall } from './http-call.ts';
import { headerText, pathText, queryPairs } from './serialize-parameters.ts';

export type BuiltRequest = { url: URL; headers: Record<string, string>; body?: string | Buffer };
type ToolArguments = Readonly<Record<string, Json>>;

/** The path template as literal texts and path parameters in turn. */
function templateParts(call: HttpCall): (string | CallParameter)[] {
  const parameters = call.parameters.filter((parameter) => parameter.in === 'path');
  return call.path.split(/\{([^{}]+)\}/).map((text, index) => {
    if (index % 2 === 0) return text;
    return parameters.find(({ name }) => name === text) ?? { in: 'path', name: text, style: 'simple', explode: false };
  });
}

const argumentGroup = (args: ToolArguments, name: string): Record<string, Json> => {
  const group = Object.hasOwn(args, name) ? args[name] : undefined;
  if (group === undefined || group === null) return {};
  if (!isRecord(group)) throw new ArgumentsFault(`${name} must be an object.`);
  return group;
};

const argument = (group: Record<string, Json>, name: string): Json | undefined =>
  Object.hasOwn(group, name) ? (group[name] ?? undefined) : undefined;

/** Rejects unknown members: without them the request would not be the approved one. */
function rejectUnknown(group: Record<string, Json>, location: string, parameters: readonly { name: string }[]): void {
  for (const name of Object.keys(group)) {
    if (!parameters.some((parameter) => parameter.name === name))
      throw new ArgumentsFault(`${location}.${name.slice(0, 100)} is not an argument of this tool.`);
  }
}

/**
 * Turns arguments grouped as path, query, header and body into a request below `baseUrl`.
 * @throws ArgumentsFault when a path argument is missing, is a dot segment, or would leave the base path
 */
export function buildRequest(call: HttpCall, args: ToolArguments, baseUrl: string): BuiltRequest {
  const segments = templateParts(call);
  const parametersIn = (location: CallParameter['in']) =>
    call.parameters.filter((parameter) => parameter.in === location);
  for (const key of Object.keys(args)) {
    if (key !== 'path' && key !== 'query' && key !== 'header' && !(key === 'body' && call.body)) {
      throw new ArgumentsFault(`${key.slice(0, 100)} is not an argument of this tool.`);
    }
  }
  const pathArguments = argumentGroup(args, 'path');
  const pathParameters = segments.filter((segment) => typeof segment !== 'string');
  rejectUnknown(pathArguments, 'path', pathParameters);
  const base = new URL(call.server ?? baseUrl);
  const basePath = withoutTrailing(call.basePath ?? base.pathname, '/');
  const texts = segments.map((part) => (typeof part === 'string' ? part : pathArgument(part, pathArguments)));
  const path = basePath + texts.join('');
  const search = queryText(parametersIn('query'), argumentGroup(args, 'query'));
  const url = new URL(base.origin + path + (search && `?${search}`));
  // The parser folds dot segments, so an unchanged number of segments means that there were none.
  const isBelowBase =
    url.origin === base.origin && url.pathname.startsWith(basePath) && !/\/\.{1,2}(?:\/|$)/.test(path);
  if (!isBelowBase || url.pathname.split('/').length !== path.split('/').length) {
    throw new ArgumentsFault('The path arguments lead out of the base path of the service.');
  }
  const headers = headersOf(parametersIn('header'), argumentGroup(args, 'header'));
  headers.accept = call.accept;
  const encodedBody = encodedBodyOf(call, args);
  if (!encodedBody) return { url, headers };
  headers['content-type'] = encodedBody.contentType;
  return { url, headers, body: encodedBody.body };
}

function encodedBodyOf(call: HttpCall, args: ToolArguments): EncodedBody | undefined {
  const value = Object.hasOwn(args, 'body') ? args.body : undefined;
  return call.body && value !== undefined ? encodeBody(call.body, value) : undefined;
}

function pathArgument(parameter: CallParameter, group: Record<string, Json>): string {
  const { name } = parameter;
  const value = argument(group, name);
  if (value === undefined || value === '') throw new ArgumentsFault(`path.${name} must not be empty.`);
  const texts = typeof value === 'object' ? Object.values(value as object).map(String) : [String(value)];
  // Some services decode %2F before they resolve dot segments.
  if (texts.some((text) => text.split(/[/\\]/).some((part) => part === '.' || part === '..'))) {
    throw new ArgumentsFault(`path.${name} must not contain a dot segment.`);
  }
  return parameter.json ? percentEncode(JSON.stringify(value)) : pathText(parameter, value);
}

function queryText(parameters: readonly CallParameter[], group: Record<string, Json>): string {
  rejectUnknown(group, 'query', parameters);
  const pairs = parameters.flatMap((parameter) => {
    const value = argument(group, parameter.name);
    if (value === undefined) return [];
    const queryValue = parameter.json ? JSON.stringify(value) : value;
    return queryPairs(parameter, queryValue, parameter.allowReserved ? percentEncodeAllowReserved : percentEncode);
  });
  return pairs.join('&');
}

function headersOf(parameters: readonly CallParameter[], group: Record<string, Json>): Record<string, string> {
  rejectUnknown(group, 'header', parameters);
  const headers: Record<string, string> = {};
  for (const parameter of parameters) {
    const { name } = parameter;
    const value = argument(group, name);
    if (value === undefined) continue;
    const text = parameter.json ? JSON.stringify(value) : headerText(parameter, value);
    if (isForbiddenHeader(name) || !isWritableHeader(name, text)) {
      throw new ArgumentsFault(`header.${name} contains characters that are not allowed in a header.`);
    }
    headers[name.toLowerCase()] = text;
  }
  return headers;
}
