import type { contract, Integration } from '@errand/contracts';
import type { IntegrationPatch } from '@errand/db';
import type { Context, Handler } from '../context.ts';
import { checkVerifyUrl } from '../links/redirects.ts';
import { invalidField, orNotFound } from '../problems.ts';
import { completeAuth, invalidatesGrants, storedSchemes } from './auth/complete-auth.ts';
import { type CompletedMcpAuth, completeMcpAuth } from './auth/complete-mcp-auth.ts';
import { withoutMissingCredentialWarnings } from './auth/missing-credential.ts';
import { withCredential } from './auth/owner-credential.ts';
import { confirmIssuer } from './auth/pending-issuer.ts';
import { addressOf, changedSettings, changesSettings } from './settings.ts';

/** Changes the fields that are present. A new secret replaces the old one; another type of auth erases it. Resumes runs that can continue. */
export const patchIntegration: Handler<typeof contract.integrations.patch> = async ({ input, ctx }) => {
  const { customerIntegrationId, auth, credential, confirmIssuer: _, variables, headers, query, ...others } = input;
  const { arguments: fixed, ...plainFields } = others;
  const { workspaceId } = ctx.principal;
  checkVerifyUrl(ctx.deps.consents, input.verifyUrl);
  const change = await authChange(ctx, input);
  const settings = { variables, headers, query, arguments: fixed };
  const patch: IntegrationPatch = { ...plainFields, ...change?.patch };
  if (auth || credential || changesSettings(settings)) {
    const token = change?.patch.token;
    patch.settings = (stored) =>
      changedSettings(stored, settings, token === undefined ? stored.hasToken : token !== null);
  }
  const patched = await ctx.workspaceDb.integrations.patch(customerIntegrationId, patch, change?.registrationId);
  ctx.deps.accessChanged(workspaceId);
  const integration = orNotFound(patched, 'integration');
  if (change)
    await updateWarnings(ctx, integration, {
      ...change,
      hasAuth: patch.auth !== undefined && patch.auth.type !== 'NONE',
    });
  if (patch.auth || patch.settings || plainFields.confirmBaseUrl !== undefined) {
    const changed = { customerIntegrationId, userId: null, success: true, by: ctx.principal };
    await ctx.deps.engine.decideConsent(workspaceId, changed);
  }
  return integration;
};

type PatchInput = Parameters<typeof patchIntegration>[0]['input'];

/** `registrationId`: discovery takes time, so the change applies only to the registration read before it. */
type AuthChange = { registrationId: string; patch: IntegrationPatch; warning?: string | undefined };

/** The change of the authentication; undefined if it stays. */
async function authChange(
  ctx: Context,
  { customerIntegrationId, auth, credential, confirmIssuer: issuer }: PatchInput,
): Promise<AuthChange | undefined> {
  if (!auth && !credential && issuer === undefined) return undefined;
  if (auth && issuer !== undefined)
    throw invalidField(
      '/confirmIssuer',
      'auth and confirmIssuer exclude each other: auth already names the authorization server.',
    );
  if (credential && (auth || issuer !== undefined))
    throw invalidField('/credential', 'credential excludes auth and confirmIssuer: it keeps the stored settings.');
  const { connector } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const connection = orNotFound(await ctx.workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  const { registrationId } = connection;
  if (credential) return { registrationId, patch: await withCredential(connector, connection, credential) };
  if (!auth)
    return { registrationId, patch: await confirmIssuer(connector, workspaceId, { connection, issuer: issuer! }) };
  const { warning, ...completed }: CompletedMcpAuth =
    connection.kind === 'mcp'
      ? await completeMcpAuth(connector, auth, {
          workspaceId,
          url: addressOf(connection),
          ...(connection.oauthServer !== undefined && { stored: connection.oauthServer }),
        })
      : await completeAuth(connector, auth, { workspaceId, ...storedSchemes(connection) });
  const forgetGrants = invalidatesGrants(connection, completed);
  // A secret belongs to one server and is never sent to another.
  const keepsSecret = auth.type === connection.auth.type && !forgetGrants;
  return {
    registrationId,
    warning,
    patch: { ...completed, token: keepsSecret ? completed.token : (completed.token ?? null), forgetGrants },
  };
}

async function updateWarnings(
  ctx: Context,
  integration: Integration,
  { registrationId, warning, hasAuth }: AuthChange & { hasAuth: boolean },
): Promise<void> {
  const storedWarnings = integration.warnings;
  const keptWarnings = hasAuth ? withoutMissingCredentialWarnings(storedWarnings) : storedWarnings;
  const warnings = warning === undefined || keptWarnings.includes(warning) ? keptWarnings : [...keptWarnings, warning];
  if (warnings.length === storedWarnings.length) return;
  integration.warnings = warnings;
  const { customerIntegrationId } = integration;
  await ctx.workspaceDb.integrations.warn({ customerIntegrationId, registrationId }, warnings);
}
