import { problem } from '@errand/contracts';
import { type Connection, toErasedGrant, type UnconfirmedConsent, type WorkspaceDb } from '@errand/db';
import type { ApiDeps } from '../deps.ts';
import { revokeErasedGrants } from '../integrations/users/revoke-erased-grants.ts';
import type { ConsentPort } from '../links/consent-links.ts';

/** The page of the product that must confirm the user of a consent, if there is one. @throws ProblemError url_not_allowed */
export async function findVerifyUrl(
  redirects: Pick<ConsentPort, 'mayReturnTo'>,
  workspaceDb: Pick<WorkspaceDb, 'consentSettings'>,
  { verifyUrl: ownUrl }: Connection,
): Promise<string | undefined> {
  const verifyUrl = ownUrl ?? (await workspaceDb.consentSettings.get()).verifyUrl;
  if (verifyUrl === undefined || redirects.mayReturnTo(verifyUrl)) return verifyUrl;
  throw problem('url_not_allowed', 'No user can connect now: the page that confirms users is not allowed any more.', {
    remedy: 'Set another verifyUrl, or add its origin to ERRAND_REDIRECT_ORIGINS.',
  });
}

type Credential = Pick<
  UnconfirmedConsent,
  'authType' | 'destination' | 'grant' | 'token' | 'userVariables' | 'variables'
>;
type Consent = {
  workspaceId: string;
  workspaceDb: WorkspaceDb;
  connection: Connection;
  userId: string;
  returnTo?: string | undefined;
};

/**
 * Keeps a credential until the product has confirmed its user.
 * @returns the URL of the product, with the code
 * @throws ProblemError consent_gone if the integration was deleted; then a grant is revoked
 */
export async function awaitConfirmation(
  { connector }: Pick<ApiDeps, 'connector'>,
  { workspaceId, workspaceDb, connection, userId, returnTo }: Consent,
  credential: Credential,
  verifyUrl: string,
): Promise<string> {
  const { customerIntegrationId, registrationId } = connection;
  const consent = { ...credential, customerIntegrationId, registrationId, userId };
  const stored = await workspaceDb.unconfirmedConsents.put({ ...consent, ...(returnTo !== undefined && { returnTo }) });
  if (!stored) {
    if (credential.grant) await connector.revoke(workspaceId, connection, credential.grant);
    throw problem('consent_gone', 'The integration was deleted.');
  }
  await revokeErasedGrants({ workspaceId, workspaceDb, connector }, stored.removed.flatMap(toErasedGrant));
  const url = new URL(verifyUrl);
  url.searchParams.set('code', stored.code);
  return url.href;
}
