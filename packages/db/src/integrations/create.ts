import {
  type ApprovalStrategy,
  EFFECT_WORDS_VERSION,
  type Enable,
  type Json,
  type PickOperations,
  problem,
  type RequestSettings,
  type Rules,
  type Secret,
  type VariableValues,
} from '@errand/contracts';
import type { Definitions } from '@errand/contracts/variable-values';
import type { PoolClient } from 'pg';
import { v7 as uuid } from 'uuid';
import { audit } from '../audit/write.ts';
import { ownSecretColumns } from '../credentials/credentials.ts';
import type { PublicAuth } from '../credentials/destination.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import { withTransaction } from '../statements/scope.ts';
import { insertTools, type ToolEffect } from '../tools/fill-tools.ts';
import type { ToolTexts } from '../tools/tool-row.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import type { StoredDocument } from './documents.ts';
import { type CatalogFields, integrationIdOf, newCustomerIntegrationId } from './integration-row.ts';
import { type ListState, listReadColumns, listReadValues } from './list-reads.ts';
import { ownVariableColumns, settingsNote } from './settings.ts';

export type NewIntegration = {
  name: string;
  kind: 'openapi' | 'mcp';
  /** The entry of the catalogue that it was made from, and the version of the entry. */
  catalogId?: string;
  catalogVersion?: string;
  /** The fields that the entry gave. */
  catalogFields?: CatalogFields;
  host: string;
  baseUrl: string;
  auth: PublicAuth;
  tools: ToolTexts;
  enable: Enable;
  /** A token for users without a token; or a client secret or key. */
  token?: Secret;
  oauthServer?: Json;
  /** The authorization server to confirm, and whether the owner has anything to review. */
  pendingIssuer?: string | undefined;
  needsReview?: boolean;
  /** Derived from the name by default. */
  customerIntegrationId?: string;
  /** The title of its document; the name by default. */
  title?: string;
  description?: string;
  logoUrl?: string;
  /** The document, best in UTF-8, or the URL of its source; or several documents. */
  document?: string | Uint8Array | undefined;
  sourceUrl?: string;
  documents?: readonly StoredDocument[] | undefined;
  pick?: PickOperations | undefined;
  instructions?: string;
  verifyUrl?: string;
  approvalFloor?: ApprovalStrategy;
  trustHints?: boolean;
  rules?: Rules;
  warnings?: readonly string[];
  /** For an MCP server: hash and lifetime of its list. */
  list?: ListState;
  /** Whether the owner set the base URL. */
  ownerBaseUrl?: boolean;
  variables?: Definitions;
  /** Values of secret variables. */
  secretVariables?: VariableValues;
  requestSettings?: RequestSettings;
  /** Effects by operation, as the owner knows them. */
  effects?: Readonly<Record<string, ToolEffect>>;
  /** The effects of its entry of the catalogue. Those of other operations have no meaning. */
  defaultEffects?: Readonly<Record<string, ToolEffect>> | undefined;
};

const integrationExistsProblem = (id: string) => {
  const message = `There is an integration ${id} already. Choose another id, or delete that one.`;
  return problem('integration_exists', message, { errors: [{ pointer: '/customerIntegrationId', message }] });
};

/**
 * Stores an integration with its tools. Returns its id.
 * @throws ProblemError integration_exists, integration_limit_reached; validation_failed if `enable` names an unknown operation
 */
