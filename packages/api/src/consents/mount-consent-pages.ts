import { problem } from '@errand/contracts';
import { grantDestination, type WorkspaceDb } from '@errand/db';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { checkNotSuspended, LinkAccess } from '../links/link-access.ts';
import { asPage, MAX_FORM_BYTES, type PageHandler, sendPage, withForms } from '../links/serve-page.ts';
import { clearBindingCookie, readBinding, stateHashOf } from './browser-binding.ts';
import { awaitConfirmation, findVerifyUrl } from './confirmation.ts';
import { type ConsentPageDeps, showConsentForm, submitConsentForm } from './consent-form.ts';
import { outcomePage, redirectUser } from './consent-pages.ts';
import { consentHolder, noSuchConsent } from './consent-request.ts';
import { noteOutcomeBrand, outcomeBrand } from './outcome-brand.ts';

/** Mounts the pages on which users consent or enter a token. */
export function mountConsentPages(
  fastify: FastifyInstance,
  {
    consents,
    processes,
    ...otherDeps
  }: Omit<ConsentPageDeps, 'access' | 'redirects'> & Pick<ApiDeps, 'consents' | 'processes'>,
): void {
  const { db, frames } = otherDeps;
  const deps: ConsentPageDeps = {
    ...otherDeps,
    redirects: consents,
    access: new LinkAccess((token) => consents.open(token), noSuchConsent, {
      settings: db.workspaceSettings,
      frames,
      processes,
    }),
  };
  const showOutcome: PageHandler = async (request, reply) => {
    const { status, trial, brand } = request.query as { status?: unknown; trial?: unknown; brand?: unknown };
    noteOutcomeBrand(deps, request, brand);
    const outcome = status === 'success' ? 'success' : 'error';
    const frame = await frames.of(request);
    return sendPage(reply, frame, outcomePage(frame, outcome, String(trial ?? '')));
  };

  const asPageForPeople = (handle: PageHandler) => asPage(frames, handle, { forPeople: true });
  withForms(fastify, (scope) => {
    scope.get('/v1/connect', asPageForPeople(showConsentForm(deps)));
    scope.post('/v1/connect', { bodyLimit: MAX_FORM_BYTES }, asPageForPeople(submitConsentForm(deps)));
    scope.get('/v1/connect/done', asPageForPeople(showOutcome));
    scope.get('/v1/oauth/callback', { exposeHeadRoute: false }, asPageForPeople(finishConsent(deps)));
  });
}

const invalidState = () =>
  problem(
    'oauth_state_invalid',
    'This authorization cannot be completed: it is unknown, was used already, is older than ten minutes, began in another browser, or the integration has changed since.',
  );

/**
 * The redirect URI. Before it redirects the user, it stores the tokens and resumes all runs that wait for them.
 * @throws ProblemError workspace_suspended, oauth_state_invalid, oauth_issuer_mismatch; oauth_denied and oauth_failed if the user has no redirect
 */
const finishConsent =
  (deps: ConsentPageDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const publicUrl = deps.approvals.publicUrl();
    const { query, stateHash, binding } = readReturnedState(request, publicUrl);
    const { workspaceId } = binding;
    deps.frames.belongsTo(request, workspaceId);
    checkNotSuspended(deps.db.workspaceSettings, workspaceId);
    const pending = await deps.db.forWorkspace(workspaceId).pendingConsents.take(stateHash, binding.hash);
    if (!pending) throw invalidState();
    const holder = consentHolder(pending, request.ip);
    reply.header('set-cookie', clearBindingCookie(publicUrl, stateHash));
    const brand = await outcomeBrand(deps, request, workspaceId);
    const { customerIntegrationId, userId, returnTo } = pending;
    const recordConsent = (success: boolean) =>
      deps.engine.decideConsent(workspaceId, { customerIntegrationId, userId, success, by: holder });
    try {
      const workspaceDb = deps.db.forWorkspace(workspaceId, holder);
      const confirmAt = await storeGrant(deps, workspaceDb, { workspaceId, query, pending });
      if (confirmAt !== undefined) return reply.redirect(confirmAt, 303);
      await recordConsent(true);
      return redirectUser(reply, publicUrl, 'success', { returnTo, brand });
    } catch (error) {
      const code = codeOf(error);
      if (code === 'oauth_denied') await recordConsent(false);
      if (returnTo === undefined || !EXPECTED_CODES.includes(code)) throw error;
      return redirectUser(reply, publicUrl, 'error', { returnTo, brand });
    }
  };

/** Faults after which the user returns to the product. */
const EXPECTED_CODES: readonly string[] = ['oauth_denied', 'oauth_failed'];

const codeOf = (error: unknown): string => (error instanceof ProblemError ? error.code : '');

/** Reads the state of a returning browser. @throws ProblemError oauth_state_invalid for another browser */
function readReturnedState(request: FastifyRequest, publicUrl: string) {
  const query = new URL(request.raw.url ?? '', 'http://callback').searchParams;
  const states = query.getAll('state');
  if (states.length > 1) throw invalidState();
  // Some servers give the state another name, which the integration states; until it is known, the cookie of the state identifies it.
  const candidates = states.length === 1 ? states : [...query.values()].slice(0, MAX_PARAMETERS);
  for (const state of candidates) {
    const stateHash = stateHashOf(state);
    const binding = readBinding(request.headers, publicUrl, stateHash);
    if (binding) return { query, stateHash, binding };
  }
  throw invalidState();
}

const MAX_PARAMETERS = 30;

type PendingConsent = NonNullable<Awaited<ReturnType<WorkspaceDb['pendingConsents']['take']>>>;

/** Redeems the code of the authorization server, and stores the tokens. @returns the URL of the product if it must confirm the user first */
async function storeGrant(
  { connector, accessChanged, readToolsLater, redirects }: ConsentPageDeps,
  workspaceDb: WorkspaceDb,
  { workspaceId, query, pending }: { workspaceId: string; query: URLSearchParams; pending: PendingConsent },
): Promise<string | undefined> {
  const { integrations, grants } = workspaceDb;
  const { customerIntegrationId, userId, returnTo } = pending;
  const stored = await integrations.connection(customerIntegrationId);
  if (stored?.auth.type !== 'OAUTH2' || stored.registrationId !== pending.registrationId) throw invalidState();
  const { variables = {}, secretVariables = {} } = pending;
  const connection = { ...stored, userVariables: variables };
  // The user agreed to one authorization server and one service; both must be unchanged.
  if (grantDestination(connection) !== pending.grantDestination) throw invalidState();
  const verifyUrl = await findVerifyUrl(redirects, workspaceDb, stored);
  const { variables: named, ...grant } = await connector.redeem(workspaceId, connection, query, pending);
  const values = { ...variables, ...secretVariables, ...named };
  if (verifyUrl !== undefined) {
    const bound = { authType: stored.auth.type, destination: pending.grantDestination, userVariables: variables };
    const consent = { workspaceId, workspaceDb, connection, userId, returnTo };
    return awaitConfirmation({ connector }, consent, { grant, variables: values, ...bound }, verifyUrl);
  }
  if (!(await grants.store(connection, userId, { ...grant, variables: values }, connection.registrationId))) {
    // The integration was deleted while the authorization server answered.
    await connector.revoke(workspaceId, connection, grant);
    throw invalidState();
  }
  accessChanged(workspaceId);
  // A background job reads the tools, because the user waits for the next page.
  if (connection.kind === 'mcp') await readToolsLater({ workspaceId, customerIntegrationId, userId });
  return undefined;
}
