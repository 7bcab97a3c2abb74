import { type ErrorCode, errorTable } from '@errand/contracts';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { pageHeaders } from '../pages/html/layout.ts';
import { refusalPage, waysOfLink } from '../pages/refusal-page.ts';
import { wantsPage } from '../pages/wants-page.ts';
import { FORM_TYPE } from './submission.ts';

export type Handle = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export const HTML = 'text/html; charset=utf-8';

/**
 * Answers with the headers of pages. Errors are pages for clients that accept HTML.
 * @param forPeople whether errors are pages for all clients; the code is then in a header
 */
export const asPage =
  (handle: Handle, { forPeople = false } = {}): Handle =>
  async (request, reply) => {
    reply.headers(pageHeaders);
    try {
      return await handle(request, reply);
    } catch (error) {
      if (!(error instanceof ProblemError) || !(forPeople || wantsPage(request.headers.accept))) throw error;
      if (forPeople) reply.header('x-problem-code', error.code);
      const { status, title } = errorTable[error.code as ErrorCode];
      reply.code(status).headers(error.options.headers ?? {});
      return reply.type(HTML).send(refusalPage(title, error.detail ?? '', waysOfLink(error.code)));
    }
  };

export const MAX_FORM_BYTES = 64 * 1024;

/** Routes that accept forms, in a scope of their own: no other route accepts them. */
export const withForms = (fastify: FastifyInstance, mount: (scope: FastifyInstance) => void): void =>
  void fastify.register(async (scope) => {
    scope.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer', bodyLimit: MAX_FORM_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    mount(scope);
  });

/** The routes of a page behind a link: GET and HEAD show, POST decides. Programs get JSON. */
export const servePage = (
  fastify: FastifyInstance,
  url: string,
  { get, head, post }: { get: Handle; head: Handle; post: Handle },
): void =>
  withForms(fastify, (scope) => {
    scope.route({ method: 'GET', url, exposeHeadRoute: false, handler: asPage(get) });
    scope.route({ method: 'HEAD', url, handler: asPage(head) });
    scope.route({ method: 'POST', url, bodyLimit: MAX_FORM_BYTES, handler: asPage(post) });
  });
