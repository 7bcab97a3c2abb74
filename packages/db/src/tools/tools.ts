import type { JsonSchema, ToolSpec, UnusableTool } from '@errand/contracts';
import { queryRow, queryRows } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';
import { readSlices, SLICE_SIZE } from './slices.ts';
import { type Registered, STORED_TOOL_TEXT } from './tool-row.ts';

/** A tool, or the reason why it is unusable, with its size as JSON, its registration and its `toolsKey`. */
export type NamedTool = ToolKey & { bytes: number } & ({ tool: ToolSpec } | { unusable: UnusableTool });
type ToolKey = { name: string; registrationId: string; toolsKey: string };
type NamedRow = ToolKey & { text: string | null; inReview: boolean };

export type DisabledTools = {
  customerIntegrationId: string;
  integrationName: string;
  disabledCount: number;
  toolCount: number;
};

export type ToolVersion = Pick<ToolSpec, 'name' | 'fingerprint'>;

/** Maximum bytes of answer forms for a planner. */
const MAX_SEEN_BYTES = 256 * 1024;
const TOOLS_KEY = `i.registration_id || ':' || i.tools_version`;
const FROM_TOOLS = `FROM integration i JOIN tool t USING (workspace_id, customer_integration_id) WHERE i.workspace_id = $1`;

export function tools(scoped: WorkspaceScope) {
  return {
    /** Reads tools by name; for disabled ones only the reason. */
    async readByName(customerIntegrationIds: readonly string[], names: readonly string[]): Promise<NamedTool[]> {
      const tools: NamedTool[] = [];
      for (let i = 0; i < names.length; i += SLICE_SIZE) {
        const rows = await queryRows<NamedRow>(scoped, {
          name: 'tools_named',
          text: `SELECT t.name, i.registration_id AS "registrationId", ${TOOLS_KEY} AS "toolsKey", CASE WHEN t.enabled THEN ${STORED_TOOL_TEXT} END AS text,
              coalesce(t.change IN ('changed', 'removed'), false) AS "inReview"
            ${FROM_TOOLS} AND t.customer_integration_id = ANY($2) AND t.name = ANY($3)`,
          values: [customerIntegrationIds, names.slice(i, i + SLICE_SIZE)],
        });
        for (const { text, inReview, ...entry } of rows) {
          if (text === null)
            tools.push({ ...entry, bytes: entry.name.length, unusable: inReview ? 'in review' : 'off' });
          else tools.push({ ...entry, bytes: text.length, tool: JSON.parse(text) as ToolSpec });
        }
      }
      return tools;
    },

    /** The enabled reads of an HTTP integration that need a credential but no arguments. */
    readsWithoutArguments: (
      customerIntegrationId: string,
    ): Promise<{ name: string; operation: string; path: string }[]> =>
      queryRows(scoped, {
        text: `SELECT t.name, t.operation, t.path ${FROM_TOOLS} AND t.customer_integration_id = $2 AND t.enabled AND t.effect = 'read'
          AND t.method = 'GET' AND t.path NOT LIKE '%{%' AND t.call->'server' IS NULL AND t.call->'anonymous' IS NULL
          AND t.input_schema->'required' IS NULL ORDER BY t.name`,
        values: [customerIntegrationId],
      }),

    /** A tool of an HTTP integration by one of these operations, whether it is enabled or not. */
    async byOperation(customerIntegrationId: string, operations: readonly string[]): Promise<ToolSpec | undefined> {
      const row = await queryRow<{ text: string }>(scoped, {
        text: `SELECT ${STORED_TOOL_TEXT} AS text ${FROM_TOOLS} AND t.customer_integration_id = $2 AND t.operation = ANY($3)
          AND t.change IS DISTINCT FROM 'removed' ORDER BY t.position LIMIT 1`,
        values: [customerIntegrationId, operations],
      });
      return row ? (JSON.parse(row.text) as ToolSpec) : undefined;
    },

    async enabledNames(customerIntegrationIds: readonly string[]): Promise<string[]> {
      const rows = await queryRows<{ name: string }>(scoped, {
        text: `SELECT t.name ${FROM_TOOLS} AND t.customer_integration_id = ANY($2) AND t.enabled ORDER BY t.customer_integration_id, t.position`,
        values: [customerIntegrationIds],
      });
      return rows.map(({ name }) => name);
    },

    /** All enabled tools of an integration in slices, from one snapshot, as unparsed JSON texts of ToolSpec. */
    async *enabledTexts({ customerIntegrationId, registrationId }: Registered): AsyncGenerator<readonly string[]> {
      const only = { enabled: true, registrationId } as const;
      const read = readSlices(
        scoped.pool,
        { text: () => STORED_TOOL_TEXT },
        [scoped.workspaceId, customerIntegrationId],
        only,
      );
      for await (const rows of read) yield rows.map(({ text }) => text!);
    },

    countDisabled: (registered: readonly Registered[]): Promise<DisabledTools[]> =>
      queryRows<DisabledTools>(scoped, {
        text: `SELECT i.customer_integration_id AS "customerIntegrationId", i.name AS "integrationName",
            (count(*) FILTER (WHERE NOT t.enabled))::int AS "disabledCount", count(*)::int AS "toolCount"
          ${FROM_TOOLS} AND i.registration_id = ANY($2) GROUP BY 1, 2 HAVING NOT bool_and(t.enabled) ORDER BY 2, 1`,
        values: [registered.map(({ registrationId }) => registrationId)],
      }),
  };
}

export function observedOutputSchemas(scoped: WorkspaceScope) {
  return {
    /** The form of earlier answers of a tool (`storeObservedOutputSchema`); undefined if there is none, or the tool has changed. */
    async observedOutputSchema({ name, fingerprint }: ToolVersion): Promise<JsonSchema | undefined> {
      const row = await queryRow<{ seen: JsonSchema | null }>(scoped, {
        name: 'tool_seen',
        text: 'SELECT seen_output AS seen FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4',
        values: [integrationOf(name), name, fingerprint],
      });
      return row?.seen ?? undefined;
    },

    /** Stores the form of answers, unless the tool has changed. */
    async storeObservedOutputSchema({ name, fingerprint }: ToolVersion, output: JsonSchema): Promise<void> {
      await queryRow(scoped, {
        name: 'tool_note_seen',
        text: 'UPDATE tool SET seen_output = $5 WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4',
        values: [integrationOf(name), name, fingerprint, JSON.stringify(output)],
      });
    },

    /** The answer forms of enabled tools by name, up to MAX_SEEN_BYTES. */
    async observedOutputSchemas(registered: readonly Registered[]): Promise<Record<string, JsonSchema>> {
      const rows = await queryRows<{ name: string; seen: JsonSchema }>(scoped, {
        name: 'tools_seen',
        text: `SELECT name, seen FROM (
            SELECT t.name, t.seen_output AS seen,
              sum(octet_length(t.seen_output::text)) OVER (ORDER BY t.customer_integration_id, t.position, t.operation) AS bytes
            ${FROM_TOOLS} AND i.registration_id = ANY($2) AND t.enabled AND t.seen_output IS NOT NULL
          ) AS forms WHERE bytes <= $3`,
        values: [registered.map(({ registrationId }) => registrationId), MAX_SEEN_BYTES],
      });
      return Object.fromEntries(rows.map(({ name, seen: output }) => [name, output]));
    },
  };
}

const integrationOf = (name: string): string => name.slice(0, name.indexOf('.'));
