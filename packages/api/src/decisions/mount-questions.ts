import { linkHolder, type Principal, problem, type QuestionView } from '@errand/contracts';
import type { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { faultsOf } from './answer/edited-args.ts';
import { checkOrigin, issueTicket, ticketFault } from './answer/form.ts';
import { readAnswer } from './answer/question-submission.ts';
import { readToken, wantsPage } from './answer/submission.ts';
import { Visits } from './answer/visits.ts';
import { askerOf } from './ask/asker.ts';
import type { QuestionLink } from './ask/question-links.ts';
import { answerText, type QuestionFields, questionPage } from './ask/question-page.ts';
import { type Handle, servePage } from './serve-page.ts';

const noSuchLink = () =>
  problem('question_not_found', 'There is no such question. Ask for a new link, or check that it was copied whole.');

const holderOf = ({ requestId }: QuestionLink, ip: string): Principal => linkHolder('a link', requestId, ip);

type PageState = Pick<QuestionFields, 'entered' | 'faults'> & { notice?: string };

/** The page on which a person answers a question. Opening a link never answers. Four eyes do not cover questions. */
export function mountQuestions(
  fastify: FastifyInstance,
  { db, engine, approvals, questions }: Pick<ApiDeps, 'db' | 'engine' | 'approvals' | 'questions'>,
): void {
  const visits = new Visits((token) => questions.open(token), noSuchLink);
  const read = ({ workspaceId, requestId }: QuestionLink) => engine.question(workspaceId, requestId);

  const show: Handle = async (request, reply) => {
    const token = readToken(request.query);
    const link = visits.open(token, request);
    const view = await read(link);
    if (visits.isNew(link.requestId, request)) {
      const { audit } = db.forWorkspace(link.workspaceId, holderOf(link, request.ip));
      await audit.add({ action: 'question.shown', target: link.requestId, details: { state: view.state } });
    }
    return sendView(request, reply, { link, token, view });
  };

  const post: Handle = async (request, reply) => {
    checkOrigin(approvals, request.headers);
    const { token, csrf, entered, answerTo } = readAnswer(request);
    const link = visits.open(token, request);
    const stale = ticketFault(approvals, request.headers, link.requestId, csrf);
    if (stale !== undefined) {
      reply.code(403);
      return sendView(request, reply, { link, token, view: await read(link) }, { notice: stale, entered });
    }
    const { workspaceId, requestId } = link;
    const asked = await read(link);
    try {
      const given = { requestId, answer: answerTo(asked) };
      const answered = await engine.answerQuestion(workspaceId, given, holderOf(link, request.ip));
      if (!wantsPage(request.headers.accept)) return answered;
    } catch (error) {
      const faults = faultsOf(error);
      if (csrf === undefined || !faults || !wantsPage(request.headers.accept)) throw error;
      reply.code(400);
      const notice = asked.requestedSchema ? 'It was not sent: a value does not fit.' : (error as ProblemError).detail;
      return sendView(request, reply, { link, token, view: asked }, { notice, entered, faults });
    }
    const view = await read(link);
    return sendView(request, reply, { link, token, view }, { notice: `${answerText(view)}\nYou may close this page.` });
  };

  /** The page, or JSON for a program. */
  async function sendView(
    { headers, method }: FastifyRequest,
    reply: FastifyReply,
    { link, token, view }: { link: QuestionLink; token: string; view: QuestionView },
    { notice, ...edits }: PageState = {},
  ) {
    if (view.state === 'gone') reply.code(410);
    if (!wantsPage(headers.accept)) return reply.send(view);
    const asker = await askerOf(db, link.workspaceId, view.runId);
    let form: QuestionFields | undefined;
    if (view.state === 'pending') {
      const { csrf, setCookie } = issueTicket(approvals, headers, view.requestId);
      if (method !== 'HEAD') reply.header('set-cookie', setCookie);
      form = { csrf, token, ...edits };
    }
    return reply.type('text/html; charset=utf-8').send(questionPage(view, asker, form, notice));
  }

  servePage(fastify, '/v1/runs/question', { get: show, head: show, post });
}
