import { verifyWebhook, type WebhookDelivery } from '@errand/client';
import type { Context } from './sessions.ts';

const MAX_RUNS = 20;
const MAX_DELIVERIES = 1000;
type Run = { runId: string; intent: string; ticket?: string; summary?: string; endedAt?: string };
type ErrandRun = Run & { metadata?: Record<string, string> };

/** The last runs of each user. A real product has a table. */
export function mountHistory({ app, errand, sessions }: Context, secret: string): void {
  const runsOf = new Map<string, Map<string, Run>>();
  const deliveries = new Set<string>();

  const keep = (userId: string, { runId, intent, metadata, summary, endedAt }: ErrandRun) => {
    const runs = runsOf.get(userId);
    // Events arrive in any order. After its end, a run does not change.
    if (!runs || runs.get(runId)?.endedAt) return;
    runs.set(runId, { runId, intent, ticket: metadata?.ticket, summary, endedAt });
    if (runs.size > MAX_RUNS) runs.delete([...runs.keys()].sort()[0]!);
  };

  const receive = ({ id, data }: WebhookDelivery) => {
    // Errand delivers each event at least once.
    if (deliveries.has(id) || !('run' in data)) return;
    deliveries.add(id);
    if (deliveries.size > MAX_DELIVERIES) deliveries.delete([...deliveries][0]!);
    keep(data.run.userId, { ...data.run, summary: data.event?.type === 'end' ? data.event.summary : undefined });
  };

  app.register(async (scope) => {
    // The signature covers the bytes of the body, so they are not parsed before.
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    scope.post<{ Body: Buffer }>('/webhooks/errand', { bodyLimit: 256 * 1024 }, async ({ body, headers }) => {
      receive(verifyWebhook({ body, headers, secret }));
      return {};
    });
  });

  app.get('/runs', async (request) => {
    const { id } = sessions.userOf(request);
    if (!runsOf.has(id)) {
      // After a start of this server, Errand has the runs.
      const { runs } = await errand.runs.list.query({ userId: id, pageSize: MAX_RUNS });
      runsOf.set(id, new Map());
      for (const run of runs) keep(id, run);
    }
    return [...runsOf.get(id)!.values()].sort((a, b) => a.runId.localeCompare(b.runId));
  });
}
