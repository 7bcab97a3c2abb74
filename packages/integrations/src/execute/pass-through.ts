import { isRecord } from '@errand/basics/is-record';
import {
  type AuthType,
  controlsCall,
  isForbiddenHeader,
  type Json,
  replacesMethod,
  type Secret,
} from '@errand/contracts';
import { awsHeaders } from '../cloud/aws-signature.ts';
import { isWritableHeader } from '../egress/headers.ts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { BuiltRequest } from './build.ts';

/** Headers and parameters that the caller of a run passes to one integration. They are stored sealed, and never returned. */
export type PassThrough = { headers?: Readonly<Record<string, Secret>>; query?: Readonly<Record<string, Secret>> };

/** The fields that determine the header or parameter of an integration's credential. */
type AuthFields = {
  type: AuthType;
  in?: 'header' | 'query';
  name?: string;
  placement?: { in: 'header' | 'query'; name: string } | undefined;
};

/** The location of the integration's credential. Names of headers are in lower case. */
function locationOfCredential(auth: AuthFields): { part: 'headers' | 'query'; name: string } | undefined {
  if (auth.type === 'NONE') return undefined;
  const location: Pick<AuthFields, 'in' | 'name'> = auth.type === 'API_TOKEN' ? auth : (auth.placement ?? {});
  return location.in === 'query'
    ? { part: 'query', name: location.name ?? 'api_key' }
    : { part: 'headers', name: (location.name ?? 'Authorization').toLowerCase() };
}

const isAt = (location: ReturnType<typeof locationOfCredential>, part: 'headers' | 'query', name: string): boolean =>
  location?.part === part && location.name === (part === 'headers' ? name.toLowerCase() : name);

/** The location at which a passed value replaces the integration's credential, such as `headers authorization`. */
export function replacedLocation(passThrough: PassThrough | undefined, auth: AuthFields): string | undefined {
  const location = passThrough && locationOfCredential(auth);
  if (!location || !Object.keys(passThrough[location.part] ?? {}).some((name) => isAt(location, location.part, name))) {
    return undefined;
  }
  return `${location.part} ${location.name}`;
}

export type PassThroughFault = { part: 'headers' | 'query'; message: string };

const STEERS = 'controls the call itself and may not be passed through.';
const SIGNED = 'is part of the AWS signature of the call and cannot be passed through.';
const EMPTY = "replaces the integration's credential and must not be empty: pass a credential, or leave it out.";

/**
 * Describes entries that may not be passed through, in one sentence each, by name and without the value.
 * @param auth of the integration: AWS signs each call, so nothing can replace its credential
 */
export function faultsOfPassThrough({ headers = {}, query = {} }: PassThrough, auth: AuthFields): PassThroughFault[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const faultIn = (part: PassThroughFault['part'], name: string, fault: string | undefined) =>
    fault === undefined ? [] : [{ part, message: `${JSON.stringify(name.slice(0, 100))} ${fault}` }];
  return [
    ...Object.entries(headers).flatMap(([name, value], n) => {
      const isTwice = names.indexOf(name.toLowerCase()) < n;
      return faultIn('headers', name, faultOfHeader(name, value.reveal(), auth, isTwice));
    }),
    ...Object.entries(query).flatMap(([name, value]) =>
      faultIn('query', name, faultOfQuery(name, value.reveal(), auth)),
    ),
  ];
}

function faultOfHeader(name: string, value: string, auth: AuthFields, isTwice: boolean): string | undefined {
  const lower = name.toLowerCase();
  if (!isWritableHeader(name, '')) return 'is not the name of a header.';
  if (isTwice) return 'is named twice.';
  if (isForbiddenHeader(name) || controlsCall(name) || lower === 'accept') return STEERS;
  if (auth.type === 'AWS_ASSUME_ROLE' && awsHeaders.has(lower)) return SIGNED;
  if (!isWritableHeader(name, value))
    return 'has a value with a line break or characters that are not allowed in a header.';
  return isAt(locationOfCredential(auth), 'headers', name) && value.trim() === '' ? EMPTY : undefined;
}

function faultOfQuery(name: string, value: string, auth: AuthFields): string | undefined {
  if (replacesMethod(name)) return STEERS;
  if (auth.type === 'AWS_ASSUME_ROLE' && /^x-amz-/i.test(name)) return SIGNED;
  if (/[\r\n\0]/.test(value)) return 'has a value with a line break.';
  return isAt(locationOfCredential(auth), 'query', name) && value.trim() === '' ? EMPTY : undefined;
}

/**
 * Rejects passed names that are arguments of the call. An argument may have been approved, so it is not replaced. Names are compared
 * loosely, as many services do.
 * @param request built from the arguments
 * @throws ArgumentsFault pass_through_refused
 */
export function rejectArgumentNames(
  { headers = {}, query = {} }: PassThrough,
  args: Readonly<Record<string, Json>>,
  request: BuiltRequest,
): void {
  const namesIn = (group: string) =>
    Object.entries(isRecord(args[group]) ? args[group] : {}).flatMap(([name, value]) => (value === null ? [] : [name]));
  const isForm = typeof request.body === 'string' && request.headers['content-type']?.includes('form-urlencoded');
  const formNames = isForm ? [...new URLSearchParams(request.body as string).keys()] : [];
  // Some services read a parameter from query, path or body alike. Serialization may rename an argument.
  const queryNames = [...['query', 'path', 'body'].flatMap(namesIn), ...request.url.searchParams.keys(), ...formNames];
  for (const [part, names, argumentNames] of [
    ['headers', Object.keys(headers), new Set(Object.keys(request.headers).map(normalizedName))],
    ['query', Object.keys(query), new Set(queryNames.map(normalizedName))],
  ] as const) {
    const name = names.find((candidate) => argumentNames.has(normalizedName(candidate)));
    if (name === undefined) continue;
    const quoted = JSON.stringify(name.slice(0, 100));
    const message = `passThrough.${part}: ${quoted} is an argument of this call. Leave it out of passThrough.`;
    throw new ArgumentsFault(message, 'pass_through_refused');
  }
}

/** Equates `To`, `to[]` and `to[0]`, and also `a-b`, `a_b`, `a.b` and `a b`. */
const normalizedName = (name: string): string => (name.trim().toLowerCase().split('[')[0] ?? '').replace(/[-. ]/g, '_');

/** A value and its secret parts: the part after its scheme, and the user and password of `Basic`. */
export function secretParts(value: string): string[] {
  const [, scheme = '', secretPart = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+(\S.*)$/s.exec(value) ?? [];
  if (secretPart === '') return [value];
  const parts = [value, secretPart.trim()];
  if (scheme.toLowerCase() !== 'basic') return parts;
  const decoded = Buffer.from(secretPart, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  return colon < 0 ? parts : [...parts, decoded, decoded.slice(0, colon), decoded.slice(colon + 1)];
}
