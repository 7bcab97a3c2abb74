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

/** The form of answers of a tool: of all users, or of one. */
export type UserForm = { userId?: string; form: JsonSchema };
type FormsChange = { before: readonly UserForm[]; after: readonly UserForm[] };

/** Maximum bytes of answer forms for a planner. */
const MAX_FORM_BYTES = 256 * 1024;
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

export function answerForms(scoped: WorkspaceScope) {
  return {
    /** The forms of earlier answers of a tool; none if the tool has changed. */
    async answerForms({ name, fingerprint }: ToolVersion): Promise<readonly UserForm[]> {
      const row = await queryRow<{ forms: UserForm[] | null }>(scoped, {
        name: 'tool_forms',
        text: 'SELECT answer_forms AS forms FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4',
        values: [integrationOf(name), name, fingerprint],
      });
      return row?.forms ?? [];
    },

    /**
     * Replaces the forms of a tool after an answer to a run. The run is locked, so that an erasure which removes it sees the new forms.
     * @returns false if the forms or the tool have changed, or the run is gone
     */
    async replaceAnswerForms({ name, fingerprint }: ToolVersion, runId: string, change: FormsChange): Promise<boolean> {
      const [before, after] = [change.before, change.after].map((forms) =>
        forms.length > 0 ? JSON.stringify(forms) : null,
      );
      const row = await queryRow(scoped, {
        name: 'tool_learn_forms',
        text: `WITH present AS MATERIALIZED (SELECT FROM run WHERE workspace_id = $1 AND run_id = $5 FOR KEY SHARE)
          UPDATE tool SET answer_forms = $7 WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4
            AND answer_forms IS NOT DISTINCT FROM $6::jsonb AND EXISTS (SELECT FROM present) RETURNING name`,
        values: [integrationOf(name), name, fingerprint, runId, before, after],
      });
      return row !== null;
    },

    /** The forms of enabled tools by name that answers to several users share, and those of this user, up to MAX_FORM_BYTES. */
    async answerFormsFor(userId: string, registered: readonly Registered[]): Promise<Map<string, JsonSchema[]>> {
      const rows = await queryRows<{ name: string; forms: JsonSchema[] }>(scoped, {
        name: 'tools_forms',
        text: `SELECT name, forms FROM (
            SELECT t.name, f.forms,
              sum(octet_length(f.forms::text)) OVER (ORDER BY t.customer_integration_id, t.position, t.operation) AS bytes
            FROM integration i JOIN tool t USING (workspace_id, customer_integration_id)
            CROSS JOIN LATERAL jsonb_path_query_array(t.answer_forms,
              '$[*] ? (!exists(@.userId) || @.userId == $user).form', jsonb_build_object('user', $4::text)) AS f(forms)
            WHERE i.workspace_id = $1 AND i.registration_id = ANY($2) AND t.enabled AND t.answer_forms IS NOT NULL AND f.forms <> '[]'
          ) AS forms WHERE bytes <= $3`,
        values: [registered.map(({ registrationId }) => registrationId), MAX_FORM_BYTES, userId],
      });
      return new Map(rows.map(({ name, forms }) => [name, forms]));
    },
  };
}

const integrationOf = (name: string): string => name.slice(0, name.indexOf('.'));
