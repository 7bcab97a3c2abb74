import { type ApprovalView, contract } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context, RequestContext } from '../context.ts';
import type { ApiDeps } from '../deps.ts';
import { roomFor } from '../room.ts';
import { checkOrigin, checkTicket, issueTicket } from './answer/form.ts';
import { holderOf, LinkDecisions, noSuchLink } from './answer/link-decisions.ts';
import { readSubmission, readToken, wantsPage } from './answer/submission.ts';
import { approvalPage, stateText } from './ask/approval-page.ts';
import type { ApprovalLink } from './ask/approval-port.ts';
import { servePage } from './serve-page.ts';

/**
 * The routes of one-time links. Mail scanners and previews follow links, so GET never decides: without an API key only POST does.
 */
export function mountApprovals(
  fastify: FastifyInstance,
  deps: Pick<ApiDeps, 'db' | 'engine' | 'approvals'>,
  authorize: Authorize<RequestContext, Context>,
): void {
  const links = new LinkDecisions(deps);
  const port = deps.approvals;

  const show = async (request: FastifyRequest, reply: FastifyReply) => {
    const link = links.open(readToken(request.query), request);
    return sendView(request, reply, { link, view: await links.show(link, request) });
  };

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const { headers } = request;
    const hasKey = Boolean(headers['x-api-key'] || headers.authorization);
    if (!hasKey || wantsPage(headers.accept)) return show(request, reply);
    const token = readToken(request.query);
    const ctx = { request, headers, reply, room: roomFor(false, 1), over: () => {} };
    const { principal } = await authorize({ ctx, op: contract.approvals.decide, name: 'approvals.decide' });
    const link = links.open(token, request);
    // A link of another workspace is answered like an invalid one.
    if (link.workspaceId !== principal.workspaceId) throw noSuchLink();
    return links.decide(link, {}, principal);
  };

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    checkOrigin(port, request.headers);
    const { token, reason, argsSha256, csrf } = readSubmission(request);
    const link = links.open(token, request);
    if (csrf !== undefined) {
      try {
        checkTicket(port, request.headers, link.approvalId, csrf);
      } catch (error) {
        if (!wantsPage(request.headers.accept)) throw error;
        // Another page of ours may have set a new cookie: show the request again, with a form that fits it.
        reply.code(403);
        return sendView(request, reply, { link, view: await links.show(link, request) }, (error as Error).message);
      }
    }
    const approval = await links.decide(link, { reason, seen: argsSha256 }, holderOf(link, request.ip));
    if (!wantsPage(request.headers.accept)) return approval;
    const view = await links.show(link, request);
    return sendView(request, reply, { link, view }, `${stateText(view)} You may close this page.`);
  };

  /** The page, or JSON for a program. */
  async function sendView(
    { headers, method }: FastifyRequest,
    reply: FastifyReply,
    { link, view }: { link: ApprovalLink; view: ApprovalView },
    notice?: string,
  ) {
    if (view.state === 'gone') reply.code(410);
    if (!wantsPage(headers.accept)) return reply.send(view);
    const integrationName = await links.integrationName(link, view.tool);
    let form: Parameters<typeof approvalPage>[1];
    if (view.state === 'pending' && port.linksDecide) {
      const { csrf, setCookie } = issueTicket(port, headers, link.approvalId);
      if (method !== 'HEAD') reply.header('set-cookie', setCookie);
      form = { csrf, approve: port.sign({ ...link, action: 'approve' }), deny: port.sign({ ...link, action: 'deny' }) };
    }
    const locked =
      view.state === 'pending' && !port.linksDecide
        ? 'To decide about it, send the decision with an API key.'
        : undefined;
    return reply
      .type('text/html; charset=utf-8')
      .send(approvalPage({ ...view, integrationName }, form, notice ?? locked));
  }

  servePage(fastify, '/v1/runs/approval', { get, head: show, post });
}
