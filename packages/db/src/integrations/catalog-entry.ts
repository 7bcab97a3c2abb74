import type { PoolClient } from 'pg';
import type { CatalogFields } from './integration-row.ts';

/** A newer entry of the catalogue. `fields`: those that it gives. `apply`: the fields of the integration with it, from the stored ones. */
export type CatalogChange = {
  version: string;
  fields: CatalogFields;
  apply: (stored: CatalogFields) => CatalogFields;
};

/** Applies a newer entry to an integration. The transaction has locked its row. */
export async function applyCatalogChange(
  client: PoolClient,
  { workspaceId, customerIntegrationId }: { workspaceId: string; customerIntegrationId: string },
  { version, fields, apply }: CatalogChange,
): Promise<void> {
  const key = [workspaceId, customerIntegrationId];
  const { rows } = await client.query<{ stored: CatalogFields }>(
    `SELECT request_settings || jsonb_build_object('rules', rules) AS stored FROM integration
     WHERE workspace_id = $1 AND customer_integration_id = $2`,
    key,
  );
  const { rules = {}, ...requestSettings } = apply(rows[0]!.stored);
  await client.query(
    `UPDATE integration SET catalog_version = $3, catalog_fields = $4::jsonb, request_settings = $5::jsonb, rules = $6::jsonb,
       unannounced_since = clock_timestamp() WHERE workspace_id = $1 AND customer_integration_id = $2`,
    [...key, version, ...[fields, requestSettings, rules].map((value) => JSON.stringify(value))],
  );
}
