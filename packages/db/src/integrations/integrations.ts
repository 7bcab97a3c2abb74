import {
  type ApprovalStrategy,
  EFFECT_WORDS_VERSION,
  type Enable,
  type Integration,
  type Json,
  problem,
  type Secret,
} from '@errand/contracts';
import { v7 as uuid } from 'uuid';
import { audit, auditRow } from '../audit/write.ts';
import { noGrant, ownSecret } from '../credentials/credentials.ts';
import { type PublicAuth, targetSelect, toTarget } from '../credentials/destination.ts';
import { mayFloor } from '../decisions/floor.ts';
import { Prisma } from '../generated/client.ts';
import { withTransaction } from '../statements/scope.ts';
import { insertTools } from '../tools/fill-tools.ts';
import type { ToolTexts } from '../tools/tool-row.ts';
import type { Scoped } from '../workspaces/scoped.ts';
import { bytesOf, insertIntegration } from './insert-integration.ts';
import { type IntegrationPage, integrationList } from './integration-list.ts';
import {
  type Connection,
  integrationIdOf,
  integrationSelect,
  newCustomerIntegrationId,
  toConnection,
} from './integration-row.ts';
import { type ListState, listRead, listValues } from './lists.ts';
import { confirm, settle } from './refresh.ts';
import { counted } from './tool-counts.ts';

export type NewIntegration = {
  name: string;
  kind: 'openapi' | 'mcp';
  host: string;
  baseUrl: string;
  auth: PublicAuth;
  tools: ToolTexts;
  /** Which tools are enabled. */
  enable: Enable;
  /** A token for all users of the workspace who have none of their own; or a client secret or a key. */
  token?: Secret;
  /** The endpoints and capabilities of its authorization server. */
  oauthServer?: Json;
  /** The authorization server that waits for the owner, and whether anything does. */
  pendingIssuer?: string | undefined;
  needsReview?: boolean;
  /** Made from the name by default. */
  customerIntegrationId?: string;
  /** The title of its document; the name by default. */
  title?: string;
  description?: string;
  logoUrl?: string;
  /** The document, or the URL that it was read from. */
  document?: string;
  sourceUrl?: string;
  instructions?: string;
  /** `NONE` by default. */
  approvalFloor?: ApprovalStrategy;
  /** Of an MCP server: whether its hints count. */
  trustHints?: boolean;
  warnings?: readonly string[];
  /** Of an MCP server: hash of its list, and for how long it holds. */
  list?: ListState;
};

export type IntegrationPatch = {
  active?: boolean;
  name?: string;
  /** Null removes them. */
  instructions?: string | null;
  /** Only `admin` may lower it. */
  approvalFloor?: ApprovalStrategy;
  auth?: PublicAuth;
  /** Null removes it. */
  token?: Secret | null;
  oauthServer?: Json;
  /** With `auth`: the authorization server that waits for the owner. */
  pendingIssuer?: string;
  /** Whether existing grants of users become useless and are erased. */
  forgetGrants?: boolean;
  /** The pending base URL: calls use it from now on. */
  confirmBaseUrl?: string;
};

const integrationExists = (id: string) => {
  const message = `There is an integration ${id} already. Choose another id, or delete that one.`;
  return problem('integration_exists', message, { errors: [{ pointer: '/customerIntegrationId', message }] });
};

