import { type JsonSchema, problem, type SetToolsInput, type ToolSpec, type UnusableTool } from '@errand/contracts';
import { auditRow } from '../audit/write.ts';
import { type Connection, integrationSelect, type Registered, toConnection } from '../integrations/integration-row.ts';
import { choose, settle } from '../integrations/refresh.ts';
import type { Scoped } from '../workspaces/scoped.ts';
import { slices, TOOLS_AT_ONCE } from './slices.ts';
import { toolList } from './tool-list.ts';
import { STORED_TOOL_TEXT } from './tool-row.ts';

/** An integration that runs may use, and a key that changes with its tools. */
export type Chosen = Connection & { toolsKey: string };

/** A tool, or why it cannot be used, with its size as JSON, the registration of its integration and `toolsKey`. */
export type Named = { name: string; registrationId: string; toolsKey: string; bytes: number } & (
  | { tool: ToolSpec }
  | { unusable: UnusableTool }
);

/** An integration with disabled tools: how many of how many. */
export type ToolsOff = { customerIntegrationId: string; integrationName: string; off: number; of: number };

/** A tool as it was when it answered. */
export type SeenTool = Pick<ToolSpec, 'name' | 'fingerprint'>;

/** Bytes of the forms of answers that a planner gets. */
const MAX_SEEN_BYTES = 256 * 1024;
/** Number of faults of a choice that are reported. */
const MAX_ERRORS = 50;
const KEY = `i.registration_id || ':' || i.tools_version`;
const JOINED = `FROM integration i JOIN tool t USING (workspace_id, customer_integration_id) WHERE i.workspace_id = $1`;

