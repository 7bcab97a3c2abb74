import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { type Handle, HTML, sendRefusal } from '../links/serve-page.ts';
import { FORM_TYPE } from '../links/submission.ts';
import { Visits } from '../links/visits.ts';
import { pageHeaders } from '../pages/html/layout.ts';
import { callback } from './callback.ts';
import { type ConnectDeps, show, submit } from './consent-form.ts';
import { endPage } from './consent-pages.ts';
import { noSuchConsent } from './consent-request.ts';

/** Mounts the pages on which users consent or enter a token. */
export function mountConnect(
  fastify: FastifyInstance,
  { consents, ...others }: Omit<ConnectDeps, 'visits'> & Pick<ApiDeps, 'consents'>,
): void {
  const deps: ConnectDeps = { ...others, visits: new Visits((token) => consents.open(token), noSuchConsent) };
  // People read these answers, so refusals are pages, too.
  const served =
    (handle: Handle): Handle =>
    async (request, reply) => {
      reply.headers(pageHeaders);
      try {
        return await handle(request, reply);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return sendRefusal(reply.header('x-problem-code', error.code), error);
      }
    };
  const end: Handle = async (request, reply) => {
    const { status, trial } = request.query as { status?: unknown; trial?: unknown };
    return reply.type(HTML).send(endPage(status === 'success' ? 'success' : 'error', String(trial ?? '')));
  };

  // In its own scope: only these routes accept forms.
  fastify.register(async (scope) => {
    scope.addContentTypeParser(FORM_TYPE, { parseAs: 'string', bodyLimit: 64 * 1024 }, (_request, body, done) =>
      done(null, body),
    );
    scope.route({ method: 'GET', url: '/v1/connect', handler: served(show(deps)) });
    scope.route({ method: 'POST', url: '/v1/connect', bodyLimit: 64 * 1024, handler: served(submit(deps)) });
    scope.route({ method: 'GET', url: '/v1/connect/done', handler: served(end) });
    scope.route({ method: 'GET', url: '/v1/oauth/callback', exposeHeadRoute: false, handler: served(callback(deps)) });
  });
}
