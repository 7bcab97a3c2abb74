import { type contract, holds, type MissingConsent } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Preflighted } from '@errand/engine';
import type { Context, Handler } from '../context.ts';
import { type ConsentUser, consentUrl } from '../integrations/users/auth-url.ts';
import { checkRedirect } from '../links/redirects.ts';

/** Describes a run without creating it. Checks passThrough credentials without storing them. */
export const preflight: Handler<typeof contract.runs.preflight> = async ({ input, ctx, signal }) => {
  const { engine, passThroughs, consents } = ctx.deps;
  checkRedirect(consents, input.redirectUri);
  const { workspaceId } = ctx.principal;
  const sealedPassThrough = await passThroughs.seal(workspaceId, newId(), input);
  const { missing, ...preview } = await engine.preflight(workspaceId, { input, sealedPassThrough, signal });
  const { userId, user, redirectUri } = input;
  const consentUser = { userId, userName: user?.name, returnTo: redirectUri };
  return { ...preview, missingConsents: await withLinks(ctx, consentUser, missing) };
};

/** The missing consents, with links if the key may create links. */
const withLinks = (ctx: Context, user: ConsentUser, missing: Preflighted['missing']): Promise<MissingConsent[]> =>
  Promise.all(
    missing.map(async ({ customerIntegrationId, integrationName }) => {
      const mayConnect = holds(ctx.principal, 'connections:write');
      const url = mayConnect ? await consentUrl(ctx, { customerIntegrationId, ...user }) : undefined;
      return { customerIntegrationId, integrationName, userId: user.userId, ...(url !== undefined && { url }) };
    }),
  );