export function integrations(scoped: Scoped) {
  const { prisma, pool, workspaceId, vault, actor } = scoped;
  const tokenNote = (target: string, token: Secret | null) =>
    ({
      actor,
      action: token ? 'credential.stored' : 'credential.revoked',
      target,
      details: { of: 'workspace', ...(token && { fingerprint: vault.fingerprint(token, workspaceId) }) },
    }) as const;
  return {
    /** Creates an integration with its tools. @throws ProblemError integration_exists; validation_failed when `enable` names no operation */
    async create(given: NewIntegration): Promise<Integration> {
      const { tools, enable, token, auth, title = given.name, warnings = [], list, ...rest } = given;
      const customerIntegrationId = given.customerIntegrationId ?? newCustomerIntegrationId(given.name);
      const where = { workspaceId, customerIntegrationId };
      const registrationId = uuid();
      const target = { customerIntegrationId, baseUrl: given.baseUrl, auth, oauthServer: given.oauthServer };
      const document = bytesOf(given.document);
      await withTransaction(pool, async (client) => {
        const row = {
          ...rest,
          ...where,
          document,
          ...(token && ownSecret(vault, workspaceId, target, token)),
          registrationId,
          integrationId: integrationIdOf(given.host, title),
          effectWords: EFFECT_WORDS_VERSION,
          auth: auth as Json,
          warnings: [...warnings],
        };
        if (!(await insertIntegration(client, row))) throw integrationExists(customerIntegrationId);
        const { name, kind, host, approvalFloor } = given;
        // Without a list its tools are read later, and that is when they are enabled.
        const later = kind === 'mcp' && list === undefined;
        const filled = await insertTools(client, { ...where, registrationId }, tools, later ? 'none' : enable);
        if (kind === 'mcp')
          await client.query(
            `UPDATE integration SET first_enable = $6::jsonb, ${listRead(3)} WHERE workspace_id = $1 AND customer_integration_id = $2`,
            [workspaceId, customerIntegrationId, ...listValues(list), later ? JSON.stringify(enable) : null],
          );
        const enabled = filled.filter((tool) => tool.enabled).length;
        const details = { name, kind, host, authType: auth.type, approvalFloor, tools: filled.length, enabled };
        const note = { actor, action: 'integration.created', target: customerIntegrationId, details } as const;
        await audit({ pool, workspaceId }, note, client);
        if (token) await audit({ pool, workspaceId }, tokenNote(customerIntegrationId, token), client);
      });
      return (await this.get(customerIntegrationId))!;
    },

    /** Integrations by name, see `integrationList`. */
    list: (page: IntegrationPage = {}): Promise<Integration[]> => integrationList(scoped, page),

    async hasName(name: string): Promise<boolean> {
      return (await prisma.integration.count({ where: { workspaceId, name } })) > 0;
    },

    async get(customerIntegrationId: string): Promise<Integration | null> {
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: integrationSelect,
      });
      return row && counted(prisma, workspaceId, row);
    },

    /** An integration as calls use it. */
    async connection(customerIntegrationId: string): Promise<Connection | null> {
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: integrationSelect,
      });
      return row && toConnection(row);
    },

    /** The names of those integrations that exist. */
    async namesOf(customerIntegrationIds: readonly string[]): Promise<Map<string, string>> {
      const rows = await prisma.integration.findMany({
        where: { workspaceId, customerIntegrationId: { in: [...customerIntegrationIds] } },
        select: { customerIntegrationId: true, name: true },
      });
      return new Map(rows.map((row) => [row.customerIntegrationId, row.name]));
    },

    /** Null when there is no such integration. @param registrationId the registration to change; a later one with the same id is not
     *  changed. @throws ProblemError validation_failed when the confirmed base URL is not the pending one; insufficient_scope for a lower floor */
    async patch(
      customerIntegrationId: string,
      patch: IntegrationPatch,
      registrationId?: string,
    ): Promise<Integration | null> {
      const { token, auth, oauthServer, forgetGrants = false, confirmBaseUrl, pendingIssuer = null, ...rest } = patch;
      const details = {
        ...rest,
        ...(auth && { authType: auth.type }),
        ...(rest.instructions && { instructions: 'changed' }),
        ...(confirmBaseUrl !== undefined && { baseUrl: confirmBaseUrl }),
      };
      const count = await prisma.$transaction(async (tx) => {
        const where = { workspaceId, customerIntegrationId };
        if (rest.approvalFloor !== undefined) await mayFloor(tx, where, rest.approvalFloor, actor);
        const { count } = await tx.integration.updateMany({
          where: { ...where, registrationId },
          data: {
            ...rest,
            // Its tools contain its name.
            toolsVersion: { increment: 1 },
            ...((auth || confirmBaseUrl !== undefined) && { unannouncedSince: new Date() }),
            ...(auth && {
              auth: auth as Prisma.InputJsonObject,
              oauthServer: (oauthServer as Prisma.InputJsonObject | undefined) ?? Prisma.DbNull,
            }),
          },
        });
        if (count === 0) return 0;
        if (confirmBaseUrl !== undefined) await confirm(tx, where, confirmBaseUrl);
        // What the owner has said of the authorization server holds.
        if (auth) await settle(tx, where, { pendingIssuer });
        if (forgetGrants) {
          await tx.integrationUser.updateMany({ where, data: noGrant });
        }
        const note = { actor, action: 'integration.changed', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
        if (token !== undefined) {
          // For the changed integration: its row is locked by the change.
          const where = { workspaceId, customerIntegrationId };
          const row = await tx.integration.findFirstOrThrow({ where, select: targetSelect });
          await tx.integration.updateMany({ where, data: ownSecret(vault, workspaceId, toTarget(row), token) });
          await tx.audit.create({ data: auditRow(workspaceId, tokenNote(customerIntegrationId, token)) });
        }
        return count;
      });
      return count === 0 ? null : this.get(customerIntegrationId);
    },

    /**
     * Stores the authorization server that was found for an integration, unless another one was stored meanwhile.
     * @returns the integration with the one that is stored; null when the registration is gone
     */
    async setAuthorization(
      { customerIntegrationId, ...before }: Connection,
      oauthServer: Json,
    ): Promise<Connection | null> {
      const { rowCount } = await pool.query(
        // Other processes may learn of it a second late: waiting runs are told then.
        `UPDATE integration SET oauth_server = $4::jsonb, updated_at = now(), unannounced_since = clock_timestamp() WHERE workspace_id = $1 AND customer_integration_id = $2
           AND registration_id = $3 AND auth->>'type' = 'OAUTH2' AND oauth_server IS NOT DISTINCT FROM $5::jsonb`,
        [
          ...[workspaceId, customerIntegrationId, before.registrationId, JSON.stringify(oauthServer)],
          before.oauthServer === undefined ? null : JSON.stringify(before.oauthServer),
        ],
      );
      const now = await this.connection(customerIntegrationId);
      if (rowCount === 1) {
        const { issuer = null, client = null } = oauthServer as { issuer?: Json; client?: { clientId: Json } };
        const details = { issuer, clientId: client?.clientId ?? null };
        await audit(
          { pool, workspaceId },
          { actor, action: 'integration.changed', target: customerIntegrationId, details },
        );
      }
      return now?.registrationId === before.registrationId ? now : null;
    },

    /** Notes the authorization server that an MCP server names now, for its owner; null: it names the one that is stored. */
    async setPendingIssuer(connection: Connection, pendingIssuer: string | null): Promise<void> {
      const { customerIntegrationId, registrationId } = connection;
      if ((connection.pendingIssuer ?? null) === pendingIssuer) return;
      const where = { workspaceId, customerIntegrationId };
      await prisma.$transaction(async (tx) => {
        if ((await tx.integration.count({ where: { ...where, registrationId } })) === 0) return;
        await settle(tx, where, { pendingIssuer });
        const details = { pendingIssuer };
        const note = { actor, action: 'integration.changed', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
      });
    },

    /** Replaces the warnings of an integration. */
    async warn(
      { customerIntegrationId, registrationId }: Pick<Connection, 'customerIntegrationId' | 'registrationId'>,
      warnings: string[],
    ): Promise<void> {
      const where = { workspaceId, customerIntegrationId, registrationId };
      await prisma.integration.updateMany({ where, data: { warnings } });
    },

    /** Deletes it with its tools and its users' credentials. False when there is no such integration. */
    async delete(customerIntegrationId: string): Promise<boolean> {
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.integration.deleteMany({ where: { workspaceId, customerIntegrationId } });
        if (count === 0) return false;
        const note = { actor, action: 'integration.deleted', target: customerIntegrationId } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
        return true;
      });
    },
  };
}
