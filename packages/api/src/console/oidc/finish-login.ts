import { problem } from '@errand/contracts';
import type { VerifiedIdentity } from '@errand/ports/sign-in';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { FailedAttempts, tooManyFailedAttempts } from '../../limits/failed-attempts.ts';
import { HTML } from '../../links/serve-page.ts';
import { type NextStep, refusalPage } from '../../pages/refusal-page.ts';
import { en } from '../../pages/texts/en.ts';
import { checkConsoleHost, checkSecure } from '../console-port.ts';
import { clearLoginCookie, readLoginCookie, ticketCookie } from './login-cookies.ts';
import { domainFault, groupRolesOf } from './oidc-port.ts';
import { type LoginDeps, openPending } from './start-login.ts';

/** The next step of a person whose sign-in was refused. */
export const BACK: readonly NextStep[] = [{ href: '/console/', text: 'Back to the console' }];

const unknownLogin = () =>
  problem(
    'sign_in_refused',
    'This sign-in is unknown, was used already, is older than ten minutes, or began in another browser.',
  );

/** The callback: verifies the answer of the issuer, then leads the browser to the page with a ticket for a session, or links the identity. */
export function createFinish(deps: LoginDeps) {
  const failedAttempts = new FailedAttempts(deps.processes);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const origin = checkConsoleHost(deps.console, request.headers);
    checkSecure(origin);
    const waitMs = failedAttempts.waitMs(request);
    if (waitMs > 0) throw tooManyFailedAttempts(waitMs, 'sign-ins');
    const query = new URL(request.raw.url ?? '', origin).searchParams;
    const { login, state } = await takeLogin(deps, { request, origin, query, failedAttempts });
    const cleared = clearLoginCookie(origin, state);
    reply.header('set-cookie', cleared);
    const identity = await deps.oidc.provider.finish(query, openPending(login.pending));
    const fault = domainFault(identity, deps.oidc.domains);
    if (fault !== undefined) {
      // Limited, because it is an entry in the audit logs of a known person.
      failedAttempts.record(request);
      await deps.db.identities.recordRefusal(identity, 'domain', request.ip);
      throw problem('sign_in_refused', fault);
    }
    if (login.sessionId !== null) {
      await linkIdentity(deps, login.sessionId, identity);
      return reply.redirect(`${login.returnPath}#linked`, 303);
    }
    const outcome = await signIn(deps, identity, request.ip);
    if ('refused' in outcome) {
      if (outcome.refused === 'disabled') failedAttempts.record(request);
      return sendRefusal(reply, outcome.refused, identity);
    }
    const { ticket, browser: secret } = await deps.db.consoleLogins.createTicket(outcome.person, login.returnPath);
    reply.removeHeader('set-cookie').header('set-cookie', [cleared, ticketCookie(origin, secret)]);
    return reply.redirect(`${login.returnPath}#oidc.${ticket}`, 303);
  };
}

type Callback = { request: FastifyRequest; origin: URL; query: URLSearchParams; failedAttempts: FailedAttempts };

/** The login of a returning browser. @throws ProblemError sign_in_refused for another browser */
async function takeLogin({ db }: LoginDeps, { request, origin, query, failedAttempts }: Callback) {
  const [state = '', ...furtherStates] = query.getAll('state');
  const browser = readLoginCookie(origin, request.headers, state);
  if (browser === undefined || furtherStates.length > 0) throw unknownLogin();
  const login = await db.consoleLogins.take(state, browser);
  if (login) return { login, state };
  failedAttempts.record(request);
  throw unknownLogin();
}

async function signIn({ db, oidc }: LoginDeps, identity: VerifiedIdentity, ip: string) {
  const readDefault = async () => (await db.workspaces.first()).workspaceId;
  const roles = await groupRolesOf(identity, oidc.groups, readDefault);
  const outcome = await db.identities.signIn(identity, roles, ip);
  // As after a change by an administrator: schedules of people who may not create runs any more pause.
  for (const workspaceId of outcome.changed) await db.forWorkspace(workspaceId).schedules.pauseOrphans();
  return outcome;
}

const LINK_FAULTS = {
  session_ended: 'Your session has ended. Sign in again, then link your identity.',
  identity_taken: 'This identity is linked to another person already.',
  has_identity: 'You are linked to another identity of this identity provider already.',
} as const;

/** @throws ProblemError sign_in_refused */
async function linkIdentity({ db }: LoginDeps, sessionId: string, identity: VerifiedIdentity): Promise<void> {
  const outcome = await db.identities.link(sessionId, identity);
  if (outcome !== 'linked') throw problem('sign_in_refused', LINK_FAULTS[outcome]);
}

/** @throws ProblemError sign_in_refused for a disabled person */
function sendRefusal(reply: FastifyReply, reason: 'disabled' | 'no_workspace', identity: VerifiedIdentity) {
  const { name, email } = identity;
  if (reason === 'disabled') throw problem('sign_in_refused', 'An administrator has disabled your access.');
  const person = email === null || email === name ? name : `${name} (${email})`;
  const text = `You are signed in as ${person} and belong to no workspace. Ask an administrator.`;
  return reply
    .code(400)
    .type(HTML)
    .send(refusalPage({ texts: en }, { title: 'You belong to no workspace', detail: text }, BACK));
}
