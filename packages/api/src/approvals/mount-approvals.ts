import { type Approval, contract, DecideByForm, DecideByLink } from '@errand/contracts';
import type { Authorize } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Context, maxBytesFor, type RequestContext } from '../context.ts';
import type { ApprovalLink } from '../links/approval-links.ts';
import { checkOrigin, csrfFault, issueCsrfToken } from '../links/csrf.ts';
import { sendPage, servePage } from '../links/serve-page.ts';
import { formPairs, jsonBody, readToken, validate } from '../links/submission.ts';
import { FIELD_PREFIX } from '../pages/html/argument-form.ts';
import { faultsOf, invalidValues } from '../pages/html/field-faults.ts';
import { prefersHtml } from '../pages/prefers-html.ts';
import { textsFor } from '../pages/texts/language.ts';
import { type ApprovalForm, approvalPage, type DecideElsewhere, stateText } from './approval-page.ts';
import { type DecisionDeps, holderOf, LinkDecisions, noSuchLink } from './link-decisions.ts';

/** The notice and the entered values of a page. `isDecided`: this request made the decision. */
type PageState = Pick<ApprovalForm, 'entered' | 'faults' | 'reason'> & { notice?: string; isDecided?: boolean };

/** The routes of one-time links. Mail scanners and previews follow links, so without an API key only POST decides. */
export function mountApprovals(
  fastify: FastifyInstance,
  deps: DecisionDeps,
  authorize: Authorize<RequestContext, Context>,
): void {
  const links = new LinkDecisions(deps);
  const approvals = deps.approvals;

  const show = async (request: FastifyRequest, reply: FastifyReply) => {
    const link = links.open(readToken(request.query), request);
    return sendView(request, reply, link);
  };

  const get = async (request: FastifyRequest, reply: FastifyReply) => {
    const { headers } = request;
    const hasKey = Boolean(headers['x-api-key'] || headers.authorization);
    if (!hasKey || prefersHtml(headers.accept)) return show(request, reply);
    const token = readToken(request.query);
    const ctx = { request, headers, reply, maxBytes: maxBytesFor(false, 1), onClosed: () => {} };
    const { principal } = await authorize({ ctx, op: contract.approvals.decide, name: 'approvals.decide' });
    const link = links.open(token, request);
    // A link of another workspace gets the answer of an invalid link.
    if (link.workspaceId !== principal.workspaceId) throw noSuchLink();
    return links.decide(link, {}, principal);
  };

  const post = async (request: FastifyRequest, reply: FastifyReply) => {
    checkOrigin(approvals, request.headers);
    const { token, reason, argsSha256, csrf, entered } = readSubmission(request);
    const link = links.open(token, request);
    const csrfNotice = csrfFault(approvals, request.headers, link.approvalId, csrf);
    if (csrfNotice !== undefined) {
      reply.code(403);
      return sendView(request, reply, link, { notice: csrfNotice, reason });
    }
    const edited = link.action === 'approve' && entered?.size ? await links.edited(link, entered) : undefined;
    let approval: Approval;
    try {
      if (edited?.faults.length) throw invalidValues(edited.faults);
      const decision = { reason, shownSha256: argsSha256, args: edited?.args };
      approval = await links.decide(link, decision, holderOf(link, request.ip));
    } catch (error) {
      const texts = textsFor(request.headers);
      const faults = faultsOf(texts, error);
      if (!edited || !faults || !prefersHtml(request.headers.accept)) throw error;
      reply.code(400);
      const notice = texts.approval.notApproved;
      return sendView(request, reply, link, { notice, entered, faults, reason });
    }
    if (!prefersHtml(request.headers.accept)) return approval;
    return sendView(request, reply, link, { isDecided: true });
  };

  const sendView = (request: FastifyRequest, reply: FastifyReply, link: ApprovalLink, state: PageState = {}) =>
    sendApproval(links, deps, { request, reply, link }, state);

  servePage(fastify, '/v1/runs/approval', deps.frames, { get, head: show, post });
}

type PageRequest = { request: FastifyRequest; reply: FastifyReply; link: ApprovalLink };

/** Sends the page, or JSON to a program. */
async function sendApproval(
  links: LinkDecisions,
  { approvals: port, frames }: DecisionDeps,
  { request, reply, link }: PageRequest,
  { notice, isDecided = false, ...enteredState }: PageState,
) {
  const { headers, method } = request;
  const view = await links.show(link, request);
  if (view.state === 'gone') reply.code(410);
  if (!prefersHtml(headers.accept)) return reply.send(view);
  const frame = await frames.of(request);
  const { texts } = frame;
  const about = { ...frame, ...(await links.requestDetails(link, view)) };
  let decideBy: ApprovalForm | DecideElsewhere | undefined;
  if (view.state === 'pending' && (view.approvers || !port.linksDecide)) {
    const consoleUrl = `${port.publicUrl()}/console/w/${link.workspaceId}/decide/${link.approvalId}`;
    decideBy = { consoleUrl, ...(view.approvers && { approvers: view.approvers }) };
  } else if (view.state === 'pending') {
    const { csrf, setCookie } = issueCsrfToken(port, headers, link.approvalId);
    if (method !== 'HEAD') reply.header('set-cookie', setCookie);
    const [approve, deny] = (['approve', 'deny'] as const).map((action) => port.sign({ ...link, action }));
    decideBy = { csrf, approve: approve!, deny: deny!, fields: await links.fields(link, view), ...enteredState };
  }
  const page = approvalPage(view, about, decideBy, isDecided ? `${stateText(texts, view)} ${texts.closePage}` : notice);
  return sendPage(reply, frame, page);
}

/** `entered`: the texts of a form, by the JSON pointers of the arguments. */
type Submission = DecideByLink & { csrf?: string; entered?: ReadonlyMap<string, string> };

/** Reads a decision. `csrf` is set when a form sent it. @throws ProblemError invalid_json, validation_failed */
function readSubmission(request: FastifyRequest): Submission {
  const form = formPairs(request);
  if (!form) return validate(DecideByLink, jsonBody(request));
  const isField = ([name]: [string, string]) => name.startsWith(`${FIELD_PREFIX}/`);
  const pairs = Object.entries(Object.fromEntries(form));
  const entered = pairs.filter(isField).map(([name, value]) => [name.slice(FIELD_PREFIX.length), value] as const);
  const others = Object.fromEntries(pairs.filter((pair) => !isField(pair)));
  return { ...validate(DecideByForm, others), entered: new Map(entered) };
}
