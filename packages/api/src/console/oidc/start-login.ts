import { problem, Secret } from '@errand/contracts';
import type { Db } from '@errand/db';
import type { PendingAuthorization } from '@errand/ports/credentials';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FailedAttempts } from '../../limits/failed-attempts.ts';
import { type ConsolePort, checkSecure } from '../console-port.ts';
import { clearSurplusLogins, loginCookie } from './login-cookies.ts';
import type { OidcPort } from './oidc-port.ts';

export type LoginDeps = {
  db: Pick<Db, 'consoleLogins' | 'identities' | 'sessions' | 'workspaces' | 'forWorkspace'>;
  console: ConsolePort;
  oidc: OidcPort;
  processes?: number | undefined;
};

/** Logins that an address may start in a minute: each is stored, and needs no key. */
const MAX_STARTS = 120;

export const CALLBACK_PATH = '/console/sign-in/oidc/callback';

/** The address at which the issuer knows this service. */
export const publicOrigin = (port: ConsolePort): string => port.origins()[0]!;

type Start = { request: FastifyRequest; reply: FastifyReply; origin: URL; returnPath: string; sessionId?: string };

/**
 * Starts logins: stores each, and binds it to the browser.
 * @returns a function that gives the address of the issuer for the browser; it throws ProblemError console_needs_https, rate_limited, sign_in_refused
 */
export function createStart({ db, console: port, oidc, processes }: LoginDeps) {
  const starts = new FailedAttempts(processes, MAX_STARTS);
  return async ({ request, reply, origin, returnPath, sessionId }: Start): Promise<string> => {
    checkSecure(origin);
    checkStarts(starts, request);
    const { url, state, pending } = await oidc.provider.start(publicOrigin(port) + CALLBACK_PATH);
    const browser = db.consoleLogins.makeBrowserSecret();
    await db.consoleLogins.start({ state, browser, pending: sealable(pending), sessionId, returnPath });
    const cookies = [...clearSurplusLogins(origin, request.headers), loginCookie(origin, state.reveal(), browser)];
    reply.header('set-cookie', cookies);
    return url.href;
  };
}

function checkStarts(starts: FailedAttempts, request: FastifyRequest): void {
  const waitMs = starts.waitMs(request);
  if (waitMs > 0) {
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    throw problem('rate_limited', 'Too many sign-ins were started from your address. Try again in a minute.', {
      headers: { 'retry-after': String(retryAfterSeconds) },
      values: { retryAfterSeconds },
    });
  }
  starts.record(request);
}

const sealable = ({ verifier, nonce, ...rest }: PendingAuthorization): Secret =>
  new Secret(JSON.stringify({ ...rest, verifier: verifier.reveal(), nonce: nonce?.reveal() }));

export function openPending(secret: Secret): PendingAuthorization {
  const { verifier, nonce, ...rest } = JSON.parse(secret.reveal());
  return { ...rest, verifier: new Secret(verifier), nonce: new Secret(nonce) };
}
