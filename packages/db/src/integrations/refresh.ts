import { EFFECT_WORDS_VERSION, type Enable, type Integration, problem } from '@errand/contracts';
import type { PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { withTransaction } from '../statements/scope.ts';
import { enableInitially, markRemoved, replaceTools, type ToolState } from '../tools/fill-tools.ts';
import { inReview, type ToolTexts } from '../tools/tool-row.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { applyCatalogChange, type CatalogChange } from './catalog-entry.ts';
import type { StoredDocument } from './documents.ts';
import { integrationOmit } from './integration-row.ts';
import { type ListState, listReadColumns, listReadValues } from './list-reads.ts';
import { countTools } from './to-integration.ts';

export type NewerSource = {
  baseUrl: string;
  description?: string;
  logoUrl?: string;
  document?: string | Uint8Array | undefined;
  documents?: readonly StoredDocument[] | undefined;
  tools: ToolTexts;
  warnings: readonly string[];
  toolsUserId?: string;
  list?: ListState;
  /** The newer entry of the catalogue with which the tools were read. */
  entry?: CatalogChange | undefined;
};

export type Transaction = Prisma.TransactionClient;
export type IntegrationKey = { workspaceId: string; customerIntegrationId: string };

/** Number of names of each kind in the audit log; the others are counted. */
const MAX_NAMES = 50;
const IN_REVIEW = [{ change: { in: ['new', 'changed'] } }, { proposedEffect: 'write' }];

export function refreshes({ prisma, pool, workspaceId, actor }: WorkspaceScope) {
  return {
    /**
     * Applies a newer source. New, changed and removed tools are disabled until the owner enables them, and a new base URL is
     * pending until the owner confirms it: a service cannot change unnoticed. Returns null if the integration does not exist.
     * @param expectedId only this registration is updated
     */
    async refresh(customerIntegrationId: string, newer: NewerSource, expectedId?: string): Promise<Integration | null> {
      const where = { workspaceId, customerIntegrationId };
      const exists = await withTransaction(pool, async (client) => {
        // This write comes first, so that concurrent refreshes run one after the other.
        const updated = await updateSource(client, where, newer, expectedId);
        if (updated === undefined) return false;
        const { entry } = newer;
        if (entry) await applyCatalogChange(client, where, entry);
        const filled = await replaceTools(client, { ...where, registrationId: updated.registrationId }, newer.tools);
        const operations = filled.map(({ operation }) => operation);
        const removed = await markRemoved(client, where, operations);
        const { pendingBaseUrl, firstEnable } = updated;
        const enables = firstEnable !== null && filled.length > 0;
        const missing = enables ? await enableInitially(client, where, firstEnable, filled) : [];
        await client.query(
          `UPDATE integration SET needs_review = pending_base_url IS NOT NULL OR pending_issuer IS NOT NULL OR ${ANY_IN_REVIEW},
             first_enable = CASE WHEN $3 THEN NULL ELSE first_enable END, warnings = warnings || $4::jsonb WHERE ${INTEGRATION_KEY}`,
          [workspaceId, customerIntegrationId, enables, JSON.stringify(missing)],
        );
        const details = {
          refreshed: true,
          ...(enables && { enabled: firstEnable }),
          ...changesOf(filled, removed),
          ...(pendingBaseUrl !== null && { pendingBaseUrl }),
          ...(entry && { catalogVersion: entry.version }),
        };
        const note = { actor, action: 'integration.changed', target: customerIntegrationId, details } as const;
        await audit({ pool, workspaceId }, note, client);
        return true;
      });
      if (!exists) return null;
      const row = await prisma.integration.findFirstOrThrow({ where, omit: integrationOmit });
      return countTools(prisma, workspaceId, row);
    },
  };
}

const INTEGRATION_KEY = 'workspace_id = $1 AND customer_integration_id = $2';
const ANY_IN_REVIEW = `EXISTS (SELECT FROM tool WHERE ${INTEGRATION_KEY} AND ${inReview('')})`;

async function updateSource(
  client: PoolClient,
  { workspaceId, customerIntegrationId }: IntegrationKey,
  newer: NewerSource,
  expectedId = null as string | null,
) {
  const { baseUrl, description = null, logoUrl = null, toolsUserId = null, warnings, document = null } = newer;
  const { rows } = await client.query<{
    pendingBaseUrl: string | null;
    registrationId: string;
    firstEnable: Enable | null;
  }>(
    `UPDATE integration SET description = $3, logo_url = $4, warnings = $5::jsonb, pending_base_url = nullif($6, base_url),
       document = coalesce($7::text, document),
       document_sha256 = coalesce(encode(sha256(convert_to($7::text, 'UTF8')), 'hex'), document_sha256),
       documents = coalesce($10::jsonb, documents), tools_user_id = $9, effect_words = ${EFFECT_WORDS_VERSION}, ${listReadColumns(11)}, tools_version = tools_version + 1, updated_at = now()
     WHERE ${INTEGRATION_KEY} AND registration_id = coalesce($8, registration_id)
     RETURNING pending_base_url AS "pendingBaseUrl", registration_id AS "registrationId", first_enable AS "firstEnable"`,
    [
      workspaceId,
      customerIntegrationId,
      description,
      logoUrl,
      JSON.stringify(warnings),
      baseUrl,
      document,
      expectedId,
      toolsUserId,
      newer.documents ? JSON.stringify(newer.documents) : null,
      ...listReadValues(newer.list),
    ],
  );
  return rows[0];
}

function changesOf(filled: readonly ToolState[], removed: readonly string[]) {
  const operationsWith = (change: ToolState['change']) =>
    filled.flatMap((row) => (row.change === change ? [row.operation] : []));
  return {
    tools: filled.length,
    ...summary('new', operationsWith('new')),
    ...summary('changed', operationsWith('changed')),
    ...summary('removed', removed),
  };
}

const summary = (change: string, names: readonly string[]) =>
  names.length === 0
    ? {}
    : { [change]: names.slice(0, MAX_NAMES), ...(names.length > MAX_NAMES && { [`${change}Count`]: names.length }) };

type ReviewFields = {
  pendingBaseUrl?: null;
  baseUrl?: string;
  host?: string;
  pendingIssuer?: string | null;
  firstEnable?: typeof Prisma.DbNull;
};

/** Stores a change, and whether the owner still has something to review. */
export async function updateReview(tx: Transaction, where: IntegrationKey, data: ReviewFields): Promise<void> {
  const open = await tx.tool.count({ where: { ...where, OR: IN_REVIEW } });
  const { pendingBaseUrl, pendingIssuer } = await tx.integration.update({
    where: { workspaceId_customerIntegrationId: where },
    data: { ...data, toolsVersion: { increment: 1 } },
    select: { pendingBaseUrl: true, pendingIssuer: true },
  });
  const needsReview = open > 0 || pendingBaseUrl !== null || pendingIssuer !== null;
  await tx.integration.update({ where: { workspaceId_customerIntegrationId: where }, data: { needsReview } });
}

/** Applies the pending base URL. @throws ProblemError validation_failed if the owner confirmed another one */
export async function applyBaseUrl(tx: Transaction, where: IntegrationKey, baseUrl: string): Promise<void> {
  const message = '`confirmBaseUrl` is not the pending base URL of the integration.';
  const pending = await tx.integration.count({ where: { ...where, pendingBaseUrl: baseUrl } });
  if (pending === 0) throw problem('validation_failed', message, { errors: [{ pointer: '/confirmBaseUrl', message }] });
  await updateReview(tx, where, { pendingBaseUrl: null, baseUrl, host: new URL(baseUrl).host });
}
