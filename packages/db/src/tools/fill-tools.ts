import { type Enable, problem } from '@errand/contracts';
import type { PoolClient } from 'pg';
import { definitionOf, type ToolTexts } from './tool-row.ts';

type IntegrationKey = { workspaceId: string; customerIntegrationId: string };
type Registration = IntegrationKey & { registrationId: string };

/** Maximum number of reported faults, and of operations in a fault. */
const MAX_ERRORS = 50;
const MAX_LISTED = 10;
/** Larger definitions of changed tools are not stored for comparison. */
const MAX_ACCEPTED_BYTES = 65_536;

export type ToolState = { operation: string; enabled: boolean; change: 'new' | 'changed' | null };

// The digest covers the registration and everything that the caller saw, but only the effect that the source states: a newer list
// of words changes no tool. Equal jsonb values have equal texts.
const ROWS = `SELECT $1::uuid AS workspace_id, $2::text AS customer_integration_id, x.operation, $3::int + x.ordinality::int - 1 AS position,
    $2 || '.' || x.operation AS name, x.title AS summary, x.description, x.method, x.path, x."inputSchema" AS input_schema,
    x."outputSchema" AS output_schema, coalesce(x.call, 'null') AS call, x.effect, x."proposedEffect" AS proposed_effect, x.idempotent,
    encode(sha256(convert_to(jsonb_build_array($5::text, x.operation, x.title, x.description, x.method, x.path, x."inputSchema"::jsonb,
      x."outputSchema", coalesce(x."statedEffect", x.effect), x.call)::text, 'UTF8')), 'hex') AS fingerprint
  FROM ROWS FROM (json_to_recordset($4::text::json) AS (operation text, title text, description text, method text, path text,
    "inputSchema" json, "outputSchema" jsonb, call jsonb, effect text, "proposedEffect" text, "statedEffect" text, idempotent boolean)) WITH ORDINALITY AS x`;

const COLUMNS = `workspace_id, customer_integration_id, operation, position, name, summary, description, method, path, input_schema,
  output_schema, call, effect, proposed_effect, idempotent, fingerprint, enabled, change`;

// The owner's effects ($8) precede the choice of reads.
const INSERT = `INSERT INTO tool (${COLUMNS}, owner_effect)
  SELECT workspace_id, customer_integration_id, operation, position, name, summary, description, method, path, input_schema, output_schema,
    call, coalesce(owner_effect, effect), CASE WHEN owner_effect IS NULL THEN proposed_effect END, idempotent, fingerprint,
    CASE $6::text WHEN 'all' THEN true WHEN 'reads' THEN coalesce(owner_effect, effect) = 'read' ELSE operation = ANY($7::text[]) END,
    NULL, owner_effect
  FROM (SELECT new.*, $8::jsonb->>operation AS owner_effect FROM (${ROWS}) AS new) AS new RETURNING operation, enabled, change`;

// A tool in review stays in review, even if it changes back; a removed tool that returns is new. An unchanged tool keeps its
// effect; an effect by newer words is proposed.
const REPLACE = `INSERT INTO tool AS old (${COLUMNS}) SELECT *, false, 'new' FROM (${ROWS}) AS new
  ON CONFLICT (workspace_id, customer_integration_id, operation) DO UPDATE SET
    position = excluded.position, name = excluded.name, summary = excluded.summary, description = excluded.description,
    method = excluded.method, path = excluded.path, input_schema = excluded.input_schema, output_schema = excluded.output_schema,
    owner_effect = CASE WHEN old.fingerprint = excluded.fingerprint THEN old.owner_effect END,
    effect = CASE WHEN old.fingerprint = excluded.fingerprint THEN old.effect ELSE excluded.effect END,
    proposed_effect = CASE
      WHEN old.fingerprint IS DISTINCT FROM excluded.fingerprint OR old.effect = excluded.effect AND old.owner_effect IS NULL
        THEN excluded.proposed_effect
      WHEN old.owner_effect IS NULL THEN excluded.effect END,
    answer_forms = CASE WHEN old.fingerprint = excluded.fingerprint THEN old.answer_forms END,
    call = excluded.call, idempotent = excluded.idempotent, fingerprint = excluded.fingerprint,
    enabled = old.enabled AND old.change IS NULL AND old.fingerprint = excluded.fingerprint AND old.idempotent = excluded.idempotent,
    change = CASE
      WHEN old.change IN ('new', 'removed') THEN 'new'
      WHEN old.change IS NULL AND old.fingerprint = excluded.fingerprint AND old.idempotent = excluded.idempotent THEN NULL
      ELSE 'changed' END,
    accepted = CASE
      WHEN old.change IS NOT NULL THEN old.accepted
      WHEN (old.fingerprint, old.idempotent) IS DISTINCT FROM (excluded.fingerprint, excluded.idempotent)
        AND octet_length((${definitionOf('old')})::text) <= ${MAX_ACCEPTED_BYTES} THEN ${definitionOf('old')} END
  RETURNING operation, enabled, change`;

