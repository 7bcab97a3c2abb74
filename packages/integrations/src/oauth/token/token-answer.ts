import { isRecord } from '@errand/basics/is-record';
import { Secret } from '@errand/contracts';
import { parsedJson } from '../../parsed-json.ts';
import { scopesIn } from '../scopes.ts';
import { memberAt } from './answer-path.ts';

/** A token that fits into a header (RFC 6749, appendix A.12), with the usual length limit of headers. */
const HEADER_TOKEN = /^[\x21-\x7e]{1,16384}$/;
/** The members of an answer that are used, by the name of RFC 6749. */
const MEMBERS = ['access_token', 'refresh_token', 'expires_in', 'token_type', 'scope', 'id_token'] as const;
/** Token types that need a proof with each call. */
const PROVEN_TYPES = new Set(['dpop', 'mac']);

type Reading = {
  /** The path of the object with the tokens. */
  path?: string | undefined;
  /** Whether an answer without that object may have the tokens at the top. */
  orAtTop?: boolean;
  lifetimeSeconds?: number | undefined;
  /** An ID token that was not requested is removed: there is no issuer to check it against. */
  keepIdToken?: boolean;
};

export type TokenAnswer =
  /** `response` is what the protocol library expects; `full` is the JSON text of the whole answer. */
  | { kind: 'tokens'; response: Response; full: Secret }
  /** `word`: the error code, if it has the form of one. */
  | { kind: 'refused'; word?: string }
  | { kind: 'unreadable' };

/**
 * Reads the answer of a token endpoint. Servers answer with any 2xx, with a form, with other names, with the tokens in a member, with
 * another token type, and with errors in a 200.
 */
export async function readTokenAnswer(response: Response, reading: Reading = {}): Promise<TokenAnswer> {
  const full = parsedAnswer(await response.text());
  if (!response.ok) return { kind: 'refused', ...wordIn(full) };
  if (!isRecord(full)) return { kind: 'unreadable' };
  const { path, orAtTop = false } = reading;
  const nested = path === undefined ? full : memberAt(full, path);
  const candidates = [nested, ...(orAtTop ? [full] : [])].filter(isRecord);
  const source = candidates.find((candidate) => tokenMembers(candidate).access_token !== undefined);
  if (!source) return { kind: 'refused', ...wordIn(full, isRecord(nested) ? nested : {}) };
  const answer = repaired(tokenMembers(source), reading);
  if (!answer.access_token || answer.token_type !== 'bearer') return { kind: 'refused', word: 'unsupported_token' };
  const headers = { 'content-type': 'application/json' };
  return {
    kind: 'tokens',
    response: new Response(JSON.stringify(answer), { headers }),
    full: new Secret(JSON.stringify(full)),
  };
}

/** JSON of any content type, or a form. */
function parsedAnswer(text: string): unknown {
  const json = parsedJson(text);
  if (json !== undefined) return json;
  return /^[\w.-]+=[^<\s]*$/.test(text.trim()) ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined;
}

/** The members with a value, by their standard names: `accessToken` is `access_token`. */
function tokenMembers(source: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const camelCase = name.replace(/_(.)/g, (_all, letter: string) => letter.toUpperCase());
    const key = [name, camelCase].find((candidate) => Object.hasOwn(source, candidate));
    const value = key === undefined ? undefined : source[key];
    if (value !== undefined && value !== null && value !== '') members[name] = value;
  }
  return members;
}

function repaired(members: Record<string, unknown>, { lifetimeSeconds, keepIdToken = false }: Reading) {
  const { access_token: access, expires_in: lifetime, scope, token_type: type, id_token: idToken, ...rest } = members;
  const seconds = lifetime !== undefined && Number(lifetime) >= 0 ? Number(lifetime) : lifetimeSeconds;
  return {
    ...rest,
    access_token: HEADER_TOKEN.test(String(access)) ? String(access) : undefined,
    token_type: typeof type === 'string' && PROVEN_TYPES.has(type.toLowerCase()) ? type : 'bearer',
    ...(seconds !== undefined && { expires_in: seconds }),
    ...(scope !== undefined && { scope: scopeText(scope) }),
    ...(keepIdToken && idToken !== undefined && { id_token: idToken }),
  };
}

/** Scopes separated by spaces: some servers send a list, or separate by commas. */
function scopeText(scope: unknown): string {
  const isByCommas = typeof scope === 'string' && (/,\s/.test(scope) || !/\s/.test(scope));
  return scopesIn(isByCommas ? scope.split(/[\s,]+/) : scope).join(' ');
}

const WORD = /^[A-Za-z][\w.-]{0,59}$/;

/** The error code of a refusal: its `error`, or a code in it. */
function wordIn(...sources: unknown[]): { word?: string } {
  const words = sources.filter(isRecord).flatMap(({ error, error_code: code }) => {
    const inside = isRecord(error) ? [error.code, error.type, error.error] : [];
    return [error, ...inside, code];
  });
  const word = words.find((candidate): candidate is string => typeof candidate === 'string' && WORD.test(candidate));
  return word === undefined ? {} : { word };
}

/** The error code of a refusal by a server, if it has one. */
export const errorCodeOf = async (response: Response): Promise<string | undefined> =>
  wordIn(parsedAnswer(await response.text().catch(() => ''))).word;
