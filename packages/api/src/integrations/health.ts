import { quantileOf } from '@errand/db';
import type { ContractHandlers } from '../context.ts';
import { orNotFound } from '../problems.ts';

const DAY_MS = 86_400_000;
const MAX_TOOLS = 1000;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The state of integrations, and the use of their tools. */
export const healthHandlers: Pick<ContractHandlers['integrations'], 'health' | 'toolUsage'> = {
  health: async ({ input: { customerIntegrationIds }, ctx: { workspaceDb } }) => {
    const now = Date.now();
    const range = { from: dayOf(now - DAY_MS), to: dayOf(now) };
    const [healths, { rows }] = await Promise.all([
      workspaceDb.integrations.healthOf(customerIntegrationIds),
      workspaceDb.usage({
        ...range,
        by: 'integration',
        limit: customerIntegrationIds.length,
        only: { keys: customerIntegrationIds },
      }),
    ]);
    const usages = new Map(rows.map(({ key, usage }) => [key, usage]));
    return {
      recentFrom: range.from,
      integrations: healths.map((health) => {
        const { calls = 0, callErrors = 0 } = usages.get(health.customerIntegrationId) ?? {};
        return { ...health, recent: { calls, errors: callErrors } };
      }),
    };
  },
  toolUsage: async ({ input: { customerIntegrationId, days }, ctx: { workspaceDb } }) => {
    orNotFound(await workspaceDb.integrations.connection(customerIntegrationId), 'integration');
    const now = Date.now();
    const range = { from: dayOf(now - (days - 1) * DAY_MS), to: dayOf(now) };
    const only = { prefix: `${customerIntegrationId}.` };
    const { rows, asOf } = await workspaceDb.usage({ ...range, by: 'tool', limit: MAX_TOOLS, only });
    return {
      ...range,
      asOf: asOf.toISOString(),
      tools: rows.map(({ key: name, usage: { runs, calls, callErrors, times } }) => {
        const [p50, p95] = [quantileOf(times.call, 0.5), quantileOf(times.call, 0.95)];
        return {
          name,
          runs,
          calls,
          errors: callErrors,
          ...(p50 !== null && p95 !== null && { p50Ms: Math.round(p50), p95Ms: Math.round(p95) }),
        };
      }),
    };
  },
};
