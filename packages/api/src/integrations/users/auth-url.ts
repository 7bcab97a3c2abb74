import { type contract, problem } from '@errand/contracts';
import type { Context, Handler } from '../../context.ts';
import type { ConsentLink } from '../../links/consent-links.ts';
import { checkRedirect } from '../../links/redirects.ts';
import { orNotFound } from '../../problems.ts';
import { isUnconfirmed } from '../auth/pending-issuer.ts';
import { takesUsers } from '../auth/takes-users.ts';

/** Returns a link to the page where a user consents or enters their token, and the state of the credential. */
export const authUrl: Handler<typeof contract.integrations.authUrl> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId, user, redirectUri } = input;
  const connection = orNotFound(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const { auth, registrationId } = connection;
  if (!takesUsers(connection)) {
    throw problem('validation_failed', `Users cannot connect to this integration: its authType is ${auth.type}.`);
  }
  if (isUnconfirmed(connection)) {
    const { pendingIssuer } = connection;
    const detail = `The MCP server names ${pendingIssuer} as its authorization server, which belongs to another site and is not confirmed.`;
    throw problem('oauth_failed', detail, {
      remedy: `Confirm it: PATCH /v1/integrations/${customerIntegrationId} with ${JSON.stringify({ confirmIssuer: pendingIssuer })}.`,
    });
  }
  checkRedirect(ctx.deps.consents, redirectUri);
  // Lists the user as not connected. False if the integration was deleted meanwhile.
  orNotFound((await ctx.workspaceDb.credentials.addUser(customerIntegrationId, userId)) || null, 'integration');
  const { active, updatedAt } = orNotFound(
    await ctx.workspaceDb.credentials.getUser(customerIntegrationId, userId),
    'integration',
  );
  const returnTo = redirectUri && { returnTo: redirectUri };
  const named = user && { userName: user.name };
  const link = { customerIntegrationId, registrationId, userId, ...named, ...returnTo };
  return { authorizeUrl: signedConsentUrl(ctx, link), active, updatedAt };
};

/** A user for whom a link is made, and the URL to which the browser returns. */
export type ConsentUser = { userId: string; userName?: string | undefined; returnTo?: string | undefined };

/** A link to the page where a user consents or enters their token; undefined if users cannot connect. */
export async function consentUrl(
  ctx: Context,
  { customerIntegrationId, returnTo, ...user }: ConsentUser & { customerIntegrationId: string },
): Promise<string | undefined> {
  const connection = await ctx.workspaceDb.integrations.connection(customerIntegrationId);
  if (!connection || isUnconfirmed(connection) || !takesUsers(connection)) return undefined;
  const { registrationId } = connection;
  const redirect = returnTo !== undefined && { returnTo };
  return signedConsentUrl(ctx, { customerIntegrationId, registrationId, ...user, ...redirect });
}

type ConsentTarget = Omit<Extract<ConsentLink, { registrationId: string }>, 'workspaceId'>;

const signedConsentUrl = (
  { deps: { consents, approvals }, principal: { workspaceId } }: Context,
  link: ConsentTarget,
): string => `${approvals.publicUrl()}/v1/connect?token=${consents.sign({ workspaceId, ...link })}`;
