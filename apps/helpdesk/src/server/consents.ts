import { TRPCClientError } from '@errand/client';
import type { FastifyReply } from 'fastify';
import type { Context } from './sessions.ts';

const MINUTES_10 = 600;
const page = (reply: FastifyReply, status: number, text: string) => {
  reply.status(status).type('text/html; charset=utf-8');
  return `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Deskline</title>
<link rel="stylesheet" href="/style.css"><main class="alone"><h1>Deskline</h1><p>${text}</p></main></html>`;
};

export function mountConsents({ app, errand, sessions }: Context): void {
  // The user clicks "Connect" in this browser.
  app.post('/consents/begin', async (request, reply) => {
    reply.headers(sessions.cookie('connecting', sessions.userOf(request).id, MINUTES_10));
    return {};
  });

  // The `verifyUrl` of the workspace: a connected account counts once this server has confirmed whose it is.
  app.get<{ Querystring: { code?: string } }>('/consents/verify', async (request, reply) => {
    const { id } = sessions.userOf(request);
    // Without the cookie, another person could have sent this link.
    if (sessions.read(request, 'connecting') !== id)
      return page(reply, 403, 'This did not begin in your desk. Nothing was connected.');
    reply.headers(sessions.cookie('connecting', 'over', 0));
    try {
      const { code = '' } = request.query;
      const { returnTo = '/connected?status=success' } = await errand.consents.confirm.mutate({ code, userId: id });
      return reply.redirect(returnTo, 303);
    } catch (error) {
      const code = error instanceof TRPCClientError ? error.data?.problem?.code : undefined;
      if (code !== 'consent_for_another_user') return page(reply, 400, 'This did not work. Connect again.');
      return page(reply, 403, 'Another person sent you this link. Nothing was connected.');
    }
  });

  // The `redirectUri`, where the window ends.
  app.get<{ Querystring: { status?: string } }>('/connected', async ({ query }, reply) =>
    page(reply, 200, query.status === 'success' ? 'Connected. Close this window.' : 'Nothing was connected.'),
  );
}
