import { createHash } from 'node:crypto';
import { type Integration, problem, type Tool } from '@errand/contracts';
import { auditRow } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { integrationSelect, type Registered, toIntegration } from './integrationRow.ts';
import type { Scoped } from './scoped.ts';
import { type NewTool, toolData } from './toolRow.ts';

/** What a newer source tells of an integration. */
export type NewerSource = {
  baseUrl: string;
  description?: string;
  logoUrl?: string;
  document?: string;
  tools: readonly NewTool[];
  warnings: readonly string[];
};

type Tx = Prisma.TransactionClient;
type Where = { workspaceId: string; customerIntegrationId: string };
type Known = { operation: string; sha256: string; idempotent: boolean; enabled: boolean; change: string | null };

/** So many names of each kind stand in the audit log; the rest is counted. */
const named = 50;
const waiting = { in: ['new', 'changed'] };

export const source = (document: string | undefined) =>
  document === undefined ? {} : { document, documentSha256: createHash('sha256').update(document).digest('hex') };

export function refreshes({ prisma, workspaceId, actor }: Scoped) {
  return {
    /**
     * Takes over a newer source. What is new or changed in it is disabled until the owner chooses it, what is gone is
     * disabled, and another base URL waits for its confirmation: a service cannot make itself another one unseen.
     * @param meant the registration that it is a source of; another one under the same id is left alone
     * @returns null when there is no such integration
     */
    async refresh(customerIntegrationId: string, newer: NewerSource, meant?: string): Promise<Integration | null> {
      const where = { workspaceId, customerIntegrationId };
      return prisma.$transaction(async (tx) => {
        // Written first, so that two at once come one after the other.
        const { count } = await tx.integration.updateMany({
          where: { ...where, registrationId: meant },
          data: {
            ...source(newer.document),
            description: newer.description ?? null,
            logoUrl: newer.logoUrl ?? null,
            warnings: [...newer.warnings],
          },
        });
        if (count === 0) return null;
        const select = { baseUrl: true, registrationId: true } as const;
        const { baseUrl, registrationId } = await tx.integration.findFirstOrThrow({ where, select });
        const pendingBaseUrl = newer.baseUrl === baseUrl ? null : newer.baseUrl;
        const changes = await replace(tx, { ...where, registrationId }, newer.tools);
        await settle(tx, where, { pendingBaseUrl });
        const details = { refreshed: true, ...changes, ...(pendingBaseUrl !== null && { pendingBaseUrl }) };
        const note = { actor, action: 'integration.changed', target: customerIntegrationId, details } as const;
        await tx.audit.create({ data: auditRow(workspaceId, note) });
        return toIntegration(await tx.integration.findFirstOrThrow({ where, select: integrationSelect }));
      });
    },
  };
}

async function replace(tx: Tx, { registrationId, ...where }: Where & Registered, tools: readonly NewTool[]) {
  const select = { operation: true, sha256: true, idempotent: true, enabled: true, change: true } as const;
  const rows: Known[] = await tx.tool.findMany({ where, select });
  const known = new Map(rows.map((row) => [row.operation, row]));
  const names = tools.map(({ operation }) => operation);
  const data = tools.map((tool, i) => {
    const made = toolData(tool, i, { ...where, registrationId });
    const change = changeOf(known.get(tool.operation), made);
    const enabled = change === null && known.get(tool.operation)?.enabled === true;
    return { ...where, ...made, enabled, change };
  });
  await tx.tool.deleteMany({ where: { ...where, operation: { in: names } } });
  await tx.tool.createMany({ data });
  await tx.tool.updateMany({
    where: { ...where, operation: { notIn: names } },
    data: { enabled: false, change: 'removed' },
  });
  const gone = rows.filter((row) => row.change !== 'removed' && !names.includes(row.operation));
  const found = (change: Tool['change']) => data.flatMap((row) => (row.change === change ? [row.operation] : []));
  return {
    tools: data.length,
    ...told('new', found('new')),
    ...told('changed', found('changed')),
    ...told(
      'removed',
      gone.map((row) => row.operation),
    ),
  };
}

/** What the owner has to look at; what waits already goes on waiting, also when it is as it was before. */
function changeOf(before: Known | undefined, now: { sha256: string; idempotent: boolean }): 'new' | 'changed' | null {
  if (!before || before.change === 'new' || before.change === 'removed') return 'new';
  const same = before.sha256 === now.sha256 && before.idempotent === now.idempotent;
  return same && before.change === null ? null : 'changed';
}

const told = (what: string, names: readonly string[]) =>
  names.length === 0
    ? {}
    : { [what]: names.slice(0, named), ...(names.length > named && { [`${what}Count`]: names.length }) };

/** Notes whether anything is left for the owner to look at. */
async function settle(tx: Tx, where: Where, data: { pendingBaseUrl?: null | string; baseUrl?: string; host?: string }) {
  const open = await tx.tool.count({ where: { ...where, change: waiting } });
  const { pendingBaseUrl } = await tx.integration.update({
    where: { workspaceId_customerIntegrationId: where },
    data,
    select: { pendingBaseUrl: true },
  });
  const needsReview = open > 0 || pendingBaseUrl !== null;
  await tx.integration.update({ where: { workspaceId_customerIntegrationId: where }, data: { needsReview } });
}

/** The owner has chosen the tools: those of these names are enabled, all others are not, and those that are gone are forgotten. */
export async function choose(tx: Tx, where: Where, names: readonly string[]): Promise<void> {
  await tx.tool.deleteMany({ where: { ...where, change: 'removed' } });
  await tx.tool.updateMany({ where: { ...where, name: { in: [...names] } }, data: { enabled: true, change: null } });
  await tx.tool.updateMany({
    where: { ...where, name: { notIn: [...names] } },
    data: { enabled: false, change: null },
  });
  await settle(tx, where, {});
}

/** The owner has confirmed the base URL that waits. @throws ProblemError validation_failed when it is another */
export async function confirm(tx: Tx, where: Where, baseUrl: string): Promise<void> {
  const message = 'It is not the pendingBaseUrl of the integration.';
  const waits = await tx.integration.count({ where: { ...where, pendingBaseUrl: baseUrl } });
  if (waits === 0) throw problem('validation_failed', message, { errors: [{ pointer: '/confirmBaseUrl', message }] });
  await settle(tx, where, { pendingBaseUrl: null, baseUrl, host: new URL(baseUrl).host });
}