export type ToolEffect = 'read' | 'write';
type Effects = Readonly<Record<string, ToolEffect>>;
/** `defaultEffects`: for the operations among them that exist and are not in `effects`. */
type ToolChoice = { enable: Enable; effects: Effects; defaultEffects?: Effects | undefined };

/** Writes the tools of a new integration. @throws ProblemError validation_failed if the choice names an unknown operation */
export async function insertTools(
  client: PoolClient,
  registration: Registration,
  texts: ToolTexts,
  { enable, effects, defaultEffects }: ToolChoice,
): Promise<ToolState[]> {
  const names = typeof enable === 'string' ? [] : enable;
  const more = [typeof enable === 'string' ? enable : null, names, JSON.stringify({ ...defaultEffects, ...effects })];
  const written = await writeTools(client, { statement: INSERT, more }, registration, texts);
  const existing = written.map(({ operation }) => operation);
  const operations = new Set(existing);
  const unknown = (name: string, pointer: string) => {
    if (operations.has(name)) return [];
    const renamed = name.replace(/[^a-zA-Z0-9_-]+/g, '_');
    const hint = operations.has(renamed) ? ` It is called ${renamed} here.` : '';
    return [{ pointer, message: `The document has no operation "${name}".${hint}` }];
  };
  const errors = [
    ...names.flatMap((name, i) => unknown(name, `/enable/${i}`)),
    ...Object.keys(effects).flatMap((name) => unknown(name, `/effects/${name}`)),
  ];
  const [first] = errors;
  if (first)
    throw problem('validation_failed', `${first.message} ${summarize(existing)}`, {
      errors: errors.slice(0, MAX_ERRORS),
    });
  return written;
}

const summarize = (operations: readonly string[]): string => {
  const more = operations.length - MAX_LISTED;
  return `It has ${operations.slice(0, MAX_LISTED).join(', ') || 'none'}${more > 0 ? ` and ${more} others` : ''}.`;
};

/** Writes the tools of a newer source; new and changed ones are disabled. */
export const replaceTools = (client: PoolClient, registration: Registration, texts: ToolTexts): Promise<ToolState[]> =>
  writeTools(client, { statement: REPLACE, more: [] }, registration, texts);

/** Enables the tools of the first read, as requested at creation. Returns a warning for each unknown operation. */
export async function enableInitially(
  client: PoolClient,
  { workspaceId, customerIntegrationId }: IntegrationKey,
  enable: Enable,
  written: readonly ToolState[],
): Promise<string[]> {
  const names = typeof enable === 'string' ? [] : enable;
  await client.query(
    `UPDATE tool SET enabled = true, change = NULL, accepted = NULL WHERE workspace_id = $1 AND customer_integration_id = $2
       AND CASE $3::text WHEN 'all' THEN true WHEN 'reads' THEN effect = 'read' ELSE operation = ANY($4::text[]) END`,
    [workspaceId, customerIntegrationId, typeof enable === 'string' ? enable : null, names],
  );
  const operations = new Set(written.map(({ operation }) => operation));
  return names
    .filter((name) => !operations.has(name))
    .slice(0, MAX_ERRORS)
    .map((name) => `It has no tool "${name}", which was to be enabled.`);
}

async function writeTools(
  client: PoolClient,
  { statement, more }: { statement: string; more: readonly unknown[] },
  { workspaceId, customerIntegrationId, registrationId }: Registration,
  texts: ToolTexts,
): Promise<ToolState[]> {
  const written: ToolState[] = [];
  for (const text of texts) {
    const value = typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength);
    const values = [workspaceId, customerIntegrationId, written.length, value, registrationId, ...more];
    written.push(...(await client.query<ToolState>(statement, values)).rows);
  }
  return written;
}

/** Disables tools that a newer document lacks. Returns their operations, without those already removed. */
export async function markRemoved(
  client: PoolClient,
  { workspaceId, customerIntegrationId }: IntegrationKey,
  operations: readonly string[],
): Promise<string[]> {
  const { rows: removed } = await client.query<{ operation: string }>(
    `UPDATE tool SET enabled = false, change = 'removed' WHERE workspace_id = $1 AND customer_integration_id = $2
       AND change IS DISTINCT FROM 'removed' AND NOT operation = ANY($3) RETURNING operation`,
    [workspaceId, customerIntegrationId, operations],
  );
  return removed.map(({ operation }) => operation);
}
