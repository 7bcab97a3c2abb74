import { type ErrorCode, errorTable } from '@errand/contracts';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { brandedHeaders, type PageFrame, pageHeaders } from '../pages/html/layout.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import { prefersHtml } from '../pages/prefers-html.ts';
import { linkNextSteps, refusalPage } from '../pages/refusal-page.ts';
import { FORM_TYPE } from './submission.ts';

export type PageHandler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

export const HTML = 'text/html; charset=utf-8';

/**
 * Answers with the headers of pages. Errors are pages for clients that accept HTML.
 * @param forPeople whether errors are pages for all clients; the code is then in a header
 */
export const asPage =
  (frames: PageFrames, handle: PageHandler, { forPeople = false } = {}): PageHandler =>
  async (request, reply) => {
    reply.headers(pageHeaders);
    try {
      return await handle(request, reply);
    } catch (error) {
      if (!(error instanceof ProblemError) || !(forPeople || prefersHtml(request.headers.accept))) throw error;
      if (forPeople) reply.header('x-problem-code', error.code);
      const { status } = errorTable[error.code as ErrorCode];
      reply.code(status).headers(error.options.headers ?? {});
      const frame = await frames.of(request);
      const { texts } = frame;
      return sendPage(reply, frame, refusalPage(frame, texts.problem(error), linkNextSteps(texts, error.code)));
    }
  };

export const sendPage = (reply: FastifyReply, { brand }: PageFrame, html: string): FastifyReply =>
  reply.headers(brandedHeaders(brand)).type(HTML).send(html);

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
  frames: PageFrames,
  { get, head, post }: { get: PageHandler; head: PageHandler; post: PageHandler },
): void =>
  withForms(fastify, (scope) => {
    scope.route({ method: 'GET', url, exposeHeadRoute: false, handler: asPage(frames, get) });
    scope.route({ method: 'HEAD', url, handler: asPage(frames, head) });
    scope.route({ method: 'POST', url, bodyLimit: MAX_FORM_BYTES, handler: asPage(frames, post) });
  });
