import { linkPrincipal, type ProblemError, problem } from '@errand/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { checkOrigin, csrfFault, issueCsrfToken } from '../links/csrf.ts';
import { LinkAccess } from '../links/link-access.ts';
import type { QuestionLink } from '../links/question-links.ts';
import type { RequestDetails } from '../links/requester.ts';
import { type PageHandler, sendPage, servePage } from '../links/serve-page.ts';
import { readToken } from '../links/submission.ts';
import { type FieldFault, faultsOf } from '../pages/html/field-faults.ts';
import { badge, layout, type PageFrame, pageForm } from '../pages/html/layout.ts';
import { type RequestView, requestFacts } from '../pages/html/request-facts.ts';
import { visible } from '../pages/html/visible.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import { prefersHtml } from '../pages/prefers-html.ts';
import type { Texts } from '../pages/texts/en.ts';
import { textsFor } from '../pages/texts/language.ts';

/** The hidden fields of a form, and the values and faults of an earlier submission. */
export type AnswerFields = {
  csrf: string;
  token: string;
  entered?: ReadonlyMap<string, string> | undefined;
  faults?: readonly FieldFault[] | undefined;
};

/** A submitted answer. `csrf` and `entered` are set if a form sent it. */
export type AnswerSubmission<View, Answer> = {
  token: string;
  csrf?: string;
  entered?: ReadonlyMap<string, string>;
  /** The answer to a request. @throws ProblemError validation_failed for an invalid text */
  toAnswer(view: View): Answer;
};

type PageDeps = Pick<ApiDeps, 'db' | 'approvals' | 'questions' | 'processes'> & { frames: PageFrames };
type PageState = Pick<AnswerFields, 'entered' | 'faults'> & { notice?: string | undefined };
type OpenedRequest<View> = { link: QuestionLink; token: string; view: View };

/** A page on which a person answers a request of a run. Opening its link never answers. */
export type AnswerPage<View, Answer> = {
  kind: 'question' | 'input';
  /** The noun for the request in sentences. */
  noun: string;
  read(link: QuestionLink): Promise<View>;
  readAnswer(request: FastifyRequest): AnswerSubmission<View, Answer>;
  /** Stores an answer. @param isForm whether the person answered on the page */
  send(
    link: QuestionLink,
    answer: Answer,
    by: { holder: ReturnType<typeof linkPrincipal>; isForm: boolean },
  ): Promise<unknown>;
  about(link: QuestionLink, view: View): Promise<RequestDetails>;
  textOf(view: View): string;
  /** The controls of the form. */
  fieldsHtml(texts: Texts, view: View, form: AnswerFields): string;
  buttonsHtml(texts: Texts, view: View): string;
  /** The state of a request, in a sentence. */
  stateText(texts: Texts, view: View): string;
  /** The notice about a refused answer. */
  refusal(texts: Texts, view: View, error: ProblemError): string | undefined;
};

export function mountAnswerPage<View extends RequestView, Answer>(
  fastify: FastifyInstance,
  { db, approvals, questions, frames, processes }: PageDeps,
  page: AnswerPage<View, Answer>,
): void {
  const access = new LinkAccess(
    (token) => questions.open(token),
    () => problem(`${page.kind}_not_found`, `This ${page.noun} does not exist, or the link is incomplete.`),
    { settings: db.workspaceSettings, frames, processes },
  );
  const holderOf = ({ requestId }: QuestionLink, ip: string) => linkPrincipal('a link', requestId, ip);

  const show: PageHandler = async (request, reply) => {
    const token = readToken(request.query);
    const link = access.open(token, request);
    const view = await page.read(link);
    if (access.isAuditDue(link.requestId, request)) {
      const { audit } = db.forWorkspace(link.workspaceId, holderOf(link, request.ip));
      await audit.add({ action: `${page.kind}.shown`, target: link.requestId, details: { state: view.state } });
    }
    return sendView(request, reply, { link, token, view });
  };

  const post: PageHandler = async (request, reply) => {
    checkOrigin(approvals, request.headers);
    const texts = textsFor(request.headers);
    const { token, csrf, entered, toAnswer } = page.readAnswer(request);
    const link = access.open(token, request);
    const isForm = csrf !== undefined;
    const csrfNotice = csrfFault(approvals, request.headers, link.requestId, csrf);
    const view = await page.read(link);
    if (csrfNotice !== undefined) {
      reply.code(403);
      return sendView(request, reply, { link, token, view }, { notice: csrfNotice, entered });
    }
    try {
      const by = { holder: holderOf(link, request.ip), isForm };
      const result = await page.send(link, toAnswer(view), by);
      if (!prefersHtml(request.headers.accept)) return result;
    } catch (error) {
      const faults = faultsOf(texts, error);
      if (!isForm || !faults || !prefersHtml(request.headers.accept)) throw error;
      reply.code(400);
      const notice = page.refusal(texts, view, error as ProblemError);
      return sendView(request, reply, { link, token, view }, { notice, entered, faults });
    }
    const answeredView = await page.read(link);
    const notice = `${page.stateText(texts, answeredView)}\n${texts.closePage}`;
    return sendView(request, reply, { link, token, view: answeredView }, { notice });
  };

  /** Sends the page, or JSON to a program. */
  async function sendView(
    request: FastifyRequest,
    reply: FastifyReply,
    { link, token, view }: OpenedRequest<View>,
    { notice, ...enteredState }: PageState = {},
  ) {
    const { headers, method } = request;
    if (view.state === 'gone') reply.code(410);
    if (!prefersHtml(headers.accept)) return reply.send(view);
    let form: AnswerFields | undefined;
    if (view.state === 'pending') {
      const { csrf, setCookie } = issueCsrfToken(approvals, headers, link.requestId);
      if (method !== 'HEAD') reply.header('set-cookie', setCookie);
      form = { csrf, token, ...enteredState };
    }
    const frame = await frames.of(request);
    const about = { ...frame, ...(await page.about(link, view)) };
    return sendPage(reply, frame, pageHtml(page, view, about, { form, notice }));
  }

  servePage(fastify, `/v1/runs/${page.kind}`, frames, { get: show, head: show, post });
}

/** @param form absent if the request is closed */
function pageHtml<View extends RequestView, Answer>(
  page: AnswerPage<View, Answer>,
  view: View,
  about: RequestDetails & PageFrame,
  { form, notice }: { form: AnswerFields | undefined; notice: string | undefined },
): string {
  const { texts } = about;
  const { title, kicker } = texts[page.kind];
  const role = form?.faults?.length ? 'alert' : 'status';
  const content = [
    form && `<p class="kicker">${kicker}</p>`,
    `<h1 class="question">${visible(page.textOf(view))}</h1>`,
    notice !== undefined && `<p class="notice lines" role="${role}">${visible(notice)}</p>`,
    !form && notice === undefined && `<p>${visible(page.stateText(texts, view))}</p>`,
    about.integration && badge(about.integration),
    form && page.fieldsHtml(texts, view, form),
    requestFacts(view, about),
  ]
    .filter((part) => part)
    .join('\n');
  if (!form) return layout(about, title, content);
  const { csrf, token } = form;
  return layout(about, title, pageForm(page.kind, { csrf, token }, content, page.buttonsHtml(texts, view)));
}
