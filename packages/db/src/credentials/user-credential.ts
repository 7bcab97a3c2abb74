import type { Secret, VariableValues } from '@errand/contracts';
import type { PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { secretLocation } from '../vault/locations.ts';
import { last4 } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { type Target, tokenDestination } from './destination.ts';
import { mergeUserVariables } from './user-variables.ts';

export type NewUserCredential = { token?: Secret; variables?: VariableValues };

const SET_TOKEN =
  ', sealed = $4, token_destination = $5, last4 = $6, fingerprint = $7, token_rejected_at = NULL, active = true';

/** @property registrationId only for this registration of the integration */
type CredentialChange = NewUserCredential & { userId: string; registrationId?: string };

/** Stores a user's token and values in a transaction. Returns false if the integration, or its registration, does not exist. */
export async function storeUserCredential(
  client: PoolClient,
  scoped: WorkspaceScope,
  target: Target,
  { userId, token, variables = {}, registrationId }: CredentialChange,
): Promise<boolean> {
  const { workspaceId, actor } = scoped;
  const { customerIntegrationId } = target;
  const change = { userId, values: variables, registrationId };
  const userVariables = await mergeUserVariables(client, scoped, target, change);
  if (userVariables === undefined) return false;
  const stored = token && tokenColumns(scoped, { ...target, userVariables }, userId, token);
  const tokenValues = stored ? [stored.sealed, stored.tokenDestination, stored.last4, stored.fingerprint] : [];
  await client.query(
    `UPDATE integration_user SET unannounced_since = clock_timestamp()${stored ? SET_TOKEN : ''}
     WHERE workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3`,
    [workspaceId, customerIntegrationId, userId, ...tokenValues],
  );
  const details = {
    of: 'user',
    userId,
    ...(stored && { fingerprint: stored.fingerprint, destination: stored.tokenDestination }),
    variables: Object.keys(variables),
  };
  await audit(scoped, { actor, action: 'credential.stored', target: customerIntegrationId, details }, client);
  return true;
}

/** The columns of a user's token for the destination of `target`. */
export function tokenColumns({ vault, workspaceId }: WorkspaceScope, target: Target, userId: string, token: Secret) {
  const destination = tokenDestination(target);
  const location = secretLocation('userSecret', workspaceId, [target.customerIntegrationId, userId], destination);
  return {
    sealed: vault.seal(token, location),
    tokenDestination: destination,
    tokenRejectedAt: null,
    last4: last4(token),
    fingerprint: vault.fingerprint(token, workspaceId),
    active: true,
  };
}
