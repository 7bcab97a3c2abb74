import type { JsonSchema, Tool, ToolSpec } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';

/** A tool as an importer hands it over: its name follows from its integration and its operation. */
export type NewTool = Omit<ToolSpec, 'name' | 'customerIntegrationId' | 'integrationName' | 'enabled'>;

/** JSON texts, each a list of NewTool. They pass on to Postgres as they are: a service may have megabytes of tools. */
export type ToolTexts = readonly (string | Uint8Array)[];

/** A tool as it is kept. */
export type StoredTool = ToolSpec & { sha256: string };

type Row = Prisma.ToolGetPayload<object>;

export function toTool(row: Row): Tool {
  return {
    name: row.name,
    description: row.description ?? '',
    ...(row.method !== null && { method: row.method }),
    ...(row.path !== null && { path: row.path }),
    inputSchema: row.inputSchema as JsonSchema,
    enabled: row.enabled,
    effect: row.effect as Tool['effect'],
    ...(row.change !== null && { change: row.change as Tool['change'] }),
    ...(waits(row) && { needsReview: true }),
  };
}

/** Whether the owner has yet to choose it. */
const waits = ({ change }: Row): boolean => change === 'new' || change === 'changed';

/** SQL of the JSON text of a StoredTool, from the tables `tool` as t and `integration` as i. */
export const storedToolText = `(jsonb_build_object(
    'name', t.name, 'description', coalesce(t.description, ''), 'inputSchema', t.input_schema, 'enabled', t.enabled, 'effect', t.effect,
    'customerIntegrationId', t.customer_integration_id, 'integrationName', i.name, 'operation', t.operation,
    'idempotent', t.idempotent, 'call', t.call, 'sha256', t.sha256)
  || jsonb_strip_nulls(jsonb_build_object('title', t.summary, 'method', t.method, 'path', t.path, 'change', t.change,
    'needsReview', CASE WHEN t.change IN ('new', 'changed') THEN true END))
  || CASE WHEN t.output_schema IS NULL THEN '{}' ELSE jsonb_build_object('outputSchema', t.output_schema) END)::text`;
