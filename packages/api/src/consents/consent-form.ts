import { isDeepStrictEqual } from 'node:util';
import { problem, Secret } from '@errand/contracts';
import { type Connection, grantDestination, tokenDestination } from '@errand/db';
import type { AuthorizationLookup, Connector, TrialResult } from '@errand/ports/credentials';
import type { OAuthHints } from '@errand/ports/service-auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { isUnconfirmed } from '../integrations/pending-issuer.ts';
import { addressOf } from '../integrations/settings.ts';
import type { ConsentLink } from '../links/consent-links.ts';
import { checkCsrfToken, checkOrigin, issueCsrfToken } from '../links/csrf.ts';
import type { LinkAccess } from '../links/link-access.ts';
import { HTML } from '../links/serve-page.ts';
import { createBinding } from './browser-binding.ts';
import { consentFormHeaders, consentFormPage, redirectUser } from './consent-pages.ts';
import { type ConsentRequest, readConsentRequest } from './consent-request.ts';

export type ConsentPageDeps = Pick<
  ApiDeps,
  'db' | 'engine' | 'approvals' | 'connector' | 'tryToken' | 'accessChanged' | 'readToolsLater'
> & { access: LinkAccess<ConsentLink> };

const MAX_TOKEN_LENGTH = 16_384;

/** Shows the request. GET changes nothing, because mail scanners follow links. */
export const showConsentForm =
  (deps: ConsentPageDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const token = String((request.query as { token?: unknown }).token ?? '');
    const consent = await readConsentRequest(deps, token, request.ip);
    checkIsConfirmed(consent.connection);
    return sendForm(deps, request, reply, { consent, token });
  };

/** Redirects to the authorization server with a new state, or stores the entered token. */
export const submitConsentForm =
  (deps: ConsentPageDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    checkOrigin(deps.approvals, request.headers);
    const form = new URLSearchParams(String(request.body ?? ''));
    const token = form.get('token') ?? '';
    const consent = await readConsentRequest(deps, token, request.ip);
    checkCsrfToken(deps.approvals, request.headers, csrfSubject(consent), form.get('csrf') ?? '');
    const { connection, userId, workspaceId, holder } = consent;
    const { customerIntegrationId } = connection;
    if (form.get('decision') === 'deny') {
      await deps.engine.decideConsent(workspaceId, { customerIntegrationId, userId, success: false, by: holder });
      return redirectUser(reply, deps.approvals.publicUrl(), 'error', consent);
    }
    const sendAgain: SendFormAgain = (code, fault, shownConnection = connection) =>
      sendForm(deps, request, reply.code(code), { consent: { ...consent, connection: shownConnection }, token, fault });
    if (connection.auth.type === 'OAUTH2') return continueToServer(deps, reply, consent, sendAgain);
    if (connection.auth.type !== 'API_TOKEN') throw nothingNeeded();
    const stored = await storeToken(deps, consent, form);
    if ('fault' in stored) return sendAgain(stored.code, stored.fault);
    return redirectUser(reply, deps.approvals.publicUrl(), 'success', { ...consent, trial: stored.trial });
  };

/** Shows the form again. @param fault text about the previous submission */
type SendFormAgain = (code: number, fault?: string, shown?: Connection) => Promise<FastifyReply>;

/** Redirects the user to the authorization server, or shows the page again. */
async function continueToServer(
  deps: ConsentPageDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
  sendAgain: SendFormAgain,
): Promise<unknown> {
  checkIsConfirmed(consent.connection);
  const readiness = await prepareConsent(deps, consent);
  if (readiness.kind === 'later') return sendAgain(503, `${readiness.why} Try again later.`);
  if (readiness.kind === 'changed') return sendAgain(200, undefined, readiness.connection);
  return redirectToServer(deps, reply, { ...consent, connection: readiness.connection });
}

/** Tries the token that a user entered, and stores it. @returns the fault and the status of the page if it is refused */
async function storeToken(
  deps: ConsentPageDeps,
  { connection, userId, workspaceId, workspaceDb, holder }: ConsentRequest,
  form: URLSearchParams,
): Promise<{ trial: TrialResult } | { fault: string; code: number }> {
  const { customerIntegrationId } = connection;
  const apiToken = (form.get('apiToken') ?? '').trim();
  if (apiToken === '' || apiToken.length > MAX_TOKEN_LENGTH || /[\r\n\0]/.test(apiToken))
    return { code: 400, fault: 'Enter the token as one line of text.' };
  if (form.get('origin') !== tokenDestination(connection)) return { code: 409, fault: movedText(connection) };
  const enteredToken = new Secret(apiToken);
  const trial = await deps.tryToken(workspaceId, connection, enteredToken);
  if (trial === 'rejected') return { code: 400, fault: rejectedText(connection) };
  if (!(await workspaceDb.credentials.putUserToken(connection, userId, enteredToken))) throw nothingNeeded();
  deps.accessChanged(workspaceId);
  await deps.engine.decideConsent(workspaceId, { customerIntegrationId, userId, success: true, by: holder });
  return { trial };
}

const nothingNeeded = () => problem('consent_gone', 'The integration no longer needs anything from its users.');

const movedText = ({ name, host }: Connection) =>
  `${name} has moved to ${host}. The token was not stored. Enter it again if it may be sent there.`;

const rejectedText = ({ name }: Connection) =>
  `${name} did not accept this token, and it was not stored. Check the token and enter it again.`;

/** The subject to which the CSRF token of a form is bound. */
const csrfSubject = ({ workspaceId, connection, userId }: ConsentRequest): string =>
  JSON.stringify(['consent', workspaceId, connection.customerIntegrationId, userId]);

