import type { Problem } from '@errand/trpc-openapi';
import type { FastifyInstance } from 'fastify';
import { pageHeaders } from './html/layout.ts';
import { prefersHtml } from './prefers-html.ts';
import { type NextStep, refusalPage } from './refusal-page.ts';
import type { Texts } from './texts/en.ts';
import { textsFor } from './texts/language.ts';

/** Turns problem documents into pages for browsers. Call it before any route is registered. */
export function mountHtmlProblems(fastify: FastifyInstance): void {
  fastify.addHook('onSend', async ({ headers, method }, reply, payload) => {
    const isProblem = String(reply.getHeader('content-type') ?? '').startsWith('application/problem+json');
    if (!isProblem || typeof payload !== 'string') return payload;
    reply.header('vary', pageHeaders.vary);
    if ((method !== 'GET' && method !== 'HEAD') || !prefersHtml(headers.accept)) return payload;
    const problem = JSON.parse(payload) as Problem;
    const texts = textsFor(headers);
    reply.headers(pageHeaders).type('text/html; charset=utf-8').removeHeader('content-length');
    return refusalPage({ texts }, texts.problem(problem), nextSteps(texts, problem.code));
  });
}

function nextSteps({ next }: Texts, code: string): NextStep[] {
  const reference = { href: '/docs', text: next.readReference };
  switch (code) {
    case 'unauthenticated':
    case 'insufficient_scope':
      return [next.forPrograms, reference];
    case 'internal':
    case 'unavailable':
    case 'rate_limited':
      return [next.waitAndLoad];
    default:
      return [reference];
  }
}
