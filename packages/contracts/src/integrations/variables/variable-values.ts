// The values of variables: where a template uses them, their checks, and URLs with them.

import { RE2JS } from 're2js';
import { MAX_URL } from '../../base/scalars.ts';
import { MAX_VARIABLE_VALUE, type Variable, variablesIn } from './variables.ts';

/** The part of a request that contains a value. `origin`: the value is a whole origin, at the beginning of a URL. */
export type VariableUse = 'origin' | 'host' | 'port' | 'path' | 'query' | 'header' | 'argument';

export type Definitions = Readonly<Record<string, Variable>>;
export type Values = Readonly<Record<string, string>>;

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const HOST_TEXT = /^[A-Za-z0-9.-]*$/;
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern refuses them
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const PATH_BREAK = /[/?#\\@%{}]|\.\./;
const LOOPBACK = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

export const isOfOwner = ({ from = 'owner' }: Variable): boolean => from === 'owner';

/** Whether the linear-time engine supports a pattern: without look-around and back-references. */
export function isSupportedPattern(pattern: string): boolean {
  try {
    compile(pattern);
    return true;
  } catch {
    return false;
  }
}

// Owners write the patterns, so they run in linear time.
const compile = (pattern: string): RE2JS => RE2JS.compile(RE2JS.translateRegExp(pattern));

const faultsByUse: Readonly<Record<VariableUse, (value: string, variable: Variable) => string | undefined>> = {
  origin: (value) =>
    (URL.canParse(value) && new URL(value).origin === value && value.startsWith('https://')) || LOOPBACK.test(value)
      ? undefined
      : 'must be an https origin, such as https://acme.example.com, without a path',
  host: (value, { pattern, enum: choices, default: standard }) => {
    const isChosen = pattern !== undefined || choices !== undefined || value === standard;
    if (!isChosen && !LABEL.test(value)) return 'may have only letters, digits and hyphens';
    return HOST_TEXT.test(value) && !value.includes('..') ? undefined : 'is not a part of a host name';
  },
  port: (value) => (/^\d{1,5}$/.test(value) ? undefined : 'must be a port number'),
  path: (value) =>
    PATH_BREAK.test(value) || value === '.' ? 'must not contain / ? # @ % \\ { } or two dots' : undefined,
  query: () => undefined,
  header: (value) => (HEADER_TEXT.test(value) ? undefined : 'has characters that are not allowed in a header'),
  argument: () => undefined,
};

/**
 * The fault of a value, as a sentence for people without the value; undefined if the variable may have it.
 * @param usedIn the parts of requests that contain the variable: see `usesOf`
 */
export function faultOfValue(
  name: string,
  variable: Variable,
  value: string,
  usedIn: Iterable<VariableUse>,
): string | undefined {
  const { title = name, enum: choices, pattern, example } = variable;
  const sentence = (fault: string) =>
    `${title} ${fault}.${example === undefined || variable.secret ? '' : ` Example: ${example}`}`;
  if (value.length > MAX_VARIABLE_VALUE) return sentence(`must have at most ${MAX_VARIABLE_VALUE} characters`);
  if (CONTROL.test(value)) return sentence('must be one line of text');
  if (choices && !choices.includes(value))
    return sentence(`must be one of: ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`);
  if (value === '' && !choices && variable.default !== '') return sentence('must not be empty');
  // The default is the owner's, and may differ from the form of other values.
  if (pattern !== undefined && value !== variable.default && !compile(pattern).matches(value))
    return sentence('has another form than it should have');
  for (const use of usedIn) {
    const fault = faultsByUse[use](value, variable);
    if (fault !== undefined) return sentence(fault);
  }
  return undefined;
}

/** The parts of a URL template. `origin`: the variable that is its whole origin. */
export type UrlParts = { origin?: string; scheme: string; authority: string; path: string; query: string };

/** Undefined if the text is no URL template. */
export function partsOfUrl(template: string): UrlParts | undefined {
  const match = /^(?:\{([A-Za-z_]\w{0,63})\}|(https?):\/\/([^/?#\\]*))((?:\/[^?#\\]*)?)(\?[^#\\]*)?$/i.exec(template);
  if (!match) return undefined;
  const [, origin, scheme = 'https', authority = '', path = '', query = ''] = match;
  const isPlain = !authority.includes('@') && (origin !== undefined || authority !== '');
  return isPlain ? { ...(origin !== undefined && { origin }), scheme, authority, path, query } : undefined;
}

/** The variables of a URL template, with the part of the URL that each is in. */
function usesInUrl(template: string): [string, VariableUse][] {
  const parts = partsOfUrl(template);
  if (!parts) return variablesIn(template).map((name) => [name, 'path']);
  const [, host = '', port = ''] = /^(.*?)(?::([^:\]]*))?$/.exec(parts.authority) ?? [];
  const names = (text: string, use: VariableUse) => variablesIn(text).map((name): [string, VariableUse] => [name, use]);
  return [
    ...(parts.origin === undefined ? [] : [[parts.origin, 'origin'] as [string, VariableUse]]),
    ...names(host, 'host'),
    ...names(port, 'port'),
    ...names(parts.path, 'path'),
    ...names(parts.query, 'query'),
  ];
}

/** Templates of an integration by their pointers in the input. */
export type Templates = {
  urls: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string>>;
  arguments: Readonly<Record<string, string>>;
};

/** The parts of requests in which each variable is used. */
export function usesOf({ urls, query, headers, arguments: fixed }: Templates): Map<string, Set<VariableUse>> {
  const uses = new Map<string, Set<VariableUse>>();
  const add = (name: string, use: VariableUse) => uses.set(name, (uses.get(name) ?? new Set<VariableUse>()).add(use));
  for (const url of Object.values(urls)) for (const [name, use] of usesInUrl(url)) add(name, use);
  for (const [texts, use] of [
    [query, 'query'],
    [headers, 'header'],
    [fixed, 'argument'],
  ] as const)
    for (const text of Object.values(texts)) for (const name of variablesIn(text)) add(name, use);
  return uses;
}

/** The values for a user: of the owner, of the user, and defaults. Values of secret variables are in `secrets`. */
export function valuesFor(
  variables: Definitions,
  userValues: Values = {},
  secrets: Values = {},
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, variable] of Object.entries(variables)) {
    const stored = isOfOwner(variable) ? variable.value : member(userValues, name);
    const value = member(secrets, name) ?? stored ?? variable.default;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

const member = (values: Values, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;

const PART = /\{([A-Za-z_]\w{0,63})\}/g;

/** Replaces the variables that have a value, and keeps the others. */
export const expandKnown = (
  text: string,
  values: Values,
  encode: (value: string) => string = (value) => value,
): string => text.replace(PART, (whole, name: string) => (Object.hasOwn(values, name) ? encode(values[name]!) : whole));

/**
 * A URL template with its values: as they are in origin and host, percent-encoded in path and query. Undefined if a value is missing,
 * changes the structure of the URL, or makes it longer than an address may be.
 */
export function expandUrl(template: string, values: Values): string | undefined {
  const parts = partsOfUrl(template);
  if (!parts) return undefined;
  const origin =
    parts.origin === undefined
      ? `${parts.scheme.toLowerCase()}://${expandKnown(parts.authority, values)}`
      : (member(values, parts.origin) ?? '');
  const path = expandKnown(parts.path, values, encodeURIComponent);
  const text = `${origin}${path}${expandKnown(parts.query, values, encodeURIComponent)}`;
  if (text.length > MAX_URL || !URL.canParse(text) || /[{}]/.test(text)) return undefined;
  const url = new URL(text);
  const isSameOrigin = url.origin === new URL(origin).origin && sameHost(url, origin) && !url.username && !url.password;
  // The parser folds dot segments, so an equal number of segments means that there were none.
  const isSamePath = url.pathname.split('/').length === (path || '/').split('/').length;
  return isSameOrigin && isSamePath ? text : undefined;
}

/** Whether the parser leaves the host as it is: it rewrites numbers to addresses, for example. */
function sameHost({ host, protocol }: URL, origin: string): boolean {
  const written = origin.slice(`${protocol}//`.length).toLowerCase();
  return [host, `${host}:${protocol === 'https:' ? 443 : 80}`].includes(written);
}
