import type { DescribedTool } from '@errand/contracts';

/** One registration of an integration. A later one with the same id must not get data of an earlier one. */
export type Registered = { customerIntegrationId: string; registrationId: string };

/** A tool from an importer. Its name is derived from its integration and operation. */
export type NewTool = Omit<DescribedTool, 'name' | 'customerIntegrationId' | 'integrationName' | 'enabled'>;

/** JSON texts of lists of NewTool. They are sent unparsed, because a service may have megabytes of tools. */
export type ToolTexts = readonly (string | Uint8Array)[];

/** SQL of whether a tool needs a review by its owner. */
export const inReview = (table: 't.' | ''): string =>
  `(coalesce(${table}change IN ('new', 'changed'), false) OR coalesce(${table}proposed_effect = 'write', false))`;

const TOOL = `jsonb_build_object('name', t.name, 'description', coalesce(t.description, ''), 'inputSchema', t.input_schema,
    'enabled', t.enabled, 'effect', t.effect)
  || jsonb_strip_nulls(jsonb_build_object('method', t.method, 'path', t.path, 'change', t.change,
    'proposedEffect', t.proposed_effect, 'needsReview', CASE WHEN ${inReview('t.')} THEN true END))`;

/** SQL of the JSON text of a ListedTool, from the table `tool` as t. */
export const TOOL_TEXT = `(${TOOL} || jsonb_build_object('fingerprint', t.fingerprint) || jsonb_strip_nulls(jsonb_build_object('title', t.summary)))::text`;

/** SQL of a ToolDefinition as jsonb, from the table `tool` with an alias. */
export const definitionOf = (tool: string): string => `jsonb_strip_nulls(jsonb_build_object('title', ${tool}.summary,
    'method', ${tool}.method, 'path', ${tool}.path)) || jsonb_build_object('description', coalesce(${tool}.description, ''),
    'inputSchema', ${tool}.input_schema, 'effect', ${tool}.effect)
  || CASE WHEN ${tool}.output_schema IS NULL THEN '{}' ELSE jsonb_build_object('outputSchema', ${tool}.output_schema) END`;

// Its method or server alone does not make a tool repeatable if its owner or its words classify it as a write.
const IDEMPOTENT = `t.idempotent AND (t.effect = 'read' OR t.method IN ('PUT', 'DELETE')
    OR (t.owner_effect IS DISTINCT FROM 'write' AND coalesce(t.method NOT IN ('GET', 'HEAD', 'OPTIONS'), false))
    OR coalesce(t.call #>> '{hints,idempotentHint}' = 'true', false))`;

/** SQL of the JSON text of a ToolSpec, from the tables `tool` as t and `integration` as i. */
export const STORED_TOOL_TEXT = `(${TOOL}
  || jsonb_build_object('customerIntegrationId', t.customer_integration_id, 'integrationName', i.name, 'operation', t.operation,
    'idempotent', ${IDEMPOTENT}, 'call', t.call, 'fingerprint', t.fingerprint)
  || jsonb_strip_nulls(jsonb_build_object('title', t.summary,
    'pages', coalesce(i.rules #> ARRAY['pages', t.operation], i.rules #> '{pages,*}')))
  || CASE WHEN t.output_schema IS NULL THEN '{}' ELSE jsonb_build_object('outputSchema', t.output_schema) END)::text`;
