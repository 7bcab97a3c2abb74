import { isDeepStrictEqual } from 'node:util';
import { problem, type VariableValues } from '@errand/contracts';
import { expandKnown, valuesFor } from '@errand/contracts/variable-values';
import { type Connection, grantDestination, tokenDestination } from '@errand/db';
import type { AuthorizationLookup, Connector, TrialResult } from '@errand/ports/credentials';
import type { OAuthHints } from '@errand/ports/service-auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { isUnconfirmed } from '../integrations/auth/pending-issuer.ts';
import { takesUsers } from '../integrations/auth/takes-users.ts';
import { enteredCredential, isBlank, takesCredential } from '../integrations/auth/user-credential.ts';
import { addressOf } from '../integrations/settings.ts';
import type { ConsentLink, ConsentPort } from '../links/consent-links.ts';
import { checkCsrfToken, checkOrigin, issueCsrfToken } from '../links/csrf.ts';
import type { LinkAccess } from '../links/link-access.ts';
import { HTML } from '../links/serve-page.ts';
import type { PageFrames } from '../pages/page-frames.ts';
import type { Texts } from '../pages/texts/en.ts';
import { createBinding } from './browser-binding.ts';
import { awaitConfirmation, findVerifyUrl } from './confirmation.ts';
import { consentFormHeaders, consentFormPage, redirectUser } from './consent-pages.ts';
import { type ConsentRequest, readConsentRequest } from './consent-request.ts';
import { outcomeBrand } from './outcome-brand.ts';
import { askedVariables, type EnteredVariables, readVariables, storedVariables } from './variable-fields.ts';

export type ConsentPageDeps = Pick<
  ApiDeps,
  'db' | 'engine' | 'approvals' | 'connector' | 'tryToken' | 'accessChanged' | 'readToolsLater'
> & { access: LinkAccess<ConsentLink>; redirects: Pick<ConsentPort, 'mayReturnTo'>; frames: PageFrames };

/** Shows the request. GET changes nothing, because mail scanners follow links. */
export const showConsentForm =
  (deps: ConsentPageDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const token = String((request.query as { token?: unknown }).token ?? '');
    const consent = await readConsentRequest(deps, token, request);
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
    const asked = await readConsentRequest(deps, token, request);
    const consent = { ...asked, entered: await readVariables(asked, form) };
    checkCsrfToken(deps.approvals, request.headers, csrfSubject(consent), form.get('csrf') ?? '');
    const { connection, userId, workspaceId, holder } = consent;
    const { customerIntegrationId } = connection;
    const brand = await outcomeBrand(deps, request, workspaceId);
    if (form.get('decision') === 'deny') {
      await deps.engine.decideConsent(workspaceId, { customerIntegrationId, userId, success: false, by: holder });
      return redirectUser(reply, deps.approvals.publicUrl(), 'error', { ...consent, brand });
    }
    const sendAgain: SendFormAgain = (code, fault, shownConnection = connection) =>
      sendForm(deps, request, reply.code(code), { consent: { ...consent, connection: shownConnection }, token, fault });
    if (!takesUsers(connection)) throw nothingNeeded();
    if (Object.keys(consent.entered.faults).length > 0) return sendAgain(400, ({ consent }) => consent.valuesRefused);
    if (connection.auth.type === 'OAUTH2') return continueToServer(deps, reply, consent, sendAgain);
    const stored = await storeEntered(deps, consent, form);
    if ('fault' in stored) return sendAgain(stored.code, stored.fault);
    if ('confirmAt' in stored) return reply.redirect(stored.confirmAt, 303);
    return redirectUser(reply, deps.approvals.publicUrl(), 'success', { ...consent, brand, trial: stored.trial });
  };

/** The text about the previous submission. */
type FaultText = (texts: Texts) => string;
/** Shows the form again. */
type SendFormAgain = (code: number, fault?: FaultText, shown?: Connection) => Promise<FastifyReply>;

/** Redirects the user to the authorization server, or shows the page again. */
async function continueToServer(
  deps: ConsentPageDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
  sendAgain: SendFormAgain,
): Promise<unknown> {
  checkIsConfirmed(consent.connection);
  const readiness = await prepareConsent(deps, consent);
  if (readiness.kind === 'later') return sendAgain(503, ({ consent }) => consent.later(readiness.why));
  if (readiness.kind === 'changed') return sendAgain(200, undefined, readiness.connection);
  return redirectToServer(deps, reply, { ...consent, connection: readiness.connection });
}

type EnteredRequest = ConsentRequest & { entered: EnteredVariables };

/**
 * Tries the token that a user entered, and stores it with the values of variables, if the product need not confirm the user.
 * @returns the URL of the product; or the fault and the status of the page if the token is refused
 */
