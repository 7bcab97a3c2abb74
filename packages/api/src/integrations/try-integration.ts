import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../problems.ts';

/** Tries a stored credential, and records its use and the result. */
export const tryIntegration: Handler<typeof contract.integrations.try> = async ({ input, ctx }) => {
  const { customerIntegrationId, ...choice } = input;
  const { deps, principal, workspaceDb } = ctx;
  const connection = orNotFound(await workspaceDb.integrations.connection(customerIntegrationId), 'integration');
  if (!connection.active)
    throw problem('connection_inactive', `The integration ${customerIntegrationId} is inactive.`, {
      values: { customerIntegrationIds: [customerIntegrationId] },
    });
  const { of: owner, ...trial } = await deps.tryIntegration(principal.workspaceId, connection, choice);
  const ofUser = owner === 'user' && { userId: choice.userId };
  if (owner) {
    const details = { trial: true, of: owner, calls: 1, ...ofUser };
    await workspaceDb.audit.add({ action: 'credential.used', target: customerIntegrationId, details });
  }
  const { tool, result, account } = trial;
  if (tool !== undefined) {
    const test = { at: new Date().toISOString(), result, ...(account !== undefined && { account }), ...ofUser };
    await workspaceDb.integrations.putLastTest(customerIntegrationId, test);
  }
  return trial;
};
