import type { IncomingHttpHeaders } from 'node:http';
import { sha256 } from '@errand/basics/sha256';

const LOGIN_SECONDS = 600;
const TICKET_SECONDS = 60;
const MAX_LOGIN_COOKIES = 8;

type Cookie = { name: string; value: string; maxAge: number; sameSite: 'Lax' | 'Strict' };

/** Binds a login to the browser that began it. Each login has its own cookie, so that tabs do not interfere. */
export const loginCookie = (origin: URL, state: string, secret: string): string =>
  // Lax: the issuer leads the browser back from another site.
  setCookie(origin, { name: loginName(origin, state), value: secret, maxAge: LOGIN_SECONDS, sameSite: 'Lax' });

export const readLoginCookie = (origin: URL, headers: IncomingHttpHeaders, state: string): string | undefined =>
  readCookie(headers, loginName(origin, state));

export const clearLoginCookie = (origin: URL, state: string): string =>
  setCookie(origin, { name: loginName(origin, state), value: '', maxAge: 0, sameSite: 'Lax' });

/** Clears the login cookies of a browser that has many, so that its headers stay small. */
export function clearSurplusLogins(origin: URL, { cookie = '' }: IncomingHttpHeaders): string[] {
  const names = cookie
    .split(/; */)
    .map((pair) => pair.split('=', 1)[0]!)
    .filter((name) => name.startsWith(`${prefix(origin)}-login-`));
  if (names.length < MAX_LOGIN_COOKIES) return [];
  return names.map((name) => setCookie(origin, { name, value: '', maxAge: 0, sameSite: 'Lax' }));
}

/** Binds a ticket to the browser that returned from the issuer. */
export const ticketCookie = (origin: URL, secret: string): string =>
  setCookie(origin, { name: ticketName(origin), value: secret, maxAge: TICKET_SECONDS, sameSite: 'Strict' });

export const readTicketCookie = (origin: URL, headers: IncomingHttpHeaders): string | undefined =>
  readCookie(headers, ticketName(origin));

export const clearTicketCookie = (origin: URL): string =>
  setCookie(origin, { name: ticketName(origin), value: '', maxAge: 0, sameSite: 'Strict' });

/** `__Host-` prevents other hosts and plain http from setting the cookie. Over http, the port distinguishes services of one machine. */
const prefix = ({ protocol, port }: URL): string =>
  protocol === 'https:' ? '__Host-errand' : `errand_${port || '80'}`;

const loginName = (origin: URL, state: string): string =>
  `${prefix(origin)}-login-${sha256(state, 'base64url').slice(0, 16)}`;
const ticketName = (origin: URL): string => `${prefix(origin)}-ticket`;

function setCookie(origin: URL, { name, value, maxAge, sameSite }: Cookie): string {
  const scope = origin.protocol === 'https:' ? 'Path=/; Secure' : 'Path=/console/sign-in/oidc';
  return `${name}=${value}; ${scope}; HttpOnly; SameSite=${sameSite}; Max-Age=${maxAge}`;
}

function readCookie({ cookie }: IncomingHttpHeaders, name: string): string | undefined {
  const pair = cookie?.split(/; */).find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
