import { randomBytes } from 'node:crypto';
import { Secret, type Webhook } from '@errand/contracts';
import { auditEntry, changeAudited } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import type { IdPage } from '../statements/page.ts';
import { newId } from '../statements/scope.ts';
import { secretLocation } from '../vault/locations.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

export type NewWebhook = {
  url: string;
  events: readonly string[];
  description?: string;
  active: boolean;
  traceparent?: boolean;
};
export type WebhookPatch = {
  url?: string;
  events?: readonly string[];
  description?: string | null;
  active?: boolean;
  traceparent?: boolean;
};

type WithSecret = Webhook & { secret: string };

const omit = {
  workspaceId: true,
  restsUntil: true,
  failedRounds: true,
  sealedSecret: true,
  sealedOldSecret: true,
} as const;
type WebhookRow = Prisma.WebhookGetPayload<{ omit: typeof omit }>;
const SECRET_BYTES = 32;
const OVERLAP_MS = 86_400_000;

/** A secret in the form of Standard Webhooks. */
const makeSecret = () => new Secret(`whsec_${randomBytes(SECRET_BYTES).toString('base64')}`);

const secretColumns = ({ vault, workspaceId }: WorkspaceScope, webhookId: string, secret: Secret) => ({
  sealedSecret: vault.seal(secret, secretLocation('webhookSecret', workspaceId, [webhookId])),
  secretLast4: secret.reveal().slice(-4),
});

/** The webhooks of a workspace, without their deliveries. */
export function webhooks(scoped: WorkspaceScope) {
  const { prisma, workspaceId, actor } = scoped;
  return {
    /** No later call returns the secret. @throws ProblemError webhook_limit_reached */
    async create({ events, ...fields }: NewWebhook): Promise<WithSecret> {
      const webhookId = newId();
      const secret = makeSecret();
      const row = await prisma.$transaction(async (tx) => {
        const { url, traceparent } = fields;
        const details = { url, events: [...events], ...(traceparent && { traceparent }) };
        await tx.audit.create(auditEntry(scoped, 'webhook.created', webhookId, details));
        const created = { workspaceId, webhookId, createdBy: actor.label, ...secretColumns(scoped, webhookId, secret) };
        const stored = await tx.webhook.create({ data: { ...fields, ...created, events: [...events] }, omit });
        await checkItemLimit(tx, workspaceId, 'webhooks');
        return stored;
      });
      return { ...toWebhook(row), secret: secret.reveal() };
    },

    /** Newest first. */
    async list({ after, limit }: IdPage): Promise<Webhook[]> {
      const where = { workspaceId, ...(after !== undefined && { webhookId: { lt: after } }) };
      const rows = await prisma.webhook.findMany({ where, orderBy: { webhookId: 'desc' }, take: limit, omit });
      return rows.map(toWebhook);
    },

    async get(webhookId: string): Promise<Webhook | null> {
      const row = await prisma.webhook.findFirst({ where: { workspaceId, webhookId }, omit });
      return row && toWebhook(row);
    },

    /** Returns null if the webhook does not exist. An activated webhook is tried immediately. */
    async patch(webhookId: string, { events, ...patch }: WebhookPatch): Promise<Webhook | null> {
      const clearedFailures = { disabledBecause: null, failingSince: null, restsUntil: null, failedRounds: 0 };
      const changes = { ...patch, ...(events && { events: [...events] }) };
      const data = {
        ...changes,
        ...((patch.active || patch.url !== undefined) && clearedFailures),
        updatedAt: new Date(),
      };
      const { description: _, ...details } = changes;
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.webhook.updateMany({ where: { workspaceId, webhookId }, data });
        if (count === 0) return null;
        await tx.audit.create(auditEntry(scoped, 'webhook.changed', webhookId, details));
        return toWebhook(await tx.webhook.findFirstOrThrow({ where: { workspaceId, webhookId }, omit }));
      });
    },

    async remove(webhookId: string): Promise<true | null> {
      const where = { workspaceId, webhookId };
      const remove = (tx: Prisma.TransactionClient) => tx.webhook.deleteMany({ where });
      return (await changeAudited(scoped, remove, 'webhook.deleted', webhookId)) || null;
    },

    rotate: (webhookId: string) => rotateSecret(scoped, webhookId),
  };
}

/** Replaces the secret. The previous one also signs for a day, unless it is unreadable. Returns null if the webhook does not exist. */
async function rotateSecret(scoped: WorkspaceScope, webhookId: string): Promise<WithSecret | null> {
  const { prisma, vault, workspaceId } = scoped;
  const secret = makeSecret();
  const row = await prisma.$transaction(async (tx) => {
    // The second of two concurrent rotations waits here.
    await tx.$executeRaw`SELECT 1 FROM webhook WHERE workspace_id = ${workspaceId}::uuid AND webhook_id = ${webhookId}::uuid FOR UPDATE`;
    const old = await tx.webhook.findFirst({ where: { workspaceId, webhookId }, select: { sealedSecret: true } });
    if (!old) return null;
    const openedSecret = vault.openIfKnown(old.sealedSecret, secretLocation('webhookSecret', workspaceId, [webhookId]));
    await tx.audit.create(auditEntry(scoped, 'webhook.rotated', webhookId));
    const data = {
      ...secretColumns(scoped, webhookId, secret),
      sealedOldSecret: openedSecret
        ? vault.seal(openedSecret, secretLocation('oldWebhookSecret', workspaceId, [webhookId]))
        : null,
      oldSecretUntil: openedSecret ? new Date(Date.now() + OVERLAP_MS) : null,
      updatedAt: new Date(),
    };
    return tx.webhook.update({ where: { workspaceId_webhookId: { workspaceId, webhookId } }, data, omit });
  });
  return row && { ...toWebhook(row), secret: secret.reveal() };
}

const toWebhook = ({ oldSecretUntil, ...row }: WebhookRow): Webhook =>
  toFields<Webhook>({ ...row, oldSecretUntil: oldSecretUntil && oldSecretUntil > new Date() ? oldSecretUntil : null });
