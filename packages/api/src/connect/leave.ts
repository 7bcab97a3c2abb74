import type { FastifyReply } from 'fastify';
import type { End } from './pages.ts';
import type { TrialResult } from './try-token.ts';

/**
 * Sends a user on when all is done: by a redirect, so that no code stays in the history of the browser.
 * @param trial what came of trying the token; our own page says it
 */
export function leave(
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
