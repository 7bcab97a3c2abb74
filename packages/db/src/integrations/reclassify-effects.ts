import { EFFECT_WORDS_VERSION, type Effect, effectByWords, type NamedOperation, system } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { fieldArrays } from '../statements/columns.ts';
import { withTransaction } from '../statements/scope.ts';
import { inReview } from '../tools/tool-row.ts';

/** Number of names in the audit log; the others are counted. */
const MAX_NAMES = 50;
const INTEGRATION_KEY = 'workspace_id = $1 AND customer_integration_id = $2';

/**
 * Classifies tools again that were classified by an earlier list of words. Effects and enabled states stay; a different effect is
 * proposed to the owner. Several processes may do this concurrently.
 */
export async function reclassifyEffects(pool: Pool, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await withTransaction(pool, (client) => reclassifyNext(pool, client))));
}

/** Returns false if no integration is left. */
async function reclassifyNext(pool: Pool, client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ workspaceId: string; id: string }>(
    `SELECT workspace_id AS "workspaceId", customer_integration_id AS id FROM integration WHERE effect_words < $1
     LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
    [EFFECT_WORDS_VERSION],
  );
  const [integration] = rows;
  if (!integration) return false;
  const { workspaceId, id } = integration;
  const proposals = await proposalsOf(client, [workspaceId, id]);
  await client.query(
    `UPDATE tool SET proposed_effect = p.effect FROM unnest($3::text[], $4::text[]) AS p (operation, effect)
     WHERE ${INTEGRATION_KEY} AND tool.operation = p.operation AND owner_effect IS NULL`,
    [workspaceId, id, ...fieldArrays(proposals, 'operation', 'proposed')],
  );
  await client.query(
    `UPDATE integration SET effect_words = $3, tools_version = tools_version + 1,
       needs_review = pending_base_url IS NOT NULL OR pending_issuer IS NOT NULL OR EXISTS (SELECT FROM tool WHERE ${INTEGRATION_KEY} AND ${inReview('')})
     WHERE ${INTEGRATION_KEY}`,
    [workspaceId, id, EFFECT_WORDS_VERSION],
  );
  const writes = proposals.flatMap(({ operation, proposed }) => (proposed === 'write' ? [operation] : []));
  if (writes.length > 0) {
    const details = { proposedWrites: writes.slice(0, MAX_NAMES), proposedWritesCount: writes.length };
    await audit({ pool, workspaceId }, { actor: system, action: 'integration.changed', target: id, details }, client);
  }
  return true;
}

/** Effects by words that differ from the stored ones, for tools without an effect set by their owner. */
async function proposalsOf(client: PoolClient, integration: [workspaceId: string, customerIntegrationId: string]) {
  const { rows } = await client.query<NamedOperation & { effect: Effect }>(
    `SELECT operation, method, path, left(summary, 200) AS title, left(description, 200) AS description, call->'hints' AS hints, effect
     FROM tool WHERE ${INTEGRATION_KEY} AND owner_effect IS NULL`,
    integration,
  );
  return rows.flatMap(({ effect, ...tool }) => {
    const proposed = effectByWords(tool, effect);
    return proposed === undefined ? [] : [{ operation: tool.operation, proposed }];
  });
}
