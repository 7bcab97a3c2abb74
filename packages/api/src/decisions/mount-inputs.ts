import { type InputAnswer, type InputView, linkHolder, type Principal, problem } from '@errand/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { faultsOf } from './answer/edited-args.ts';
import { checkOrigin, issueTicket, ticketFault } from './answer/form.ts';
import { readInputAnswer } from './answer/input-submission.ts';
import { readToken, wantsPage } from './answer/submission.ts';
import { Visits } from './answer/visits.ts';
import { askerOf } from './ask/asker.ts';
import { type InputFields, inputPage, inputText } from './ask/input-page.ts';
import type { QuestionLink } from './ask/question-links.ts';
import { type Handle, servePage } from './serve-page.ts';

const noSuchLink = () =>
  problem('input_not_found', 'There is no such request. Ask for a new link, or check that it was copied whole.');

const holderOf = ({ requestId }: QuestionLink, ip: string): Principal => linkHolder('a link', requestId, ip);

type PageState = Pick<InputFields, 'entered' | 'faults'> & { notice?: string };

/** The page on which a user answers what a service asks in the middle of a call. Opening a link answers nothing, and opens nothing. */
export function mountInputs(
  fastify: FastifyInstance,
  { db, engine, approvals, questions }: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'>,
): void {
  const visits = new Visits((token) => questions.open(token), noSuchLink);
  const read = ({ workspaceId, requestId }: QuestionLink) => engine.input(workspaceId, requestId);

  const show: Handle = async (request, reply) => {
    const token = readToken(request.query);
    const link = visits.open(token, request);
    const view = await read(link);
    if (visits.isNew(link.requestId, request)) {
      const { audit } = db.forWorkspace(link.workspaceId, holderOf(link, request.ip));
      await audit.add({ action: 'input.shown', target: link.requestId, details: { state: view.state } });
    }
    return sendView(request, reply, { link, token, view });
  };

  const post: Handle = async (request, reply) => {
    checkOrigin(approvals, request.headers);
    const { token, csrf, entered, answerTo } = readInputAnswer(request);
    const link = visits.open(token, request);
    const page = csrf !== undefined && wantsPage(request.headers.accept);
    const stale = ticketFault(approvals, request.headers, link.requestId, csrf);
    if (stale !== undefined) {
      reply.code(403);
      return sendView(request, reply, { link, token, view: await read(link) }, { notice: stale, entered });
    }
    const { workspaceId, requestId } = link;
    const asked = await read(link);
    try {
      const answer: InputAnswer = answerTo(asked.requestedSchema);
      const given = { requestId, ...answer, asShown: csrf !== undefined };
      const answered = await engine.answerInput(workspaceId, given, holderOf(link, request.ip));
      if (!wantsPage(request.headers.accept)) return answered;
    } catch (error) {
      const faults = faultsOf(error);
      if (!page || !faults) throw error;
      reply.code(400);
      const notice = 'It was not sent: a value does not fit.';
      return sendView(request, reply, { link, token, view: asked }, { notice, entered, faults });
    }
    const view = await read(link);
    return sendView(request, reply, { link, token, view }, { notice: `${inputText(view)}\nYou may close this page.` });
  };

  /** The page, or JSON for a program. */
  async function sendView(
    { headers, method }: FastifyRequest,
    reply: FastifyReply,
    { link, token, view }: { link: QuestionLink; token: string; view: InputView },
    { notice, ...edits }: PageState = {},
  ) {
    if (view.state === 'gone') reply.code(410);
    if (!wantsPage(headers.accept)) return reply.send(view);
    const [asker, integration] = await Promise.all([
      askerOf(db, link.workspaceId, view.runId),
      db.forWorkspace(link.workspaceId).integrations.get(view.customerIntegrationId),
    ]);
    let form: InputFields | undefined;
    if (view.state === 'pending') {
      const { csrf, setCookie } = issueTicket(approvals, headers, view.requestId);
      if (method !== 'HEAD') reply.header('set-cookie', setCookie);
      form = { csrf, token, ...edits };
    }
    const about = { ...asker, ...(integration && { integration }) };
    return reply.type('text/html; charset=utf-8').send(inputPage(view, about, form, notice));
  }

  servePage(fastify, '/v1/runs/input', { get: show, head: show, post });
}
