import type { IncomingHttpHeaders } from 'node:http';
import { problem } from '@errand/contracts';
import type { SessionSecrets } from '@errand/db';

/** What the console needs to know of the service around it. */
export type ConsolePort = {
  /** The public address, and the address at which this process listens. */
  origins: () => readonly string[];
  /** The folder with the static files of the console. */
  folder: string;
};

/** The header with the second secret of a session, and the one that names the workspace of a request. */
export const TOKEN_HEADER = 'x-errand-console';
export const WORKSPACE_HEADER = 'x-errand-workspace';

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
const isLoopback = (hostname: string): boolean => LOOPBACK_HOSTS.includes(hostname);

/** All ways to write the origins of the service: a loopback address has several. */
export function allowedOrigins({ origins }: Pick<ConsolePort, 'origins'>): URL[] {
  return origins().flatMap((origin) => {
    const url = new URL(origin);
    if (!isLoopback(url.hostname)) return [url];
    return LOOPBACK_HOSTS.map((host) => new URL(`${url.protocol}//${host}${url.port && `:${url.port}`}`));
  });
}

const remedyOf = ([first]: readonly URL[]) => `Open the console at ${first?.origin}/console.`;

/**
 * Refuses requests to another name of this machine, such as a rebound one. Enough where a page of another site may lead the browser here.
 * @returns the origin at which the browser reached the console
 * @throws ProblemError origin_not_allowed
 */
export function checkConsoleHost(port: Pick<ConsolePort, 'origins'>, headers: IncomingHttpHeaders): URL {
  const allowed = allowedOrigins(port);
  const own = allowed.find(({ host }) => host === headers.host);
  if (own) return own;
  throw problem('origin_not_allowed', 'The console is not served under this address.', { remedy: remedyOf(allowed) });
}

/**
 * As `checkConsoleHost`. Also refuses requests of pages of another origin.
 * @returns the origin at which the browser reached the console
 * @throws ProblemError origin_not_allowed
 */
export function checkConsoleOrigin(port: Pick<ConsolePort, 'origins'>, headers: IncomingHttpHeaders): URL {
  const allowed = allowedOrigins(port);
  const own = checkConsoleHost(port, headers);
  const remedy = remedyOf(allowed);
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && !allowed.some((url) => url.origin === origin && url.host === own.host))
    throw problem('origin_not_allowed', 'The request was sent from a page of another site.', { remedy });
  if (site !== undefined && site !== 'same-origin')
    throw problem('origin_not_allowed', 'The request was sent from a page of another site.', { remedy });
  return own;
}

/** @throws ProblemError console_needs_https where a network could read the secrets of a session */
export function checkSecure({ protocol, hostname }: URL): void {
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw problem('console_needs_https', 'Signing in over plain http works only at an address of this machine itself.');
}

/** `__Host-` prevents other hosts and plain http from setting the cookie. Over http, the port distinguishes services of one machine. */
const cookieName = ({ protocol, port }: URL): string =>
  protocol === 'https:' ? '__Host-errand' : `errand_${port || '80'}`;

/** @param maxAgeSeconds 0 removes the cookie */
export function sessionCookie(origin: URL, cookie: string, maxAgeSeconds: number): string {
  const isHttps = origin.protocol === 'https:';
  const scope = isHttps ? 'Path=/; Secure' : 'Path=/console';
  return `${cookieName(origin)}=${cookie}; ${scope}; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`;
}

/** Both secrets of the session of a request; undefined unless both are present. */
export function readSessionSecrets(origin: URL, headers: IncomingHttpHeaders): SessionSecrets | undefined {
  const prefix = `${cookieName(origin)}=`;
  const pair = headers.cookie?.split(/; */).find((part) => part.startsWith(prefix));
  const token = headers[TOKEN_HEADER];
  if (pair === undefined || typeof token !== 'string') return undefined;
  return { cookie: pair.slice(prefix.length), token };
}