/** Begins a consent at the authorization server, and redirects the user there. */
async function redirectToServer(
  { connector, approvals }: ConsentPageDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
): Promise<unknown> {
  const { connection, workspaceId, userId, returnTo, workspaceDb } = consent;
  const { url, pending } = await connector.authorize(connection, await requestedScopes(consent));
  const binding = createBinding(approvals.publicUrl(), workspaceId, pending.stateHash);
  const target = { customerIntegrationId: connection.customerIntegrationId, userId };
  const agreement = { grantDestination: grantDestination(connection), ...(returnTo !== undefined && { returnTo }) };
  await workspaceDb.pendingConsents.put({ ...pending, ...target, ...agreement }, binding.hash);
  return reply.header('set-cookie', binding.setCookie).redirect(url.href, 303);
}

/** Sends the page of the request, with a new CSRF token. */
async function sendForm(
  { approvals }: ConsentPageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { consent, token, fault }: { consent: ConsentRequest; token: string; fault?: string | undefined },
): Promise<FastifyReply> {
  const { connection, userId, returnTo, intent } = consent;
  const { auth, oauthServer } = connection;
  if (auth.type !== 'OAUTH2' && auth.type !== 'API_TOKEN') throw nothingNeeded();
  const { csrf, setCookie } = issueCsrfToken(approvals, request.headers, csrfSubject(consent));
  const { authorizationUrl } = ((auth.type === 'OAUTH2' && oauthServer) || {}) as { authorizationUrl?: string };
  const scopes = auth.type === 'OAUTH2' ? await requestedScopes(consent) : undefined;
  const workspace = await consent.workspaceDb.workspaceName();
  reply.headers(consentFormHeaders([authorizationUrl, returnTo]));
  if (request.method !== 'HEAD') reply.header('set-cookie', setCookie);
  return reply.type(HTML).send(
    consentFormPage({
      connection,
      userId,
      consentToken: token,
      csrf,
      workspace,
      intent,
      authorizationUrl,
      scopes,
      problem: fault,
    }),
  );
}

/** `changed`: the user has not seen the authorization server yet. `later`: the server does not answer now. */
type Readiness =
  | { kind: 'ready'; connection: Connection }
  | { kind: 'changed'; connection: Connection }
  | { kind: 'later'; why: string };

/**
 * Prepares an integration for a consent: discovers the authorization server of an MCP server if it is unknown, and registers a client
 * there if none exists or its secret has expired.
 * @throws ProblemError oauth_failed and others of discovery; consent_gone
 */
async function prepareConsent(
  { connector, accessChanged }: { connector: Connector; accessChanged: (workspaceId: string) => void },
  { connection, workspaceId, workspaceDb }: Pick<ConsentRequest, 'connection' | 'workspaceId' | 'workspaceDb'>,
): Promise<Readiness> {
  const { kind, auth, oauthServer } = connection;
  const registers = auth.clientId === undefined;
  if (kind !== 'mcp' || (oauthServer !== undefined && !registers)) return { kind: 'ready', connection };
  const hints = { ownerHints: (auth.given ?? {}) as OAuthHints, assumesServer: true, registersClient: registers };
  const authorization: AuthorizationLookup =
    oauthServer === undefined
      ? await connector.findAuthorization(workspaceId, addressOf(connection), hints)
      : await connector.withClient(workspaceId, oauthServer);
  if (authorization.kind === 'later') return { kind: 'later', why: authorization.why };
  if (authorization.kind === 'foreign') {
    await workspaceDb.integrations.setPendingIssuer(connection, authorization.issuer);
    throw unconfirmed(connection);
  }
  if (authorization.kind === 'none')
    throw problem('oauth_failed', 'The service no longer names an authorization server.');
  if (isDeepStrictEqual(authorization.server, oauthServer)) return { kind: 'ready', connection };
  const stored = await workspaceDb.integrations.setAuthorization(connection, authorization.server);
  if (!stored) throw problem('consent_gone', 'The integration was deleted.');
  accessChanged(workspaceId);
  return { kind: oauthServer === undefined ? 'changed' : 'ready', connection: stored };
}

const unconfirmed = ({ name }: Connection) =>
  problem(
    'oauth_failed',
    `${name} sends its users to another site to sign in, and its owner has not confirmed that site yet. Ask the owner.`,
    { remedy: 'Confirm the authorization server: PATCH the integration with `confirmIssuer`.' },
  );

/** @throws ProblemError oauth_failed if the owner must confirm the authorization server first */
function checkIsConfirmed(connection: Connection): void {
  if (isUnconfirmed(connection)) throw unconfirmed(connection);
}

/**
 * The scopes that a user is asked for: those of the owner, by default those of the service. If the service required more scopes during a
 * run, they are added to the granted scopes.
 */
async function requestedScopes({
  connection,
  userId,
  workspaceDb,
}: Pick<ConsentRequest, 'connection' | 'userId' | 'workspaceDb'>) {
  const { auth, oauthServer } = connection;
  const lists = [auth.scopes, (oauthServer as { scopes?: unknown } | undefined)?.scopes];
  const declaredScopes = (lists.find((list) => Array.isArray(list) && list.length > 0) ?? []) as unknown[];
  const scopes = declaredScopes.filter((scope) => typeof scope === 'string');
  const storedScopes = await workspaceDb.grants.scopes(connection, userId);
  if (!storedScopes?.required) return scopes;
  const grantedScopes = [storedScopes.granted, storedScopes.required].flatMap(
    (text) => text?.split(' ').filter(Boolean) ?? [],
  );
  return [...new Set([...scopes, ...grantedScopes])];
}