async function storeEntered(
  deps: ConsentPageDeps,
  consent: EnteredRequest,
  form: URLSearchParams,
): Promise<{ trial?: TrialResult } | { confirmAt: string } | { fault: FaultText; code: number }> {
  const { connection, userId, workspaceId, workspaceDb, holder, entered } = consent;
  const { customerIntegrationId } = connection;
  const token = takesCredential(connection.auth) ? await enteredToken(consent, form) : undefined;
  if (token && 'fault' in token) return { code: 400, fault: (texts) => texts.consent.enter[token.fault] };
  if (form.get('origin') !== tokenDestination(connection))
    return { code: 409, fault: (texts) => texts.consent.moved(connection.name, connection.host) };
  const target = { ...connection, userVariables: entered.values };
  const trial = token && (await deps.tryToken(workspaceId, target, token)).result;
  if (trial === 'rejected') return { code: 400, fault: (texts) => texts.consent.rejected(connection.name) };
  const credential = { ...(token && { token }), variables: { ...entered.values, ...entered.secrets } };
  const verifyUrl = await findVerifyUrl(deps.redirects, workspaceDb, connection);
  if (verifyUrl !== undefined) {
    const { auth } = connection;
    const bound = { authType: auth.type, destination: tokenDestination(connection), userVariables: {} };
    return { confirmAt: await awaitConfirmation(deps, consent, { ...credential, ...bound }, verifyUrl) };
  }
  if (!(await workspaceDb.credentials.putUser(connection, userId, credential))) throw nothingNeeded();
  deps.accessChanged(workspaceId);
  await deps.engine.decideConsent(workspaceId, { customerIntegrationId, userId, success: true, by: holder });
  return trial ? { trial } : {};
}

/** The credential of a form; undefined if it is empty and the stored one of the user or workspace stays usable. */
async function enteredToken(
  consent: EnteredRequest,
  form: URLSearchParams,
): Promise<ReturnType<typeof enteredCredential> | undefined> {
  if (isBlank(form) && (await mayKeepToken(consent))) return undefined;
  return enteredCredential(consent.connection.auth, form);
}

async function mayKeepToken({ connection, userId, workspaceDb, entered }: EnteredRequest): Promise<boolean> {
  if (askedVariables(connection).length === 0) return false;
  const user = await workspaceDb.credentials.getUser(connection.customerIntegrationId, userId);
  if (!user?.token) return connection.tokenFingerprint !== undefined;
  const isSame = (userVariables: VariableValues = {}) => tokenDestination({ ...connection, userVariables });
  return user.active && isSame(user.variables) === isSame(entered.values);
}

const nothingNeeded = () => problem('consent_gone', 'The integration no longer needs anything from its users.');

/** The subject to which the CSRF token of a form is bound. */
const csrfSubject = ({ workspaceId, connection, userId }: ConsentRequest): string =>
  JSON.stringify(['consent', workspaceId, connection.customerIntegrationId, userId]);

/** Begins a consent at the authorization server, and redirects the user there. */
async function redirectToServer(
  { connector, approvals }: ConsentPageDeps,
  reply: FastifyReply,
  consent: ConsentRequest,
): Promise<unknown> {
  const { workspaceId, userId, returnTo, workspaceDb, entered } = consent;
  const connection = { ...consent.connection, ...(entered && { userVariables: entered.values }) };
  const { url, pending } = await connector.authorize(
    workspaceId,
    connection,
    await requestedScopes({ ...consent, connection }),
  );
  const binding = createBinding(approvals.publicUrl(), workspaceId, pending.stateHash);
  const target = { customerIntegrationId: connection.customerIntegrationId, userId };
  const agreement = { grantDestination: grantDestination(connection), ...(returnTo !== undefined && { returnTo }) };
  const values = { variables: entered?.values, secretVariables: entered?.secrets };
  await workspaceDb.pendingConsents.put({ ...pending, ...target, ...agreement, ...values }, binding.hash);
  return reply.header('set-cookie', binding.setCookie).redirect(url.href, 303);
}

/** Sends the page of the request, with a new CSRF token. */
async function sendForm(
  { approvals, redirects, frames }: ConsentPageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  { consent, token, fault }: { consent: ConsentRequest; token: string; fault?: FaultText | undefined },
): Promise<FastifyReply> {
  const { connection, userId, userName, returnTo, intent } = consent;
  const { auth, oauthServer } = connection;
  if (!takesUsers(connection)) throw nothingNeeded();
  const entered = consent.entered ?? (await storedVariables(consent));
  const { csrf, setCookie } = issueCsrfToken(approvals, request.headers, csrfSubject(consent));
  const target = { ...connection, userVariables: entered.values };
  const { authorizationUrl: template } = ((auth.type === 'OAUTH2' && oauthServer) || {}) as OAuthHints;
  const authorizationUrl = template && withKnownValues(template, target);
  const scopes = auth.type === 'OAUTH2' ? await requestedScopes({ ...consent, connection: target }) : undefined;
  const workspace = await consent.workspaceDb.workspaceName();
  const frame = await frames.of(request);
  const { texts } = frame;
  const verifyUrl = await findVerifyUrl(redirects, consent.workspaceDb, connection);
  reply.headers(consentFormHeaders([authorizationUrl, returnTo, verifyUrl], frame.brand));
  if (request.method !== 'HEAD') reply.header('set-cookie', setCookie);
  return reply.type(HTML).send(
    consentFormPage({
      ...frame,
      connection,
      userId,
      userName,
      consentToken: token,
      csrf,
      workspace,
      intent,
      authorizationUrl,
      scopes,
      entered,
      isVerified: verifyUrl !== undefined,
      problem: fault?.(texts),
    }),
  );
}

/** A URL template with the values of the owner and of the user. Others stay in it. */
const withKnownValues = (template: string, { variables = {}, userVariables }: Connection): string =>
  expandKnown(template, valuesFor(variables, userVariables));

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