export async function createIntegration(scoped: WorkspaceScope, integration: NewIntegration): Promise<string> {
  const { pool, workspaceId, actor } = scoped;
  const { name, kind, host, approvalFloor, verifyUrl, token, effects = {}, defaultEffects } = integration;
  const { customerIntegrationId = newCustomerIntegrationId(name) } = integration;
  const registration = { workspaceId, customerIntegrationId, registrationId: uuid() };
  const row = toNewRow(scoped, registration, integration);
  // Without a list the tools are read, and then enabled, later.
  const readLater = kind === 'mcp' && integration.list === undefined;
  const firstEnable = readLater ? JSON.stringify(integration.enable) : null;
  await withTransaction(pool, async (client) => {
    if (!(await insertIntegration(client, row))) throw integrationExistsProblem(customerIntegrationId);
    const enable = readLater ? 'none' : integration.enable;
    const filled = await insertTools(client, registration, integration.tools, { enable, effects, defaultEffects });
    if (kind === 'mcp')
      await client.query(
        `UPDATE integration SET first_enable = $6::jsonb, ${listReadColumns(3)} WHERE workspace_id = $1 AND customer_integration_id = $2`,
        [workspaceId, customerIntegrationId, ...listReadValues(integration.list), firstEnable],
      );
    // At the end: until the commit, other registrations of the workspace wait.
    await checkLimit(client, workspaceId);
    const enabled = filled.filter((tool) => tool.enabled).length;
    const authType = integration.auth.type;
    const details = {
      ...{ name, kind, host, authType, approvalFloor, verifyUrl, tools: filled.length, enabled },
      ...(Object.keys(effects).length > 0 && { effects }),
      ...settingsNote(integration),
    };
    const target = customerIntegrationId;
    await audit(scoped, { actor, action: 'integration.created', target, details }, client);
    if (token) await audit(scoped, { actor, ...tokenAuditNote(scoped, target, token) }, client);
  });
  return customerIntegrationId;
}

/** @throws ProblemError integration_limit_reached */
async function checkLimit(client: PoolClient, workspaceId: string): Promise<void> {
  const { rows } = await client.query<{ limit: number | null }>(
    'SELECT max_integrations AS "limit" FROM workspace WHERE workspace_id = $1',
    [workspaceId],
  );
  await checkItemLimit(client, workspaceId, 'integrations', rows[0]?.limit ?? undefined);
}

function toNewRow(
  { vault, workspaceId }: WorkspaceScope,
  registration: { workspaceId: string; customerIntegrationId: string; registrationId: string },
  integration: NewIntegration,
) {
  const {
    tools: _tools,
    enable: _enable,
    list: _list,
    effects: _effects,
    defaultEffects: _defaults,
    token,
    auth,
    ...others
  } = integration;
  const { title = integration.name, warnings = [], secretVariables = {}, variables = {}, ...rest } = others;
  const { baseUrl, oauthServer } = integration;
  const target = { ...registration, baseUrl, auth, oauthServer, variables };
  return {
    ...rest,
    ...registration,
    variables: variables as Json,
    requestSettings: (integration.requestSettings ?? {}) as Json,
    ...(Object.keys(secretVariables).length > 0 && ownVariableColumns(vault, workspaceId, target, secretVariables)),
    ...(token && ownSecretColumns(vault, workspaceId, target, token)),
    integrationId: integrationIdOf(integration.host, title),
    effectWords: EFFECT_WORDS_VERSION,
    auth: auth as Json,
    warnings: [...warnings],
  };
}

/** The audit note of a workspace token; null: it is removed. */
export const tokenAuditNote = ({ vault, workspaceId }: WorkspaceScope, target: string, token: Secret | null) =>
  ({
    action: token ? 'credential.stored' : 'credential.revoked',
    target,
    details: { of: 'workspace', ...(token && { fingerprint: vault.fingerprint(token, workspaceId) }) },
  }) as const;

type NewRow = { [field: string]: Json | Uint8Array | readonly StoredDocument[] | PickOperations | undefined };

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** Inserts an integration from fields of the Prisma schema, with lists and objects as JSON. Returns false if the id is in use. */
async function insertIntegration(
  client: PoolClient,
  { document = null, ...row }: NewRow & { document?: string | Uint8Array | null | undefined },
): Promise<boolean> {
  const fields = Object.entries(row).filter(([, value]) => value !== undefined);
  const columns = fields.map(([field]) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const values = fields.map(([, value]) =>
    typeof value === 'object' && value !== null && !isBytes(value) ? JSON.stringify(value) : value,
  );
  const placeholders = values.map((_, i) => `$${i + 2}`);
  const { rowCount } = await client.query(
    `INSERT INTO integration (document, document_sha256, ${columns.map((name) => `"${name}"`).join(', ')})
     VALUES ($1::text, encode(sha256(convert_to($1::text, 'UTF8')), 'hex'), ${placeholders.join(', ')})
     ON CONFLICT (workspace_id, customer_integration_id) DO NOTHING`,
    [document, ...values],
  );
  return rowCount === 1;
}
