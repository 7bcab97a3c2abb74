import { type contract, problem } from '@errand/contracts';
import type { IntegrationPatch } from '@errand/db';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { withoutMissingAuth } from './missing-auth.ts';
import { confirmIssuer } from './pending-issuer.ts';
import { forgetsGrants, schemesOf, settleAuth } from './settle-auth.ts';
import { type SettledMcpAuth, settleMcpAuth } from './settle-mcp-auth.ts';

/** Changes the given fields. A new secret replaces the old one; another type of auth erases it. Runs that need no more go on. */
export const patchIntegration: Handler<typeof contract.integrations.patch> = async ({ input, ctx }) => {
  const { customerIntegrationId, auth, confirmIssuer: issuer, ...plain } = input;
  const { workspaceId } = ctx.principal;
  let meant: string | undefined;
  let patch: IntegrationPatch = plain;
  let warning: string | undefined;
  if (auth && issuer !== undefined) {
    const message = 'Give auth or confirmIssuer: auth says of itself to which authorization server users go.';
    throw problem('validation_failed', message, { errors: [{ pointer: '/confirmIssuer', message }] });
  }
  if (issuer !== undefined) {
    const connection = found(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
    meant = connection.registrationId;
    patch = { ...plain, ...(await confirmIssuer(ctx.deps.connector, workspaceId, { connection, issuer })) };
  }
  if (auth) {
    const connection = found(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
    const { warning: told, ...settled }: SettledMcpAuth =
      connection.kind === 'mcp'
        ? await settleMcpAuth(ctx.deps.connector, auth, {
            workspaceId,
            url: connection.baseUrl,
            ...(connection.oauthServer !== undefined && { stored: connection.oauthServer }),
          })
        : await settleAuth(ctx.deps.connector, auth, schemesOf(connection));
    const forgetGrants = forgetsGrants(connection, settled);
    // Discovery takes time, so this applies only to the registration that was read before.
    meant = connection.registrationId;
    warning = told;
    // A secret is for one server: it is not sent to another one.
    const keep = auth.type === connection.auth.type && !forgetGrants;
    patch = { ...plain, ...settled, token: keep ? settled.token : (settled.token ?? null), forgetGrants };
  }
  const patched = await ctx.workspaceDb.integrations.patch(customerIntegrationId, patch, meant);
  ctx.deps.accessChanged(workspaceId);
  const integration = found(patched, 'integration');
  const kept = auth && auth.type !== 'NONE' ? withoutMissingAuth(integration.warnings) : integration.warnings;
  const warnings = warning === undefined || kept.includes(warning) ? kept : [...kept, warning];
  if (meant !== undefined && warnings.length !== integration.warnings.length) {
    integration.warnings = warnings;
    await ctx.workspaceDb.integrations.warn({ customerIntegrationId, registrationId: meant }, integration.warnings);
  }
  if (patch.auth || plain.confirmBaseUrl !== undefined) {
    const changed = { customerIntegrationId, userId: null, success: true, by: ctx.principal };
    await ctx.deps.engine.consented(workspaceId, changed);
  }
  return integration;
};
