import { identityOf, type Schedule } from '@errand/contracts';
import { auditEntry, changeAudited } from '../audit/write.ts';
import type { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import { checkItemLimit } from '../statements/item-limit.ts';
import type { IdPage } from '../statements/page.ts';
import { newId } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

export type StoredSchedule = Omit<Schedule, 'next'>;
export type NewSchedule = Pick<Schedule, 'name' | 'cron' | 'timeZone' | 'run' | 'overlap' | 'active'> & {
  nextAt: Date | null;
};
export type SchedulePatch = Partial<NewSchedule>;

const omit = { workspaceId: true, madeBy: true, nextAt: true } as const;

/** The schedules of a workspace; `due-schedules.ts` finds those whose time has come. */
export function schedules(scoped: WorkspaceScope) {
  const { prisma, workspaceId, actor } = scoped;
  const makerColumns = () => ({ madeBy: identityOf(actor), createdBy: actor.label });

  return {
    /** @throws ProblemError schedule_limit_reached */
    create({ run, ...fields }: NewSchedule): Promise<StoredSchedule> {
      const scheduleId = newId();
      return prisma.$transaction(async (tx) => {
        const { name, cron, timeZone } = fields;
        await tx.audit.create(auditEntry(scoped, 'schedule.created', scheduleId, { name, cron, timeZone }));
        const data = { ...fields, ...makerColumns(), workspaceId, scheduleId, run: run as Prisma.InputJsonObject };
        const row = await tx.schedule.create({ data, omit });
        await checkItemLimit(tx, workspaceId, 'schedules');
        return toFields<StoredSchedule>(row);
      });
    },

    /** Newest first. */
    async list({ after, limit }: IdPage): Promise<StoredSchedule[]> {
      const where = { workspaceId, ...(after !== undefined && { scheduleId: { lt: after } }) };
      const rows = await prisma.schedule.findMany({ where, orderBy: { scheduleId: 'desc' }, take: limit, omit });
      return rows.map((row) => toFields<StoredSchedule>(row));
    },

    async get(scheduleId: string): Promise<StoredSchedule | null> {
      const row = await prisma.schedule.findFirst({ where: { workspaceId, scheduleId }, omit });
      return row && toFields<StoredSchedule>(row);
    },

    /** Returns null if the schedule does not exist. @param changesMaker makes the actor its maker */
    patch(scheduleId: string, { run, ...patch }: SchedulePatch, changesMaker: boolean): Promise<StoredSchedule | null> {
      const data = {
        ...patch,
        ...(run && { run: run as Prisma.InputJsonObject }),
        ...(changesMaker && makerColumns()),
        ...(patch.active !== undefined && { pausedBecause: null }),
        updatedAt: new Date(),
      };
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.schedule.updateMany({ where: { workspaceId, scheduleId }, data });
        if (count === 0) return null;
        const { nextAt: _, ...changes } = patch;
        const details = { ...changes, ...(run && { run: true }) };
        await tx.audit.create(auditEntry(scoped, 'schedule.changed', scheduleId, details));
        return toFields<StoredSchedule>(
          await tx.schedule.findFirstOrThrow({ where: { workspaceId, scheduleId }, omit }),
        );
      });
    },

    async remove(scheduleId: string): Promise<true | null> {
      const where = { workspaceId, scheduleId };
      const remove = (tx: Prisma.TransactionClient) => tx.schedule.deleteMany({ where });
      return (await changeAudited(scoped, remove, 'schedule.deleted', scheduleId)) || null;
    },
  };
}
