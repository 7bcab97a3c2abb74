import { type ErrorCode, errorTable, problem } from '@errand/contracts';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext, SessionOfRequest } from '../../context.ts';
import { FailedAttempts, tooManyFailedAttempts } from '../../limits/failed-attempts.ts';
import { HTML, type PageHandler } from '../../links/serve-page.ts';
import { pageHeaders } from '../../pages/html/layout.ts';
import { refusalPage } from '../../pages/refusal-page.ts';
import { en } from '../../pages/texts/en.ts';
import { checkConsoleHost, checkConsoleOrigin, checkSecure, readSessionSecrets } from '../console-port.ts';
import { openSession } from '../open-session.ts';
import { textMember } from '../text-member.ts';
import { BACK, createFinish } from './finish-login.ts';
import { clearTicketCookie, readTicketCookie } from './login-cookies.ts';
import type { OidcPort } from './oidc-port.ts';
import { returnPathOf } from './return-path.ts';
import { CALLBACK_PATH, createStart, type LoginDeps, publicOrigin } from './start-login.ts';

const START_PATH = '/console/sign-in/oidc';
const MAX_BODY_BYTES = 4096;

type AuthenticateSession = (context: Pick<RequestContext, 'request' | 'headers'>) => Promise<SessionOfRequest>;

/**
 * Signs people in with an OIDC issuer. `GET /console/sign-in/methods` says whether there is one, to everybody.
 * The callback puts a ticket into the fragment of the page. `POST /console/sign-in/oidc` with `{"ticket"}` opens the session, as for a link.
 */
export function mountOidc(
  fastify: FastifyInstance,
  { oidc, ...rest }: Omit<LoginDeps, 'oidc'> & { oidc?: OidcPort | undefined },
  authenticateSession: AuthenticateSession,
): void {
  const methods = { oidc: oidc ? { host: new URL(oidc.provider.issuer).host } : null };
  fastify.get('/console/sign-in/methods', async (_, reply) => reply.header('cache-control', 'no-cache').send(methods));
  if (!oidc) return;
  const deps: LoginDeps = { ...rest, oidc };
  const start = createStart(deps);

  const startSignIn: PageHandler = async (request, reply) => {
    const origin = checkConsoleHost(deps.console, request.headers);
    const returnPath = returnPathOf((request.query as { return?: unknown }).return);
    const canonical = publicOrigin(deps.console);
    // The issuer leads back to this address, so the cookie must be of this address.
    if (origin.origin !== new URL(canonical).origin)
      return reply.redirect(`${canonical}${START_PATH}?return=${encodeURIComponent(returnPath)}`, 303);
    return reply.redirect(await start({ request, reply, origin, returnPath }), 303);
  };
  fastify.get(START_PATH, { exposeHeadRoute: false }, asSignInPage(startSignIn));
  fastify.get(CALLBACK_PATH, { exposeHeadRoute: false }, asSignInPage(createFinish(deps)));

  fastify.post(`${START_PATH}/link`, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const { session } = await authenticateSession({ request, headers: request.headers });
    const origin = checkConsoleOrigin(deps.console, request.headers);
    const returnPath = returnPathOf(textMember(request.body, 'returnPath', 'the page to return to'));
    const url = await start({ request, reply, origin, returnPath, sessionId: session.sessionId });
    return reply.header('cache-control', 'no-store').send({ url });
  });
  fastify.post(START_PATH, { bodyLimit: MAX_BODY_BYTES }, createRedeem(deps));
}

/** Opens a session with a ticket and the cookie that came with it. */
function createRedeem({ db, console: port, processes }: LoginDeps) {
  const failedAttempts = new FailedAttempts(processes);
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const origin = checkConsoleOrigin(port, request.headers);
    checkSecure(origin);
    const waitMs = failedAttempts.waitMs(request);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'sign-ins');
    const ticket = textMember(request.body, 'ticket', 'the text after `oidc.` in the fragment');
    const browser = readTicketCookie(origin, request.headers) ?? '';
    const person = await db.consoleLogins.redeemTicket({ ticket, browser });
    if (!person) {
      failedAttempts.record(request);
      throw problem('sign_in_refused', 'This sign-in was used already, is older than a minute, or began elsewhere.');
    }
    const secrets = readSessionSecrets(origin, request.headers);
    const present = secrets && (await db.sessions.verify(secrets));
    const answer = await openSession(db, { request, reply, origin, present }, person);
    const cookies = [reply.getHeader('set-cookie')].flat().map(String);
    reply.removeHeader('set-cookie').header('set-cookie', [...cookies, clearTicketCookie(origin)]);
    return answer;
  };
}

/** Answers with pages for people. A refusal leads back to the first page of the console. */
const asSignInPage =
  (handle: PageHandler): PageHandler =>
  async (request, reply) => {
    reply.headers(pageHeaders);
    try {
      return await handle(request, reply);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { status } = errorTable[error.code as ErrorCode];
      reply.code(status).headers(error.options.headers ?? {});
      reply.header('x-problem-code', error.code).type(HTML);
      return reply.send(refusalPage({ texts: en }, en.problem(error), BACK));
    }
  };
