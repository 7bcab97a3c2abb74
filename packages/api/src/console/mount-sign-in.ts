import { problem } from '@errand/contracts';
import type { LinkFault } from '@errand/db';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../limits/failed-attempts.ts';
import { type ConsolePort, checkConsoleOrigin, checkSecure, readSessionSecrets } from './console-port.ts';
import { openSession } from './open-session.ts';
import { textMember } from './text-member.ts';

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
    const link = textMember(request.body, 'link', 'the token of the link');
    const secrets = readSessionSecrets(origin, request.headers);
    const present = secrets && (await db.sessions.verify(secrets));
    const redeemed = await db.consoleLinks.redeem(link, present?.person, request.ip);
    if ('fault' in redeemed) {
      if (redeemed.fault === 'unknown') failedAttempts.record(request);
      throw problem('link_not_valid', linkText(redeemed));
    }
    const { person, workspaceId } = redeemed;
    return { ...(await openSession(db, { request, reply, origin, present }, person)), workspaceId };
  });
}

function linkText(fault: LinkFault): string {
  if (fault.fault === 'unknown') return 'There is no such link.';
  const why = { used: 'was used already', expired: 'has expired', revoked: 'was revoked' }[fault.fault];
  return `The link ${why}. It was made by ${fault.madeBy}.`;
}
