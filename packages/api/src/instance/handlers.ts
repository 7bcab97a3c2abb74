import type { SessionHandlers } from '../context.ts';
import { VERSION } from '../version.ts';

/** The settings of the instance, for its operators and the platform. */
export const settings: SessionHandlers['settings'] = {
  get: async ({ ctx }) => {
    return { settings: [...ctx.deps.instance.settings] };
  },
};

/** The state of the instance, for its operators and the platform. */
export const system: SessionHandlers['system'] = {
  status: async ({ ctx }) => {
    const { db, instance } = ctx.deps;
    const { readAt, database, ...parts } = await db.status.read();
    return {
      readAt,
      version: VERSION,
      nodeVersion: process.version,
      ...parts,
      model: instance.model(),
      retention: instance.retention,
      database,
    };
  },
};
