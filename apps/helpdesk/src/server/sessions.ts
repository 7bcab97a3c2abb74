import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Client } from '@errand/client';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bodyOf, teamLead, tickets, type User, users } from './desk.ts';

const HOURS_8 = 8 * 3600;
export type Sessions = ReturnType<typeof createSessions>;
/** The dependencies of routes. */
export type Context = { app: FastifyInstance; errand: Client; sessions: Sessions };

/** Signed values in HttpOnly cookies. */
export function createSessions(secret: string, isSecure: boolean) {
  const signature = (content: string) => createHmac('sha256', secret).update(content).digest('base64url');

  /** The header that sets a cookie. */
  const cookie = (name: string, value: string, seconds: number) => {
    const content = `${name}=${value}.${Date.now() + seconds * 1000}`;
    // Lax: the browser comes back from pages of Errand by a link, and other sites cannot post with it.
    const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;
    return { 'set-cookie': `${content}.${signature(content)}; ${attributes}` };
  };

  /** The value of a cookie, if it is signed and has not ended. */
  const read = ({ headers }: FastifyRequest, name: string) => {
    // inserts a name: those of the calls are words
    const match = new RegExp(`(?:^|; )(${name}=(\\w+)\\.(\\d+))\\.([\\w-]+)`).exec(headers.cookie ?? '');
    const [, content = '', value, end, actual = ''] = match ?? [];
    const [a, b] = [Buffer.from(signature(content)), Buffer.from(actual)];
    return a.length === b.length && timingSafeEqual(a, b) && Number(end) > Date.now() ? value : undefined;
  };

  /** The user who is signed in. @throws an error with status 401 */
  const userOf = (request: FastifyRequest): User => {
    const user = users.find(({ id }) => id === read(request, 'session'));
    if (!user) throw Object.assign(new Error('You are signed out. Sign in again.'), { statusCode: 401 });
    return user;
  };
  return { cookie, read, userOf };
}

/** Sign-in for development: the user says who they are. */
export function mountSessions({ app, sessions }: Context, errandUrl: string): void {
  app.get('/session', (request) => ({ user: sessions.userOf(request), teamLead, tickets, errandUrl }));
  const body = bodyOf({ id: { enum: users.map(({ id }) => id) } });
  app.post<{ Body: User }>('/session', body, (request, reply) =>
    reply.headers(sessions.cookie('session', request.body.id, HOURS_8)).send({}),
  );
  app.delete('/session', (_, reply) => reply.headers(sessions.cookie('session', 'out', 0)).send({}));
}
