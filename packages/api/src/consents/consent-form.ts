import { problem, Secret } from '@errand/contracts';
import { type Connection, grantDestination, tokenDestination } from '@errand/db';
import type { TrialResult } from '@errand/ports/credentials';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { ConsentLink } from '../links/consent-links.ts';
import { checkOrigin, checkTicket, issueTicket } from '../links/form.ts';
import { HTML } from '../links/serve-page.ts';
import type { Visits } from '../links/visits.ts';
import { bind } from './browser.ts';
import { startHeaders, startPage } from './consent-pages.ts';
import { type ConsentRequest, readConsentRequest } from './consent-request.ts';
import { leave } from './leave.ts';
import { mustBeConfirmed, readyToConsent, scopesOf } from './ready-to-consent.ts';

export type ConnectDeps = Pick<
  ApiDeps,
  'db' | 'engine' | 'approvals' | 'connector' | 'tryToken' | 'accessChanged' | 'readToolsLater'
> & { visits: Visits<ConsentLink> };

const LONGEST_TOKEN = 16_384;

/** Shows the request. GET changes nothing, because mail scanners follow links. */
export const show =
  (deps: ConnectDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const token = String((request.query as { token?: unknown }).token ?? '');
    const consent = await readConsentRequest(deps, token, request.ip);
    mustBeConfirmed(consent.connection);
    return sendStart(deps, request, reply, { asked: consent, token });
  };

/** Redirects to the authorization server with a new state, or stores the entered token. */
export const submit =
  (deps: ConnectDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    checkOrigin(deps.approvals, request.headers);
    const form = new URLSearchParams(String(request.body ?? ''));
    const token = form.get('token') ?? '';
    const consent = await readConsentRequest(deps, token, request.ip);
    checkTicket(deps.approvals, request.headers, subjectOf(consent), form.get('csrf') ?? '');
    const { connection, userId, workspaceId, holder } = consent;
    const { customerIntegrationId } = connection;
    if (form.get('decision') === 'deny') {
      await deps.engine.consented(workspaceId, { customerIntegrationId, userId, success: false, by: holder });
      return leave(reply, deps.approvals.publicUrl(), 'error', consent);
    }
    const again: ShowAgain = (code, fault, shownConnection = connection) =>
      sendStart(deps, request, reply.code(code), { asked: { ...consent, connection: shownConnection }, token, fault });
    if (connection.auth.type === 'OAUTH2') return sendOn(deps, reply, consent, again);
    if (connection.auth.type !== 'API_TOKEN') throw nothing();
    const stored = await storeToken(deps, consent, form);
    if ('fault' in stored) return again(stored.code, stored.fault);
    return leave(reply, deps.approvals.publicUrl(), 'success', { ...consent, trial: stored.trial });
  };

type ShowAgain = (code: number, fault?: string, shown?: Connection) => Promise<FastifyReply>;

/** Redirects the user to the authorization server, or shows the page again. */
async function sendOn(
  deps: ConnectDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
  again: ShowAgain,
): Promise<unknown> {
  mustBeConfirmed(consent.connection);
  const ready = await readyToConsent(deps, consent);
  if (ready.kind === 'later') return again(503, `${ready.why} Try again later.`);
  if (ready.kind === 'changed') return again(200, undefined, ready.connection);
  return sendAway(deps, reply, { ...consent, connection: ready.connection });
}

/** Tries the token that a user entered, and stores it. @returns the fault and the status of the page if it is refused */
async function storeToken(
  deps: ConnectDeps,
  { connection, userId, workspaceId, workspaceDb, holder }: ConsentRequest,
  form: URLSearchParams,
): Promise<{ trial: TrialResult } | { fault: string; code: number }> {
  const { customerIntegrationId } = connection;
  const apiToken = (form.get('apiToken') ?? '').trim();
  if (apiToken === '' || apiToken.length > LONGEST_TOKEN || /[\r\n\0]/.test(apiToken))
    return { code: 400, fault: 'Enter the token as one line of text.' };
  if (form.get('origin') !== tokenDestination(connection)) return { code: 409, fault: movedTo(connection) };
  const entered = new Secret(apiToken);
  const trial = await deps.tryToken(workspaceId, connection, entered);
  if (trial === 'rejected') return { code: 400, fault: notAccepted(connection) };
  if (!(await workspaceDb.credentials.putUserToken(connection, userId, entered))) throw nothing();
  deps.accessChanged(workspaceId);
  await deps.engine.consented(workspaceId, { customerIntegrationId, userId, success: true, by: holder });
  return { trial };
}

const nothing = () => problem('consent_gone', 'The integration no longer needs anything from its users.');

const movedTo = ({ name, host }: Connection) =>
  `${name} has moved to ${host}. The token was not stored. Enter it again if it may be sent there.`;

const notAccepted = ({ name }: Connection) =>
  `${name} did not accept this token, and it was not stored. Check the token and enter it again.`;

/** The subject to which the CSRF token of a form is bound. */
const subjectOf = ({ workspaceId, connection, userId }: ConsentRequest): string =>
  JSON.stringify(['consent', workspaceId, connection.customerIntegrationId, userId]);

async function sendAway(
  { connector, approvals }: ConnectDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
): Promise<unknown> {
  const { connection, workspaceId, userId, returnTo, workspaceDb } = consent;
  const { url, begun } = await connector.authorize(connection, await scopesOf(consent));
  const bond = bind(approvals.publicUrl(), workspaceId, begun.stateHash);
  const target = { customerIntegrationId: connection.customerIntegrationId, userId };
  const agreed = { grantDestination: grantDestination(connection), ...(returnTo !== undefined && { returnTo }) };
  await workspaceDb.pendingConsents.put({ ...begun, ...target, ...agreed }, bond.hash);
  return reply.header('set-cookie', bond.setCookie).redirect(url.href, 303);
}

async function sendStart(
  { approvals }: ConnectDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { asked: consent, token, fault }: { asked: ConsentRequest; token: string; fault?: string | undefined },
): Promise<FastifyReply> {
  const { connection, userId, returnTo, intent } = consent;
  const { auth, oauthServer } = connection;
  if (auth.type !== 'OAUTH2' && auth.type !== 'API_TOKEN') throw nothing();
  const { csrf, setCookie } = issueTicket(approvals, request.headers, subjectOf(consent));
  const { authorizationUrl } = ((auth.type === 'OAUTH2' && oauthServer) || {}) as { authorizationUrl?: string };
  const scopes = auth.type === 'OAUTH2' ? await scopesOf(consent) : undefined;
  const workspace = await consent.workspaceDb.workspaceName();
  reply.headers(startHeaders([authorizationUrl, returnTo]));
  if (request.method !== 'HEAD') reply.header('set-cookie', setCookie);
  return reply
    .type(HTML)
    .send(startPage({ connection, userId, token, csrf, workspace, intent, authorizationUrl, scopes, problem: fault }));
}
