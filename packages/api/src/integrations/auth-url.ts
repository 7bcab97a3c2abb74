import { type contract, problem } from '@errand/contracts';
import type { Context, Handler } from '../context.ts';
import { invalidField } from '../invalid-field.ts';
import type { ConsentLink } from '../links/consent-links.ts';
import { orNotFound } from '../or-not-found.ts';
import { isUnconfirmed } from './pending-issuer.ts';

/** Returns a link to the page where a user consents or enters their token. */
export const authUrl: Handler<typeof contract.integrations.authUrl> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId, redirectUri } = input;
  const { consents } = ctx.deps;
  const connection = orNotFound(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const { auth, registrationId } = connection;
  if (auth.type !== 'OAUTH2' && auth.type !== 'API_TOKEN') {
    throw problem('validation_failed', `Users have nothing to give to this integration: its authType is ${auth.type}.`);
  }
  if (isUnconfirmed(connection)) {
    const message = `The MCP server names ${connection.pendingIssuer}, which is of another site, as its authorization server. Confirm it first: PATCH /v1/integrations/${customerIntegrationId} with ${JSON.stringify({ confirmIssuer: connection.pendingIssuer })}.`;
    throw problem('oauth_failed', message);
  }
  if (redirectUri !== undefined && !consents.mayReturnTo(redirectUri))
    throw invalidField(
      '/redirectUri',
      'Its origin is not one that the operator of this service allows (ERRAND_REDIRECT_ORIGINS).',
    );
  // The user is listed from now on, as one who has not connected. False when the integration was deleted meanwhile.
  orNotFound((await ctx.workspaceDb.credentials.addUser(customerIntegrationId, userId)) || null, 'integration');
  const returnTo = redirectUri && { returnTo: redirectUri };
  return { authorizeUrl: linkTo(ctx, { customerIntegrationId, registrationId, userId, ...returnTo }) };
};

/** A link to the page where a user consents or enters their token; undefined where there is nothing to give. */
export async function consentUrl(
  ctx: Context,
  { customerIntegrationId, userId }: { customerIntegrationId: string; userId: string },
): Promise<string | undefined> {
  const connection = await ctx.workspaceDb.integrations.connection(customerIntegrationId);
  if (
    !connection ||
    isUnconfirmed(connection) ||
    (connection.auth.type !== 'OAUTH2' && connection.auth.type !== 'API_TOKEN')
  )
    return undefined;
  return linkTo(ctx, { customerIntegrationId, registrationId: connection.registrationId, userId });
}

type Linked = Omit<Extract<ConsentLink, { registrationId: string }>, 'workspaceId'>;

const linkTo = ({ deps: { consents, approvals }, principal: { workspaceId } }: Context, link: Linked): string =>
  `${approvals.publicUrl()}/v1/connect?token=${consents.sign({ workspaceId, ...link })}`;
