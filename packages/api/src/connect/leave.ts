import type { FastifyReply } from 'fastify';
import type { End } from './pages.ts';

/** Sends a user on when all is done: by a redirect, so that no code stays in the history of the browser. */
export function leave(reply: FastifyReply, publicUrl: string, end: End, returnTo: string | undefined): FastifyReply {
  const url = new URL(returnTo ?? `${publicUrl}/v1/connect/done`);
  url.searchParams.set('status', end);
  return reply.redirect(url.href, 303);
}
