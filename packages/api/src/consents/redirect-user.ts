import type { TrialResult } from '@errand/ports/credentials';
import type { FastifyReply } from 'fastify';
import type { End } from './consent-pages.ts';

/**
 * Redirects the user at the end, so that no authorization code stays in the browser history.
 * @param trial the result of testing the token, for our own last page
 */
export function redirectUser(
  reply: FastifyReply,
  publicUrl: string,
  end: End,
  { returnTo, trial }: { returnTo?: string; trial?: TrialResult },
): FastifyReply {
  const url = new URL(returnTo ?? `${publicUrl}/v1/connect/done`);
  url.searchParams.set('status', end);
  if (returnTo === undefined && trial !== undefined) url.searchParams.set('trial', trial);
  return reply.redirect(url.href, 303);
}
