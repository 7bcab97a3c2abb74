import { problem } from '@errand/contracts';
import type { LinkFault } from '@errand/db';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import {
  type ConsolePort,
  checkConsoleOrigin,
  checkSecure,
  readSessionSecrets,
  sessionCookie,
} from './console-port.ts';

type SignInDeps = Pick<ApiDeps, 'db' | 'processes'> & { console: ConsolePort };

const MAX_BODY_BYTES = 4096;

/**
 * `POST /console/sign-in` with `{"link": token}` uses a link and opens a session: the answer sets the cookie and has the token of the page.
 * The page reads the token of the link from the fragment of its address, which browsers send to no server.
 */
export function mountSignIn(fastify: FastifyInstance, { db, console: port, processes }: SignInDeps): void {
  const failedAttempts = new FailedAttempts(processes);
  fastify.post<{ Body: unknown }>('/console/sign-in', { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const origin = checkConsoleOrigin(port, request.headers);
    checkSecure(origin);
    const waitMs = failedAttempts.waitMs(request);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'links');
    const secrets = readSessionSecrets(origin, request.headers);
    const present = secrets && (await db.sessions.verify(secrets));
    const redeemed = await db.consoleLinks.redeem(linkIn(request.body), present?.person);
    if ('fault' in redeemed) {
      if (redeemed.fault === 'unknown') failedAttempts.record(request);
      throw problem('link_not_valid', linkText(redeemed));
    }
    // A session from before the sign-in ends, so that nobody who knows it is signed in by it.
    if (present) await db.sessions.end(present.person.personId, present.sessionId, 'signed in again');
    const { person, workspaceId } = redeemed;
    const opened = await db.sessions.open(person, { ip: request.ip, userAgent: request.headers['user-agent'] });
    const maxAge = Math.floor((opened.endsAt.getTime() - Date.now()) / 1000);
    reply.header('set-cookie', sessionCookie(origin, opened.cookie, maxAge)).header('cache-control', 'no-store');
    return { token: opened.token, endsAt: opened.endsAt.toISOString(), name: person.name, workspaceId };
  });
}

/** @throws ProblemError validation_failed */
function linkIn(bytes: unknown): string {
  const body = parsed(bytes);
  const link = typeof body === 'object' && body !== null && 'link' in body ? body.link : undefined;
  if (typeof link === 'string') return link;
  throw problem('validation_failed', 'Send a JSON object with the member `link`: the token of the link.');
}

function parsed(bytes: unknown): unknown {
  try {
    return JSON.parse(String(bytes));
  } catch {
    return undefined;
  }
}

function linkText(fault: LinkFault): string {
  if (fault.fault === 'unknown') return 'There is no such link.';
  const why = { used: 'was used already', expired: 'has expired', revoked: 'was revoked' }[fault.fault];
  return `The link ${why}. It was made by ${fault.madeBy}.`;
}
