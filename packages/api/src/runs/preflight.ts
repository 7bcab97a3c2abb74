import { type contract, holds, type MissingConsent } from '@errand/contracts';
import { newId } from '@errand/db';
import type { Preflighted } from '@errand/engine';
import type { Context, Handler } from '../context.ts';
import { consentUrl } from '../integrations/auth-url.ts';

/** Tells what a run would do and need. What is passed through is checked, and kept nowhere. */
export const preflight: Handler<typeof contract.runs.preflight> = async ({ input, ctx, signal }) => {
  const { engine, passThroughs } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const sealedPassThrough = await passThroughs.seal(workspaceId, newId(), input);
  const { missing, ...preview } = await engine.preflight(workspaceId, { input, sealedPassThrough, signal });
  return { ...preview, missingConsents: await withLinks(ctx, input.userId, missing) };
};

/** What is missing, with links for keys that could make them. */
const withLinks = (ctx: Context, userId: string, missing: Preflighted['missing']): Promise<MissingConsent[]> =>
  Promise.all(
    missing.map(async ({ customerIntegrationId, integrationName }) => {
      const mayConnect = holds(ctx.principal, 'connections:write');
      const url = mayConnect ? await consentUrl(ctx, { customerIntegrationId, userId }) : undefined;
      return { customerIntegrationId, integrationName, userId, ...(url !== undefined && { url }) };
    }),
  );
