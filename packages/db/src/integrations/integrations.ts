import {
  type ApprovalStrategy,
  type Enable,
  type Integration,
  type Json,
  problem,
  type Secret,
} from '@errand/contracts';
import { v7 as uuid } from 'uuid';
import { audit, auditRow } from '../audit/write.ts';
import { noGrant, ownSecret } from '../credentials/credentials.ts';
import { mayFloor } from '../decisions/floor.ts';
import { Prisma } from '../generated/client.ts';
import { withTransaction } from '../runs/scope.ts';
import { insertTools } from '../tools/fill-tools.ts';
import { counted } from '../tools/tool-counts.ts';
import type { ToolTexts } from '../tools/tool-row.ts';
import type { Scoped } from '../workspaces/scoped.ts';
import { type PublicAuth, targetSelect, toTarget } from './destination.ts';
import { bytesOf, insertIntegration } from './insert-integration.ts';
import { type IntegrationPage, integrationList } from './integration-list.ts';
import {
  type Connection,
  integrationIdOf,
  integrationSelect,
  newCustomerIntegrationId,
  toConnection,
} from './integration-row.ts';
import { confirm } from './refresh.ts';

export type NewIntegration = {
  name: string;
  kind: 'openapi' | 'mcp';
  host: string;
  baseUrl: string;
  auth: PublicAuth;
  tools: ToolTexts;
  /** Which of them are on. */
  enable: Enable;
  /** A token that serves every user of the workspace that has none of its own; or the secret of a client or a key. */
  token?: Secret;
  /** How its authorization server is spoken to. */
  oauthServer?: Json;
  /** Made from the name unless given. */
  customerIntegrationId?: string;
  /** Of its document; the name when it has none. */
  title?: string;
  description?: string;
  logoUrl?: string;
  /** The source, as it was given, or where it was read. */
  document?: string;
  sourceUrl?: string;
  instructions?: string;
  /** `NONE` unless given. */
  approvalFloor?: ApprovalStrategy;
  warnings?: readonly string[];
};

export type IntegrationPatch = {
  active?: boolean;
  name?: string;
  /** Null removes them. */
  instructions?: string | null;
  /** Only `admin` may ask less than before. */
  approvalFloor?: ApprovalStrategy;
  auth?: PublicAuth;
  /** Null removes it. */
  token?: Secret | null;
  oauthServer?: Json;
  /** Whether what users granted so far is of no use any more: it is erased. */
  forgetGrants?: boolean;
  /** The base URL that waits for it: from now on it is called there. */
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
    /** The integration and its tools, or nothing. @throws ProblemError integration_exists; validation_failed when `enable` names no operation */
    async create(given: NewIntegration): Promise<Integration> {
      const { tools, enable, token, auth, title = given.name, warnings = [], ...rest } = given;
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
          auth: auth as Json,
          warnings: [...warnings],
        };
        if (!(await insertIntegration(client, row))) throw integrationExists(customerIntegrationId);
        const filled = await insertTools(client, { ...where, registrationId }, tools, enable);
        const { name, kind, host, approvalFloor } = given;
        const enabled = filled.filter((tool) => tool.enabled).length;
        const details = { name, kind, host, authType: auth.type, approvalFloor, tools: filled.length, enabled };
        const note = { actor, action: 'integration.created', target: customerIntegrationId, details } as const;
        await audit({ pool, workspaceId }, note, client);
        if (token) await audit({ pool, workspaceId }, tokenNote(customerIntegrationId, token), client);
      });
      return (await this.get(customerIntegrationId))!;
    },

    /** By name, as `integrationList` makes them. */
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

    /** What is needed to call it. */
    async connection(customerIntegrationId: string): Promise<Connection | null> {
      const row = await prisma.integration.findFirst({
        where: { workspaceId, customerIntegrationId },
        select: integrationSelect,
      });
      return row && toConnection(row);
    },

    /** Names of those of some ids that exist here. */
    async namesOf(customerIntegrationIds: readonly string[]): Promise<Map<string, string>> {
      const rows = await prisma.integration.findMany({
        where: { workspaceId, customerIntegrationId: { in: [...customerIntegrationIds] } },
        select: { customerIntegrationId: true, name: true },
      });
      return new Map(rows.map((row) => [row.customerIntegrationId, row.name]));
    },

    /** Null when there is no such integration. @param registrationId where it is meant: another one under the same id is not
     *  @throws ProblemError validation_failed when another base URL is confirmed than the one that waits; insufficient_scope for a lower floor */
    async patch(
      customerIntegrationId: string,
      patch: IntegrationPatch,
      registrationId?: string,
    ): Promise<Integration | null> {
      const { token, auth, oauthServer, forgetGrants = false, confirmBaseUrl, ...rest } = patch;
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
            // Its name stands in its tools.
            toolsVersion: { increment: 1 },
            ...(auth && {
              auth: auth as Prisma.InputJsonObject,
              oauthServer: (oauthServer as Prisma.InputJsonObject | undefined) ?? Prisma.DbNull,
            }),
          },
        });
        if (count === 0) return 0;
        if (confirmBaseUrl !== undefined) await confirm(tx, where, confirmBaseUrl);
        if (forgetGrants) {
          await tx.integrationUser.updateMany({ where, data: noGrant });
        }
        const note = { actor, action: 'integration.changed', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
        if (token !== undefined) {
          // For what the integration has become by this change: the row is locked by it.
          const where = { workspaceId, customerIntegrationId };
          const row = await tx.integration.findFirstOrThrow({ where, select: targetSelect });
          await tx.integration.updateMany({ where, data: ownSecret(vault, workspaceId, toTarget(row), token) });
          await tx.audit.create({ data: auditRow(workspaceId, tokenNote(customerIntegrationId, token)) });
        }
        return count;
      });
      return count === 0 ? null : this.get(customerIntegrationId);
    },

    /** With its tools and its users' credentials. False when there is no such integration. */
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
