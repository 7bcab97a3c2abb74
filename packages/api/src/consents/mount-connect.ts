import { problem } from '@errand/contracts';
import { grantDestination, type WorkspaceDb } from '@errand/db';
import { ProblemError } from '@errand/trpc-openapi';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { asPage, type Handle, HTML, MAX_FORM_BYTES, withForms } from '../links/serve-page.ts';
import { Visits } from '../links/visits.ts';
import { bondOf, hashOfState, unbind } from './browser.ts';
import { type ConnectDeps, show, submit } from './consent-form.ts';
import { endPage, redirectUser } from './consent-pages.ts';
import { consentHolder, noSuchConsent } from './consent-request.ts';

/** Mounts the pages on which users consent or enter a token. */
export function mountConnect(
  fastify: FastifyInstance,
  { consents, ...others }: Omit<ConnectDeps, 'visits'> & Pick<ApiDeps, 'consents'>,
): void {
  const deps: ConnectDeps = { ...others, visits: new Visits((token) => consents.open(token), noSuchConsent) };
  const end: Handle = async (request, reply) => {
    const { status, trial } = request.query as { status?: unknown; trial?: unknown };
    return reply.type(HTML).send(endPage(status === 'success' ? 'success' : 'error', String(trial ?? '')));
  };

  // People read these answers.
  const page = (handle: Handle) => asPage(handle, { forPeople: true });
  withForms(fastify, (scope) => {
    scope.route({ method: 'GET', url: '/v1/connect', handler: page(show(deps)) });
    scope.route({ method: 'POST', url: '/v1/connect', bodyLimit: MAX_FORM_BYTES, handler: page(submit(deps)) });
    scope.route({ method: 'GET', url: '/v1/connect/done', handler: page(end) });
    scope.route({ method: 'GET', url: '/v1/oauth/callback', exposeHeadRoute: false, handler: page(callback(deps)) });
  });
}

const invalid = () =>
  problem(
    'oauth_state_invalid',
    'This authorization cannot be completed: it is unknown, was used already, is older than ten minutes, began in another browser, or the integration has changed since.',
  );

/**
 * The redirect URI. Before it redirects the user, it stores the tokens and resumes all runs that wait for them.
 * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch; oauth_denied and oauth_failed if the user has no redirect
 */
const callback =
  (deps: ConnectDeps) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const publicUrl = deps.approvals.publicUrl();
    const { query, stateHash, bond } = returnedState(request, publicUrl);
    const { workspaceId } = bond;
    const pending = await deps.db.forWorkspace(workspaceId).pendingConsents.take(stateHash, bond.hash);
    if (!pending) throw invalid();
    const holder = consentHolder(pending, request.ip);
    reply.header('set-cookie', unbind(publicUrl, stateHash));
    const { customerIntegrationId, userId, returnTo } = pending;
    const record = (success: boolean) =>
      deps.engine.consented(workspaceId, { customerIntegrationId, userId, success, by: holder });
    try {
      await storeGrant(deps, deps.db.forWorkspace(workspaceId, holder), { workspaceId, query, pending });
      await record(true);
      return redirectUser(reply, publicUrl, 'success', { returnTo });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.code === 'oauth_denied') await record(false);
      const isExpected = error.code === 'oauth_denied' || error.code === 'oauth_failed';
      if (returnTo === undefined || !isExpected) throw error;
      return redirectUser(reply, publicUrl, 'error', { returnTo });
    }
  };

/** Reads the state of a returning browser. @throws ProblemError oauth_state_invalid for another browser */
function returnedState(request: FastifyRequest, publicUrl: string) {
  const query = new URL(request.raw.url ?? '', 'http://callback').searchParams;
  const states = query.getAll('state');
  const stateHash = hashOfState(states[0] ?? '');
  const bond = bondOf(request.headers, publicUrl, stateHash);
  if (!bond || states.length !== 1) throw invalid();
  return { query, stateHash, bond };
}

type Pending = NonNullable<Awaited<ReturnType<WorkspaceDb['pendingConsents']['take']>>>;

/** Redeems the code of the authorization server, and stores the tokens. */
async function storeGrant(
  { connector, accessChanged, readToolsLater }: ConnectDeps,
  { integrations, grants }: WorkspaceDb,
  { workspaceId, query, pending }: { workspaceId: string; query: URLSearchParams; pending: Pending },
): Promise<void> {
  const { customerIntegrationId, userId } = pending;
  const connection = await integrations.connection(customerIntegrationId);
  if (connection?.auth.type !== 'OAUTH2' || connection.registrationId !== pending.registrationId) throw invalid();
  // The user agreed to one authorization server and one service; both must be unchanged.
  if (grantDestination(connection) !== pending.grantDestination) throw invalid();
  const grant = await connector.redeem(workspaceId, connection, query, pending);
  if (!(await grants.put(connection, userId, grant, connection.registrationId))) {
    // The integration was deleted while the authorization server answered.
    await connector.revoke(workspaceId, connection, grant);
    throw invalid();
  }
  accessChanged(workspaceId);
  // A background job reads the tools, because the user waits for the next page.
  if (connection.kind === 'mcp') await readToolsLater({ workspaceId, customerIntegrationId, userId });
}
