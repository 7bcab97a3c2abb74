import { problem, Secret } from '@errand/contracts';
import { type Connection, grantDestination, tokenDestination } from '@errand/db';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../../deps.ts';
import { startHeaders, startPage } from '../ask/consent-pages.ts';
import type { ConsentLink } from '../ask/consent-port.ts';
import { type Asked, whatIsAsked } from '../ask/consent-request.ts';
import { bind } from './browser.ts';
import { checkOrigin, checkTicket, issueTicket } from './form.ts';
import { leave } from './leave.ts';
import { mustBeConfirmed, readyToConsent, scopesOf } from './ready-to-consent.ts';
import type { Visits } from './visits.ts';

export type ConnectDeps = Pick<
  ApiDeps,
  'db' | 'engine' | 'approvals' | 'connector' | 'tryToken' | 'accessChanged' | 'readToolsLater'
> & { visits: Visits<ConsentLink> };

const LONGEST_TOKEN = 16_384;

/** Shows the request. GET changes nothing: mail scanners follow links. */
export const show =
  (deps: ConnectDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const token = String((request.query as { token?: unknown }).token ?? '');
    const asked = await whatIsAsked(deps, token, request.ip);
    mustBeConfirmed(asked.connection);
    return sendStart(deps, request, reply, { asked, token });
  };

/** Redirects to the authorization server, with a new state, or stores the token that was entered. */
export const submit =
  (deps: ConnectDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    checkOrigin(deps.approvals, request.headers);
    const form = new URLSearchParams(String(request.body ?? ''));
    const token = form.get('token') ?? '';
    const asked = await whatIsAsked(deps, token, request.ip);
    checkTicket(deps.approvals, request.headers, subjectOf(asked), form.get('csrf') ?? '');
    const { connection, userId, workspaceId, holder } = asked;
    const { customerIntegrationId } = connection;
    if (form.get('decision') === 'deny') {
      await deps.engine.consented(workspaceId, { customerIntegrationId, userId, success: false, by: holder });
      return leave(reply, deps.approvals.publicUrl(), 'error', asked);
    }
    switch (connection.auth.type) {
      case 'OAUTH2': {
        mustBeConfirmed(connection);
        const ready = await readyToConsent(deps, asked);
        if (ready.kind === 'ready') return sendAway(deps, reply, { ...asked, connection: ready.connection });
        if (ready.kind === 'changed')
          return sendStart(deps, request, reply, { asked: { ...asked, connection: ready.connection }, token });
        return sendStart(deps, request, reply.code(503), { asked, token, fault: `${ready.why} Try again later.` });
      }
      case 'API_TOKEN': {
        const apiToken = (form.get('apiToken') ?? '').trim();
        if (apiToken === '' || apiToken.length > LONGEST_TOKEN || /[\r\n\0]/.test(apiToken)) {
          return sendStart(deps, request, reply.code(400), {
            asked,
            token,
            fault: 'Enter the token: one line of text.',
          });
        }
        if (form.get('origin') !== tokenDestination(connection)) {
          return sendStart(deps, request, reply.code(409), { asked, token, fault: movedTo(connection) });
        }
        const entered = new Secret(apiToken);
        const trial = await deps.tryToken(workspaceId, connection, entered);
        if (trial === 'rejected') {
          return sendStart(deps, request, reply.code(400), { asked, token, fault: notAccepted(connection) });
        }
        const stored = await asked.workspaceDb.credentials.putUserToken(connection, userId, entered);
        if (!stored) throw nothing();
        deps.accessChanged(workspaceId);
        await deps.engine.consented(workspaceId, { customerIntegrationId, userId, success: true, by: holder });
        return leave(reply, deps.approvals.publicUrl(), 'success', { ...asked, trial });
      }
      default:
        throw nothing();
    }
  };

const nothing = () => problem('consent_gone', 'The integration needs nothing from its users any more.');

const movedTo = ({ name, host }: Connection) =>
  `${name} is at ${host} now. Nothing was kept. Enter the token again if it may be sent there.`;

const notAccepted = ({ name }: Connection) =>
  `${name} did not accept this token. Nothing was kept. Check the token and enter it again.`;

/** What the CSRF token of a form is bound to. */
const subjectOf = ({ workspaceId, connection, userId }: Asked): string =>
  JSON.stringify(['consent', workspaceId, connection.customerIntegrationId, userId]);

async function sendAway({ connector, approvals }: ConnectDeps, reply: FastifyReply, asked: Asked): Promise<unknown> {
  const { connection, workspaceId, userId, returnTo, workspaceDb } = asked;
  const { url, begun } = await connector.authorize(connection, await scopesOf(asked));
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
  { asked, token, fault }: { asked: Asked; token: string; fault?: string },
): Promise<FastifyReply> {
  const { connection, userId, returnTo, intent } = asked;
  const { auth, oauthServer } = connection;
  if (auth.type !== 'OAUTH2' && auth.type !== 'API_TOKEN') throw nothing();
  const { csrf, setCookie } = issueTicket(approvals, request.headers, subjectOf(asked));
  const { authorizationUrl } = ((auth.type === 'OAUTH2' && oauthServer) || {}) as { authorizationUrl?: string };
  const scopes = auth.type === 'OAUTH2' ? await scopesOf(asked) : undefined;
  const workspace = await asked.workspaceDb.workspaceName();
  reply.headers(startHeaders([authorizationUrl, returnTo]));
  if (request.method !== 'HEAD') reply.header('set-cookie', setCookie);
  return reply
    .type('text/html; charset=utf-8')
    .send(startPage({ connection, userId, token, csrf, workspace, intent, authorizationUrl, scopes, problem: fault }));
}
