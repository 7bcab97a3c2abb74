import { type contract, problem } from '@errand/contracts';
import {
  type Connection,
  grantDestination,
  toErasedGrant,
  tokenDestination,
  type UnconfirmedConsent,
} from '@errand/db';
import type { Context, ContractHandlers, Handler } from '../context.ts';
import { takesUsers } from '../integrations/auth/takes-users.ts';
import { revokeErasedGrants } from '../integrations/users/revoke-erased-grants.ts';
import { succeededUrl } from './consent-pages.ts';

/** Stores the credential of a consent for its user, and resumes the runs that wait for it. */
const confirmConsent: Handler<typeof contract.consents.confirm> = async ({ input: { code, userId }, ctx }) => {
  const { deps, principal, workspaceDb } = ctx;
  const { workspaceId } = principal;
  const consent = await workspaceDb.unconfirmedConsents.read(code);
  if (!consent) throw noSuchCode();
  const { customerIntegrationId, returnTo } = consent;
  if (consent.userId !== userId) {
    await refuse(ctx, code, { consent, details: { reason: 'another_user', confirmedUserId: userId } });
    throw problem('consent_for_another_user', 'The link of this consent was made for another user.');
  }
  const target = await targetOf(ctx, consent);
  if (!target) {
    await refuse(ctx, code, { consent, details: { reason: 'integration_changed' } });
    throw problem('consent_gone', 'The integration has changed since the user gave the credential.', {
      remedy: 'Let the user connect again.',
    });
  }
  if (!(await workspaceDb.unconfirmedConsents.confirm(code, target, consent))) throw noSuchCode();
  deps.accessChanged(workspaceId);
  if (target.kind === 'mcp') await deps.readToolsLater({ workspaceId, customerIntegrationId, userId });
  const decision = { customerIntegrationId, userId, success: true, by: principal };
  await deps.engine.decideConsent(workspaceId, decision);
  return { customerIntegrationId, userId, ...(returnTo !== undefined && { returnTo: succeededUrl(returnTo) }) };
};

/** Consents of users. */
export const consents: ContractHandlers['consents'] = { confirm: confirmConsent };

const noSuchCode = () =>
  problem('consent_not_found', 'This code does not exist, was used already, or is older than ten minutes.', {
    remedy: 'Let the user connect again.',
  });

/** The integration with the values of the user; undefined if it is not the one that the consent page showed any more. */
async function targetOf(
  { workspaceDb }: Context,
  { customerIntegrationId, registrationId, authType, destination, grant, userVariables }: UnconfirmedConsent,
): Promise<Connection | undefined> {
  const stored = await workspaceDb.integrations.connection(customerIntegrationId);
  if (stored?.registrationId !== registrationId || stored.auth.type !== authType || !takesUsers(stored))
    return undefined;
  const target = grant ? { ...stored, userVariables } : stored;
  const current = grant ? grantDestination(target) : tokenDestination(target);
  return current === destination ? target : undefined;
}

type Refusal = { consent: UnconfirmedConsent; details: { reason: string; confirmedUserId?: string } };

/** Removes the credential of a consent here first, because revoking it at the authorization server may fail. @throws ProblemError consent_not_found */
async function refuse(
  { deps, principal: { workspaceId }, workspaceDb }: Context,
  code: string,
  { consent, details }: Refusal,
): Promise<void> {
  if (!(await workspaceDb.unconfirmedConsents.refuse(code, consent, details))) throw noSuchCode();
  await revokeErasedGrants({ workspaceId, workspaceDb, connector: deps.connector }, toErasedGrant(consent));
}
