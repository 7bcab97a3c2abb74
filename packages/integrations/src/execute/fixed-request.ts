import { isRecord } from '@errand/basics/is-record';
import type { DescribedTool, Json, JsonSchema } from '@errand/contracts';
import { isWritableHeader } from '../egress/headers.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { BuiltRequest } from './build.ts';
import { setQuery } from './credential.ts';
import type { HttpCall } from './http-call.ts';

/** Values that the owner of an integration adds to a request. */
export type FixedRequest = {
  headers: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  /** By name, for the operation; null: nothing is sent. */
  arguments: Readonly<Record<string, Json>>;
  /** The secret values among them. They are sent only to the origin of the integration. */
  secrets: readonly string[];
};

type Arguments = Readonly<Record<string, Json>>;
const GROUPS = ['path', 'query', 'header'] as const;

const sameName = (group: string, a: string, b: string): boolean =>
  group === 'header' ? a.toLowerCase() === b.toLowerCase() : a === b;

/**
 * Adds the fixed arguments to those of a plan.
 * @param isForeign whether the operation is called at another origin, to which no secret is sent
 * @throws ArgumentsFault if the plan has a value of its own for one of them
 */
export function withFixedArguments(
  tool: Pick<DescribedTool, 'inputSchema'> & { call: HttpCall },
  args: Arguments,
  fixed: FixedRequest,
  isForeign: boolean,
): Arguments {
  rejectFixed(args, 'header', Object.keys(fixed.headers));
  rejectFixed(args, 'query', Object.keys(fixed.query));
  const out: Record<string, Json> = { ...args };
  for (const [name, value] of Object.entries(fixed.arguments)) {
    for (const group of groupsOf(tool, name)) {
      rejectFixed(args, group, [name]);
      if (value === null) continue;
      if (isForeign && holdsSecret(JSON.stringify(value), fixed))
        throw new ArgumentsFault(`${group}.${name} is secret, and the operation is called at another origin.`);
      out[group] = { ...(isRecord(out[group]) ? out[group] : {}), [name]: value };
    }
  }
  return out;
}

/** The groups in which an operation has an argument of this name. */
function groupsOf(tool: Pick<DescribedTool, 'inputSchema'> & { call: HttpCall }, name: string): string[] {
  const { parameters, body } = tool.call;
  const groups = GROUPS.filter((group) =>
    parameters.some((parameter) => parameter.in === group && sameName(group, parameter.name, name)),
  );
  return body && hasBodyMember(tool, name) ? [...groups, 'body'] : groups;
}

function rejectFixed(args: Arguments, group: string, names: readonly string[]): void {
  const members = isRecord(args[group]) ? Object.keys(args[group]) : [];
  const name = members.find((member) => names.some((fixed) => sameName(group, member, fixed)));
  if (name !== undefined)
    throw new ArgumentsFault(
      `${group}.${name.slice(0, 100)} is set by the integration and is no argument of this tool. Refresh the integration, and plan again.`,
    );
}

const hasBodyMember = ({ inputSchema, call }: { inputSchema: JsonSchema; call: HttpCall }, name: string): boolean =>
  call.hiddenBody?.includes(name) || hasProperty(inputSchema, member(inputSchema, 'properties', 'body'), name);

/** Whether a schema describes an object with a property, also by a reference or one of its parts. Visits each of them once. */
export function hasProperty(root: JsonSchema, schema: unknown, name: string): boolean {
  const schemas = new Set([schema]);
  // The set grows while it is walked.
  for (const each of schemas) {
    if (!isRecord(each)) continue;
    if (isRecord(each.properties) && Object.hasOwn(each.properties, name)) return true;
    schemas.add(definitionOf(root, each));
    for (const part of PARTS) if (Array.isArray(each[part])) for (const item of each[part]) schemas.add(item);
  }
  return false;
}

/** Keywords with schemas of the same object. */
export const PARTS = ['allOf', 'anyOf', 'oneOf'] as const;

/** The definition to which a schema refers, if it does. */
export function definitionOf(root: JsonSchema, { $ref: reference }: Record<string, unknown>): unknown {
  const key = typeof reference === 'string' ? /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1] : undefined;
  if (key === undefined) return undefined;
  return member(root, '$defs', decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
}

const member = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((at, key) => (isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined), value);

const holdsSecret = (text: string, { secrets }: FixedRequest): boolean =>
  secrets.some((secret) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1)));

/**
 * Adds the fixed headers and parameters to a request, after its own.
 * @param mayAttach whether the request goes to the origin for which secrets are stored
 * @throws ArgumentsFault for a value that cannot be sent, without the value
 */
export function attachFixed(
  request: Pick<BuiltRequest, 'url' | 'headers'>,
  fixed: FixedRequest,
  mayAttach: boolean,
): void {
  const isSent = (value: string) => mayAttach || !holdsSecret(value, fixed);
  for (const [name, value] of Object.entries(fixed.query)) if (isSent(value)) setQuery(request.url, name, value);
  for (const [name, value] of Object.entries(fixed.headers)) {
    if (!isSent(value)) continue;
    if (!isWritableHeader(name, value))
      throw new ArgumentsFault(
        `The header ${name} of the integration has characters that are not allowed in a header.`,
      );
    request.headers[name.toLowerCase()] = value;
  }
}
