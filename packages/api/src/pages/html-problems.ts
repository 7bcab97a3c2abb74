import { type ErrorCode, errorTable } from '@errand/contracts';
import type { Problem } from '@errand/trpc-openapi';
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from './html/layout.ts';
import { prefersHtml } from './prefers-html.ts';
import { type NextStep, refusalPage } from './refusal-page.ts';

/** Turns problem documents into pages for browsers. Call it before any route is registered. */
export function mountHtmlProblems(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async ({ headers, method }, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type') ?? '').startsWith('application/problem+json');
    if (!isProblem || typeof payload !== 'string') return payload;
    reply.header('vary', 'accept');
    if ((method !== 'GET' && method !== 'HEAD') || !prefersHtml(headers.accept)) return payload;
    const { code, detail } = JSON.parse(payload) as Problem;
    reply.headers(pageHeaders).type('text/html; charset=utf-8').removeHeader('content-length');
    return refusalPage(errorTable[code as ErrorCode].title, detail ?? '', nextSteps(code));
  });
}

function nextSteps(code: string): NextStep[] {
  const reference = { href: '/docs', text: 'Read the API reference' };
  switch (code) {
    case 'unauthenticated':
    case 'insufficient_scope':
      return ['This address is for programs, which send an API key with each request.', reference];
    case 'internal':
    case 'unavailable':
    case 'rate_limited':
      return ['Wait a moment, then load the page again.'];
    default:
      return [reference];
  }
}
