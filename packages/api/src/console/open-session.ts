import type { Db, Person, Session } from '@errand/db';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionCookie } from './console-port.ts';

export type SignInRequest = {
  request: FastifyRequest;
  reply: FastifyReply;
  origin: URL;
  /** The session that sends the request, if any. */
  present: Session | undefined | null;
};

/** Opens a session and sets its cookie. @returns the body of the answer, with the token of the page */
export async function openSession(
  { sessions }: Pick<Db, 'sessions'>,
  { request, reply, origin, present }: SignInRequest,
  person: Person,
): Promise<{ token: string; endsAt: string; name: string }> {
  // A session from before the sign-in ends, so that nobody who knows it is signed in by it.
  if (present) await sessions.end(present.person, present.sessionId, 'signed in again');
  const opened = await sessions.open(person, { ip: request.ip, userAgent: request.headers['user-agent'] });
  const maxAge = Math.floor((opened.endsAt.getTime() - Date.now()) / 1000);
  reply.header('set-cookie', sessionCookie(origin, opened.cookie, maxAge)).header('cache-control', 'no-store');
  return { token: opened.token, endsAt: opened.endsAt.toISOString(), name: person.name };
}
