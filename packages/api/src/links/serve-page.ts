import { type ErrorCode, errorTable } from '@errand/contracts';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from '../pages/html/layout.ts';
import { refusalPage, waysOfLink } from '../pages/refusal-page.ts';
import { wantsPage } from '../pages/wants-page.ts';
import { FORM_TYPE } from './submission.ts';

export type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export const HTML = 'text/html; charset=utf-8';

/** Sends the page of an error. */
export function sendRefusal(reply: FastifyReply, error: ProblemError): FastifyReply {
  const { status, title } = errorTable[error.code as ErrorCode];
  reply.code(status).headers(error.options.headers ?? {});
  return reply.type(HTML).send(refusalPage(title, error.detail ?? '', waysOfLink(error.code)));
}

/** The routes of a page behind a link: GET and HEAD show, POST decides. Programs get JSON; errors are pages for clients that accept HTML. */
export function servePage(
  fastify: FastifyInstance,
  url: string,
  { get, head, post }: { get: Handle; head: Handle; post: Handle },
): void {
  const served =
    (handle: Handle): Handle =>
    async (request, reply) => {
      reply.headers(pageHeaders);
      try {
        return await handle(request, reply);
      } catch (error) {
        if (!(error instanceof ProblemError) || !wantsPage(request.headers.accept)) throw error;
        return sendRefusal(reply, error);
      }
    };
  // A scope of its own, because only these routes accept forms.
  fastify.register(async (scope) => {
    scope.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer', bodyLimit: 64 * 1024 }, (_request, body, done) =>
      done(null, body),
    );
    scope.route({ method: 'GET', url, exposeHeadRoute: false, handler: served(get) });
    scope.route({ method: 'HEAD', url, handler: served(head) });
    scope.route({ method: 'POST', url, bodyLimit: 64 * 1024, handler: served(post) });
  });
}
