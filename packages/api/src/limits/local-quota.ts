import type { RequestQuota } from '@errand/db';

/** Maximum number of callers in memory; the least recent caller is dropped first. */
const MAX_CALLERS = 10_000;

/** A request quota of this process only, for callers that are not in the database. It counts like `requestQuota`. */
export function createLocalQuota(now: () => number = Date.now): RequestQuota {
  const fullAt = new Map<string, number>();
  return {
    async take({ workspaceId, apiKeyId }, count, limit, windowMs) {
      const [id, nowMs, msPerRequest] = [`${workspaceId} ${apiKeyId}`, now(), windowMs / limit];
      const refilledAt = Math.max(fullAt.get(id) ?? 0, nowMs);
      const granted = Math.max(0, Math.min(count, limit - Math.ceil((refilledAt - nowMs) / msPerRequest - 0.001)));
      const fullMs = refilledAt + granted * msPerRequest - nowMs;
      fullAt.delete(id);
      fullAt.set(id, nowMs + fullMs);
      if (fullAt.size > MAX_CALLERS) fullAt.delete(fullAt.keys().next().value!);
      const remaining = Math.max(0, Math.floor(limit - fullMs / msPerRequest + 0.001));
      const nextMs = remaining > 0 ? 0 : Math.max(0, fullMs - (limit - 1) * msPerRequest);
      return { granted, remaining, nextMs, fullMs };
    },
  };
}
