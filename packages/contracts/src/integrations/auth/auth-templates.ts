// The texts of `auth` in which `{name}` stands for a variable, by pointers into the input.
import type { OAuthKnobs } from './oauth-settings.ts';

/** `auth` without its secrets. */
export type AuthFields = { readonly type: string; readonly [field: string]: unknown };
type Texts = Record<string, string>;

/** A name in a JSON pointer. */
export const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

const AUTH_URLS = ['authorizationUrl', 'tokenUrl', 'revocationUrl'];
const at = (pointer: string, value: unknown): [string, string][] =>
  typeof value === 'string' ? [[pointer, value]] : [];
const pointed = (pointer: string, texts: Readonly<Texts> = {}): [string, string][] =>
  Object.entries(texts).map(([name, text]) => [`${pointer}/${escaped(name)}`, text]);

const knobsOf = (auth: AuthFields): OAuthKnobs => auth as OAuthKnobs;

export function authUrls(auth: AuthFields): Texts {
  const { tokenRequest, exchange } = knobsOf(auth);
  return Object.fromEntries([
    ...AUTH_URLS.flatMap((field) => at(`/auth/${field}`, auth[field])),
    ...at('/auth/tokenRequest/refreshUrl', tokenRequest?.refreshUrl),
    ...at('/auth/exchange/url', exchange?.url),
    ...at('/auth/exchange/refresh/url', exchange?.refresh?.url),
  ]);
}

/** The values that parameters of an exchange may name, in addition to variables. */
const OF_EXCHANGE = /\{(?:accessToken|clientId|clientSecret)\}/g;

/** The parameters of token requests. The authorization request may have braces in parameters: they mean nothing here. */
export function authParameters(auth: AuthFields): Texts {
  const { tokenRequest, exchange } = knobsOf(auth);
  const ofExchange = [
    ...pointed('/auth/exchange/parameters', exchange?.parameters),
    ...pointed('/auth/exchange/refresh/parameters', exchange?.refresh?.parameters),
  ];
  return Object.fromEntries([
    ...pointed('/auth/tokenRequest/parameters', tokenRequest?.parameters),
    ...ofExchange.map(([pointer, text]) => [pointer, text.replace(OF_EXCHANGE, '')]),
  ]);
}

export const authHeaders = (auth: AuthFields): Texts =>
  Object.fromEntries(pointed('/auth/tokenRequest/headers', knobsOf(auth).tokenRequest?.headers));