export function tools({ prisma, pool, workspaceId, actor }: Scoped) {
  const exists = async (customerIntegrationId: string): Promise<boolean> =>
    (await prisma.integration.count({ where: { workspaceId, customerIntegrationId } })) > 0;
  return {
    /** The tools of an integration as pieces of JSON text, see `toolList`. Null when there is no such integration. */
    async list(customerIntegrationId: string, page: { room: number; after?: string }): Promise<string[] | null> {
      if (!(await exists(customerIntegrationId))) return null;
      return toolList(pool, [workspaceId, customerIntegrationId], page);
    },

    /** The active integrations of a selection; `["*"]` is all. */
    async forSelection(selected: readonly string[]): Promise<Chosen[]> {
      const rows = await prisma.integration.findMany({
        where: {
          workspaceId,
          active: true,
          ...(!selected.includes('*') && { customerIntegrationId: { in: [...selected] } }),
        },
        orderBy: { customerIntegrationId: 'asc' },
        select: { ...integrationSelect, toolsVersion: true },
      });
      return rows.map((row) => ({ ...toConnection(row), toolsKey: `${row.registrationId}:${row.toolsVersion}` }));
    },

    /** The tools with these names of some integrations; for disabled ones only the reason. */
    async named(customerIntegrationIds: readonly string[], names: readonly string[]): Promise<Named[]> {
      const found: Named[] = [];
      for (let i = 0; i < names.length; i += TOOLS_AT_ONCE) {
        const { rows } = await pool.query<{
          name: string;
          registrationId: string;
          toolsKey: string;
          text: string | null;
          inReview: boolean;
        }>({
          name: 'tools_named',
          text: `SELECT t.name, i.registration_id AS "registrationId", ${KEY} AS "toolsKey", CASE WHEN t.enabled THEN ${STORED_TOOL_TEXT} END AS text,
              coalesce(t.change IN ('changed', 'removed'), false) AS "inReview"
            ${JOINED} AND t.customer_integration_id = ANY($2) AND t.name = ANY($3)`,
          values: [workspaceId, customerIntegrationIds, names.slice(i, i + TOOLS_AT_ONCE)],
        });
        for (const { text, inReview, ...one } of rows) {
          if (text === null) found.push({ ...one, bytes: one.name.length, unusable: inReview ? 'in review' : 'off' });
          else found.push({ ...one, bytes: text.length, tool: JSON.parse(text) as ToolSpec });
        }
      }
      return found;
    },

    /** The enabled reads of an HTTP integration that need no arguments but need a credential. */
    async plainReads(customerIntegrationId: string): Promise<{ name: string; operation: string; path: string }[]> {
      const { rows } = await pool.query<{ name: string; operation: string; path: string }>(
        `SELECT t.name, t.operation, t.path ${JOINED} AND t.customer_integration_id = $2 AND t.enabled AND t.effect = 'read'
           AND t.method = 'GET' AND t.path NOT LIKE '%{%' AND t.call->'server' IS NULL AND t.call->'anonymous' IS NULL
           AND t.input_schema->'required' IS NULL ORDER BY t.name`,
        [workspaceId, customerIntegrationId],
      );
      return rows;
    },

    /** The names of all enabled tools of some integrations. */
    async names(customerIntegrationIds: readonly string[]): Promise<string[]> {
      const { rows } = await pool.query<{ name: string }>(
        `SELECT t.name ${JOINED} AND t.customer_integration_id = ANY($2) AND t.enabled ORDER BY t.customer_integration_id, t.position`,
        [workspaceId, customerIntegrationIds],
      );
      return rows.map(({ name }) => name);
    },

    /**
     * All enabled tools of an integration in slices, from one snapshot, as JSON texts of ToolSpec, which are not parsed here.
     */
    async *texts({ customerIntegrationId, registrationId }: Registered): AsyncGenerator<readonly string[]> {
      const only = { enabled: true, registrationId } as const;
      const read = slices(pool, { text: () => STORED_TOOL_TEXT }, [workspaceId, customerIntegrationId], only);
      for await (const rows of read) yield rows.map(({ text }) => text!);
    },

    /** The form of earlier answers of a tool (`noteSeen`); undefined when there is none, or the tool has changed. */
    async seenOutput({ name, fingerprint }: SeenTool): Promise<JsonSchema | undefined> {
      const { rows } = await pool.query<{ seen: JsonSchema | null }>({
        name: 'tool_seen',
        text: 'SELECT seen_output AS seen FROM tool WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4',
        values: [workspaceId, integrationOf(name), name, fingerprint],
      });
      return rows[0]?.seen ?? undefined;
    },

    /** Stores the form of the answers of a tool, unless it has changed meanwhile. */
    async noteSeen({ name, fingerprint }: SeenTool, seen: JsonSchema): Promise<void> {
      await pool.query({
        name: 'tool_note_seen',
        text: 'UPDATE tool SET seen_output = $5 WHERE workspace_id = $1 AND customer_integration_id = $2 AND name = $3 AND fingerprint = $4',
        values: [workspaceId, integrationOf(name), name, fingerprint, JSON.stringify(seen)],
      });
    },

    /** The forms of earlier answers of the enabled tools of some integrations, by name: the first ones, up to MAX_SEEN_BYTES. */
    async seenOutputs(registered: readonly Registered[]): Promise<Record<string, JsonSchema>> {
      const { rows } = await pool.query<{ name: string; seen: JsonSchema }>({
        name: 'tools_seen',
        text: `SELECT name, seen FROM (
            SELECT t.name, t.seen_output AS seen,
              sum(octet_length(t.seen_output::text)) OVER (ORDER BY t.customer_integration_id, t.position, t.operation) AS bytes
            ${JOINED} AND i.registration_id = ANY($2) AND t.enabled AND t.seen_output IS NOT NULL
          ) AS forms WHERE bytes <= $3`,
        values: [workspaceId, registered.map(({ registrationId }) => registrationId), MAX_SEEN_BYTES],
      });
      return Object.fromEntries(rows.map(({ name, seen }) => [name, seen]));
    },

    /** The integrations among the given ones that have disabled tools, by name. */
    async off(registered: readonly Registered[]): Promise<ToolsOff[]> {
      const { rows } = await pool.query<ToolsOff>(
        `SELECT i.customer_integration_id AS "customerIntegrationId", i.name AS "integrationName",
           (count(*) FILTER (WHERE NOT t.enabled))::int AS off, count(*)::int AS "of"
         ${JOINED} AND i.registration_id = ANY($2) GROUP BY 1, 2 HAVING NOT bool_and(t.enabled) ORDER BY 2, 1`,
        [workspaceId, registered.map(({ registrationId }) => registrationId)],
      );
      return rows;
    },

    /** Enables the chosen tools in their present version, and disables all others of the integration; without a choice it leaves them.
     *  @param effects what some of them do, as the owner says, by their names
     *  @returns whether there is such an integration
     *  @throws ProblemError validation_failed when a name is none of its tools */
    async setEnabled(
      customerIntegrationId: string,
      { enabled, effects = {} }: Omit<SetToolsInput, 'customerIntegrationId'>,
    ): Promise<boolean> {
      const where = { workspaceId, customerIntegrationId };
      if (!(await exists(customerIntegrationId))) return false;
      const known = await prisma.tool.findMany({ where, select: choiceSelect, orderBy: { position: 'asc' } });
      const present = known.filter(({ change }) => change !== 'removed').map((tool) => withEffect(tool, effects));
      const names = typeof enabled === 'string' ? namesIn(enabled, present) : enabled;
      mustBeTools(customerIntegrationId, present, { enabled: names ?? [], effects: Object.keys(effects) });
      const wanted = names && new Set(names);
      const turned = (on: boolean) =>
        known.flatMap((tool) => (wanted && tool.enabled !== on && wanted.has(tool.name) === on ? [tool.name] : []));
      const said = known.filter((tool) => Object.hasOwn(effects, tool.name));
      const answered = said.filter((tool) => tool.proposedEffect !== null || tool.effect !== effects[tool.name]);
      const details = {
        enabled: turned(true),
        disabled: turned(false),
        ...(answered.length > 0 && { effects: Object.fromEntries(answered.map(({ name }) => [name, effects[name]!])) }),
      };
      await prisma.$transaction(async (tx) => {
        // Locks the integration before its tools, as a refresh does, so that neither waits for the other.
        await tx.integration.updateMany({ where, data: { toolsVersion: { increment: 1 } } });
        for (const effect of ['read', 'write']) {
          const ofThese = said.flatMap(({ name }) => (effects[name] === effect ? [name] : []));
          if (ofThese.length === 0) continue;
          await tx.tool.updateMany({
            where: { ...where, name: { in: ofThese } },
            data: { effect, ownerEffect: effect, proposedEffect: null },
          });
        }
        await (wanted ? choose(tx, where, [...wanted]) : settle(tx, where, {}));
        const note = { actor, action: 'tools.chosen', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
      });
      return true;
    },
  };
}

const choiceSelect = { name: true, enabled: true, change: true, effect: true, proposedEffect: true } as const;
type Choice = { name: string; enabled: boolean; effect: string; proposedEffect: string | null };

/** A tool with the effect that its owner says. */
const withEffect = (tool: Choice, effects: NonNullable<SetToolsInput['effects']>): Choice =>
  Object.hasOwn(effects, tool.name) ? { ...tool, effect: effects[tool.name]!, proposedEffect: null } : tool;

/** @throws ProblemError validation_failed when names are none of the tools */
function mustBeTools(
  customerIntegrationId: string,
  tools: readonly Choice[],
  { enabled, effects }: { enabled: readonly string[]; effects: readonly string[] },
): void {
  const existing = new Set(tools.map(({ name }) => name));
  const noTool = (name: string, pointer: string) =>
    existing.has(name) ? [] : [{ pointer, message: `${customerIntegrationId} has no tool "${name}".` }];
  const errors = [
    ...enabled.flatMap((name, i) => noTool(name, `/enabled/${i}`)),
    ...effects.flatMap((name) => noTool(name, `/effects/${name}`)),
  ];
  if (errors.length > 0)
    throw problem('validation_failed', 'Some names are no tools of the integration.', {
      errors: errors.slice(0, MAX_ERRORS),
    });
}

const integrationOf = (name: string): string => name.slice(0, name.indexOf('.'));

/** The tools of a group. A disabled tool that writes by its words is no read until its owner says so. */
const namesIn = (group: 'all' | 'reads' | 'none', tools: readonly Choice[]): string[] =>
  tools.flatMap(({ name, effect, proposedEffect, enabled }) => {
    const isRead = effect === 'read' && (enabled || proposedEffect !== 'write');
    return group === 'all' || (group === 'reads' && isRead) ? [name] : [];
  });
