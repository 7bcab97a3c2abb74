import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

/** Returns a link to the page where a user consents or enters their token. */
export const authUrl: Handler<typeof contract.integrations.authUrl> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId, redirectUri } = input;
  const { consents, approvals: links } = ctx.deps;
  const { auth, registrationId } = found(
    await ctx.workspaceDb.integrations.connection(customerIntegrationId),
    'integration',
  );
  if (auth.type !== 'OAUTH2' && auth.type !== 'API_TOKEN') {
    throw problem('validation_failed', `Users have nothing to give to this integration: its authType is ${auth.type}.`);
  }
  if (redirectUri !== undefined && !consents.mayReturnTo(redirectUri)) {
    const message = 'Its origin is not one that the operator of this service allows (ERRAND_REDIRECT_ORIGINS).';
    throw problem('validation_failed', message, { errors: [{ pointer: '/redirectUri', message }] });
  }
  // The user is listed from now on, as one who has not connected. False when the integration was deleted meanwhile.
  found((await ctx.workspaceDb.credentials.addUser(customerIntegrationId, userId)) || null, 'integration');
  const { workspaceId } = ctx.principal;
  const returnTo = redirectUri && { returnTo: redirectUri };
  const token = consents.sign({ workspaceId, customerIntegrationId, registrationId, userId, ...returnTo });
  return { authorizeUrl: `${links.publicUrl()}/v1/connect?token=${token}` };
};
