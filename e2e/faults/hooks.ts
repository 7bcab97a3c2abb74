// A webhook for all events, and schedules that become due repeatedly.
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Cluster } from './cluster.ts';
import { seeded } from './random.ts';
import type { Receiver } from './receiver.ts';

const SCHEDULES = 6;
/** Interval at which the time of a schedule becomes due, in ms. */
const GAP_MS = 300;
/** How long deliveries may take after healing, in ms. */
const DELIVERED_IN_MS = 60_000;

/** Creates the webhook and the schedules, with runs that call nothing. */
export async function registerHooks(cluster: Cluster, receiver: Receiver): Promise<void> {
  const { url } = cluster.http[0]!.service;
  const create = async (path: string, body: object) => {
    const answer = await ask(cluster, url, { method: 'POST', path, body });
    if (answer?.status !== 201) throw new Error(`${path}: ${answer?.text}`);
    return JSON.parse(answer.text) as { secret: string };
  };
  const { secret } = await create('/v1/webhooks', { url: `${receiver.origin}/hook`, events: ['*'] });
  receiver.verifyWith(secret);
  const { notes } = cluster.integrations;
  const never = { id: 'a', tool: `${notes}.listItems`, when: { $: 'false' }, args: { query: { call: 'never' } } };
  const run = {
    intent: 'Do nothing',
    userId: 'clock',
    selectedCustomerIntegrationIds: [notes],
    metadata: { errand: 'scheduled' },
    plan: { goal: 'Nothing', steps: [never], result: 'nothing' },
  };
  for (let n = 0; n < SCHEDULES; n++) await create('/v1/schedules', { name: `s${n}`, cron: '* * * * *', run });
}

/** Makes the present minute of a schedule due, even after its run. */
export async function turnClocks({ postgres }: Cluster, seed: number, stop: AbortSignal): Promise<void> {
  const random = seeded(seed, 'clocks');
  while (!stop.aborted) {
    await sleep(GAP_MS, undefined, { signal: stop }).catch(() => {});
    await postgres
      .query(
        `UPDATE schedule SET next_at = date_trunc('minute', clock_timestamp()) WHERE name = $1 AND next_at > clock_timestamp()`,
        [`s${random.int(0, SCHEDULES - 1)}`],
      )
      .catch(() => {});
  }
}

/** Waits until everything is delivered; paused and postponed deliveries are retried at once. */
export async function untilDelivered({ postgres }: Cluster): Promise<void> {
  for (const end = Date.now() + DELIVERED_IN_MS; Date.now() < end; await sleep(300)) {
    await postgres.query('UPDATE webhook SET rests_until = NULL WHERE rests_until > now()');
    await postgres.query(
      `UPDATE webhook_delivery SET next_attempt_at = now() WHERE last_error IS NOT NULL AND next_attempt_at > now()`,
    );
    const [row] = await postgres.query<{ open: number }>(
      `SELECT (SELECT count(*) FROM webhook_message)::int
        + (SELECT count(*) FROM webhook_delivery WHERE state = 'pending')::int AS open`,
    );
    if (row!.open === 0) return;
  }
}
