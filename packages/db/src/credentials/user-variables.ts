import { Secret, type VariableValues } from '@errand/contracts';
import { isOfOwner } from '@errand/contracts/variable-values';
import type { PoolClient } from 'pg';
import { queryRow } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { type Target, tokenDestination } from './destination.ts';

type StoredRow = { variables: VariableValues; sealed: Uint8Array | null; destination: string | null };
/** @property secrets values of secret variables that are sealed for the current destination */
export type UserVariables = { values: VariableValues; secrets: VariableValues };

const COLUMNS = 'variables, sealed_variables AS sealed, variables_destination AS destination';

/** The values of variables of users. */
export function userVariables(scoped: WorkspaceScope) {
  return {
    /** @throws ProblemError credential_unavailable */
    async ofUser(target: Target, userId: string): Promise<UserVariables> {
      const row = await queryRow<StoredRow>(scoped, {
        name: 'user_variables',
        text: `SELECT ${COLUMNS} FROM integration_user WHERE workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3`,
        values: [target.customerIntegrationId, userId],
      });
      return row ? opened(scoped, target, userId, row) : { values: {}, secrets: {} };
    },
  };
}

type Opener = { vault: Vault; workspaceId: string };

function opened(
  { vault, workspaceId }: Opener,
  target: Target,
  userId: string,
  { variables, sealed, destination }: StoredRow,
): UserVariables {
  const values = ofUsers(target, variables);
  const current = tokenDestination({ ...target, userVariables: values });
  if (!sealed || destination !== current) return { values, secrets: {} };
  const location = secretLocation('userVariables', workspaceId, [target.customerIntegrationId, userId], current);
  return { values, secrets: ofUsers(target, JSON.parse(vault.open(sealed, location).reveal())) };
}

/** The values of variables that users have now: the owner may have changed them since. */
const ofUsers = ({ variables = {} }: Target, values: VariableValues): VariableValues =>
  Object.fromEntries(
    Object.entries(values).filter(([name]) => Object.hasOwn(variables, name) && !isOfOwner(variables[name]!)),
  );

type Change = { userId: string; values: VariableValues; registrationId?: string | undefined };

/**
 * Stores values of a user, who is added if necessary, and keeps the other values. Secret values for another destination are erased.
 * @returns all values except secret ones; undefined if the integration, or its registration, does not exist
 */
export async function mergeUserVariables(
  client: PoolClient,
  scoped: Opener,
  target: Target,
  { userId, values, registrationId }: Change,
): Promise<VariableValues | undefined> {
  const { vault, workspaceId } = scoped;
  const key = [workspaceId, target.customerIntegrationId, userId];
  const { rows } = await client.query<StoredRow>(
    `INSERT INTO integration_user (workspace_id, customer_integration_id, user_id, updated_at)
     SELECT $1, $2, $3, now() FROM integration
     WHERE workspace_id = $1 AND customer_integration_id = $2 AND registration_id = coalesce($4::uuid, registration_id)
     ON CONFLICT (workspace_id, customer_integration_id, user_id) DO UPDATE SET updated_at = now() RETURNING ${COLUMNS}`,
    [...key, registrationId ?? null],
  );
  const [row] = rows;
  if (!row) return undefined;
  const isSecret = (name: string) => target.variables?.[name]?.secret === true;
  const select = (from: VariableValues, secret: boolean) =>
    Object.fromEntries(Object.entries(ofUsers(target, from)).filter(([name]) => isSecret(name) === secret));
  const merged = select({ ...row.variables, ...values }, false);
  const after = { ...target, userVariables: merged };
  const secrets = { ...openedIfKnown(scoped, after, userId, row), ...select(values, true) };
  const destination = tokenDestination(after);
  const location = secretLocation('userVariables', workspaceId, [target.customerIntegrationId, userId], destination);
  const sealed = Object.keys(secrets).length > 0 ? vault.seal(new Secret(JSON.stringify(secrets)), location) : null;
  await client.query(
    `UPDATE integration_user SET variables = $4::jsonb, sealed_variables = $5, variables_destination = $6
     WHERE workspace_id = $1 AND customer_integration_id = $2 AND user_id = $3`,
    [...key, JSON.stringify(merged), sealed, sealed && destination],
  );
  return merged;
}

/** The stored secret values, if they are for the destination of `after`, and can be opened. */
function openedIfKnown(scoped: Opener, after: Target, userId: string, row: StoredRow): VariableValues {
  try {
    return opened(scoped, after, userId, { ...row, variables: after.userVariables ?? {} }).secrets;
  } catch {
    return {};
  }
}
