import { type contract, Secret } from '@errand/contracts';
import type { IntegrationPatch } from '@errand/db';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { refuseAuth, type ServedAuth } from '../not-supported.ts';
import { publicAuth, schemeOf } from './public-auth.ts';

/** Changes what is named. A new token is sealed in place of the old one; auth NONE erases it. */
export const patchIntegration: Handler<typeof contract.integrations.patch> = async ({ input, ctx }) => {
  const { customerIntegrationId, auth, ...plain } = input;
  let patch: IntegrationPatch = plain;
  if (auth) {
    refuseAuth(auth);
    const connection = found(await ctx.own.integrations.connection(customerIntegrationId), 'integration');
    patch = { ...plain, auth: publicAuth(auth, schemeOf(connection.auth)), token: tokenOf(auth) };
  }
  const patched = await ctx.own.integrations.patch(customerIntegrationId, patch);
  ctx.deps.changed(ctx.caller.workspaceId);
  return found(patched, 'integration');
};

/** Undefined leaves the stored token as it is. */
function tokenOf(auth: ServedAuth): Secret | null | undefined {
  if (auth.type === 'NONE') return null;
  return auth.token === undefined ? undefined : new Secret(auth.token);
}
