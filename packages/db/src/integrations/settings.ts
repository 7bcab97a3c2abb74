import { type Json, type RequestSettings, Secret, type VariableValues } from '@errand/contracts';
import type { Definitions } from '@errand/contracts/variable-values';
import {
  type PublicAuth,
  type Target,
  targetSelect,
  toTarget,
  variablesDestination,
} from '../credentials/destination.ts';
import type { Prisma } from '../generated/client.ts';
import { queryRow } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { Vault } from '../vault/vault.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** Values that every request of an integration uses, as stored. */
export type StoredSettings = {
  kind: 'openapi' | 'mcp';
  baseUrl: string;
  auth: PublicAuth;
  /** Whether a token, client secret or key of the owner is stored. */
  hasToken: boolean;
  variables: Definitions;
  /** The owner's secret values. */
  secrets: VariableValues;
  requests: RequestSettings;
};
export type NewSettings = Pick<StoredSettings, 'variables' | 'secrets' | 'requests'>;

/** Returns the new settings from the stored ones, which no other caller changes meanwhile. @throws ProblemError if they are invalid */
export type ChangeSettings = (stored: StoredSettings) => NewSettings;

const select = {
  ...targetSelect,
  kind: true,
  requestSettings: true,
  sealedVariables: true,
  variablesDestination: true,
  tokenFingerprint: true,
} as const;

/** The columns of the owner's secret values; without values they are cleared. */
export function ownVariableColumns(vault: Vault, workspaceId: string, target: Target, secrets: VariableValues) {
  if (Object.keys(secrets).length === 0) return { sealedVariables: null, variablesDestination: null };
  const destination = variablesDestination(target);
  const location = secretLocation('ownerVariables', workspaceId, [target.customerIntegrationId], destination);
  return {
    sealedVariables: vault.seal(new Secret(JSON.stringify(secrets)), location),
    variablesDestination: destination,
  };
}

type SealedRow = { sealedVariables: Uint8Array | null; variablesDestination: string | null };

/** The owner's secret values, if they are for the origin of the target. @throws ProblemError credential_unavailable */
function openOwnVariables(
  { vault, workspaceId }: { vault: Vault; workspaceId: string },
  target: Target,
  { sealedVariables: sealed, variablesDestination: destination }: SealedRow,
): VariableValues {
  if (!sealed || destination !== variablesDestination(target)) return {};
  const location = secretLocation('ownerVariables', workspaceId, [target.customerIntegrationId], destination);
  return JSON.parse(vault.open(sealed, location).reveal());
}

/** The same; without values that cannot be opened, which the owner gives again. */
function openedIfKnown(...[scoped, target, row]: Parameters<typeof openOwnVariables>): VariableValues {
  try {
    return openOwnVariables(scoped, target, row);
  } catch {
    return {};
  }
}

/** Secret values of variables of the owner. */
export function ownVariables(scoped: WorkspaceScope) {
  return {
    /** @throws ProblemError credential_unavailable */
    async ofOwner(target: Target): Promise<VariableValues> {
      const row = await queryRow<SealedRow>(scoped, {
        name: 'owner_variables',
        text: `SELECT sealed_variables AS "sealedVariables", variables_destination AS "variablesDestination" FROM integration
          WHERE workspace_id = $1 AND customer_integration_id = $2`,
        values: [target.customerIntegrationId],
      });
      return row ? openOwnVariables(scoped, target, row) : {};
    },
  };
}

/** Changes the settings of an integration. Its row is locked. Returns a note for the audit log. */
export async function changeSettings(
  scoped: WorkspaceScope,
  tx: Prisma.TransactionClient,
  where: { workspaceId: string; customerIntegrationId: string },
  change: ChangeSettings,
): Promise<Record<string, Json>> {
  const { vault, workspaceId } = scoped;
  const { target, stored } = await readSettings(scoped, tx, where);
  const { variables, secrets, requests } = change(stored);
  await tx.integration.updateMany({
    where,
    data: {
      variables: variables as Prisma.InputJsonObject,
      requestSettings: requests as Prisma.InputJsonObject,
      ...ownVariableColumns(vault, workspaceId, { ...target, variables }, secrets),
    },
  });
  await forgetClearValues(tx, where, variables);
  return settingsNote({ variables, requestSettings: requests });
}

/** Computes a change without storing it. @throws ProblemError if it is invalid */
export async function checkChange(
  scoped: WorkspaceScope,
  customerIntegrationId: string,
  change: ChangeSettings,
): Promise<void> {
  const { prisma, workspaceId } = scoped;
  change((await readSettings(scoped, prisma, { workspaceId, customerIntegrationId })).stored);
}

async function readSettings(
  scoped: WorkspaceScope,
  tx: Prisma.TransactionClient,
  where: { workspaceId: string; customerIntegrationId: string },
): Promise<{ target: Target; stored: StoredSettings }> {
  const row = await tx.integration.findFirstOrThrow({ where, select });
  const target = toTarget(row);
  const stored: StoredSettings = {
    kind: row.kind as StoredSettings['kind'],
    baseUrl: row.baseUrl,
    auth: target.auth,
    hasToken: row.tokenFingerprint !== null,
    variables: target.variables ?? {},
    secrets: openedIfKnown(scoped, target, row),
    requests: row.requestSettings as RequestSettings,
  };
  return { target, stored };
}

/** Deletes values of users in clear whose variables are secret now: users give them again. */
async function forgetClearValues(
  tx: Prisma.TransactionClient,
  { workspaceId, customerIntegrationId }: { workspaceId: string; customerIntegrationId: string },
  variables: Definitions,
): Promise<void> {
  const names = Object.entries(variables).flatMap(([name, { secret }]) => (secret ? [name] : []));
  if (names.length === 0) return;
  await tx.$executeRaw`UPDATE integration_user SET variables = variables - ${names}::text[], updated_at = now()
    WHERE workspace_id = ${workspaceId}::uuid AND customer_integration_id = ${customerIntegrationId} AND variables ?| ${names}::text[]`;
  await tx.$executeRaw`UPDATE oauth_pending SET variables = variables - ${names}::text[]
    WHERE workspace_id = ${workspaceId}::uuid AND customer_integration_id = ${customerIntegrationId} AND variables ?| ${names}::text[]`;
}

/** Names without values, for the audit log. */
export function settingsNote({
  variables = {},
  requestSettings: { headers = {}, query = {}, arguments: fixed = {} } = {},
}: {
  variables?: Definitions | undefined;
  requestSettings?: RequestSettings | undefined;
}): Record<string, string[]> {
  const names = {
    variables: Object.keys(variables),
    headers: Object.keys(headers),
    query: Object.keys(query),
    arguments: Object.keys(fixed),
  };
  return Object.fromEntries(Object.entries(names).filter(([, list]) => list.length > 0));
}
