// Parts of the load of the instance. Each is one bounded statement of the role errand_system.
import type { PoolClient } from 'pg';
import { NOT_HELD } from '../restores/hold.ts';
import { firstRow } from '../statements/scope.ts';
import { ALIVE_SECONDS } from './database-parts.ts';

/** Counts stop here, so that a large backlog does not make its own supervision slow. */
const MAX_COUNTED = 100_000;
/** A transaction that is open for longer holds its snapshot, in seconds. Statements of Errand end within five seconds. */
const HELD_SECONDS = 60;

/** Kinds of decisions for which runs wait. */
export const waitKinds = ['plan_approval', 'tool_approval', 'consent', 'effect', 'question', 'input'] as const;
export type WaitingRequests = Readonly<Record<(typeof waitKinds)[number], number>>;

/** Requests to people that are open now, by kind; at most 100,000 are counted. */
export async function readWaits(client: PoolClient): Promise<WaitingRequests> {
  const { rows } = await client.query<{ kind: keyof WaitingRequests; n: number }>(
    `SELECT kind, count(*)::int AS n
     FROM (SELECT kind FROM decision_request WHERE decided_at IS NULL LIMIT ${MAX_COUNTED}) AS open GROUP BY kind`,
  );
  const none = Object.fromEntries(waitKinds.map((kind) => [kind, 0])) as WaitingRequests;
  return Object.assign(none, Object.fromEntries(rows.map(({ kind, n }) => [kind, n])));
}

export type WebhookBacklog = {
  /** Messages for which no deliveries have been created yet. */
  outbox: number;
  /** Deliveries that may be posted now. */
  due: number;
  /** Deliveries that wait for the time of their next attempt, or for the pause of their webhook. */
  waiting: number;
  /** How long the oldest message or delivery has waited for Errand; 0 if none waits, and while a restored database is held. */
  oldestDueSeconds: number;
};

/** The time a receiver causes by failing does not count. At most 100,000 messages and deliveries are counted, and 10,000 of a webhook. */
export const readWebhookBacklog = (client: PoolClient): Promise<WebhookBacklog> =>
  firstRow<WebhookBacklog>(
    client,
    `WITH outbox AS (SELECT created_at FROM webhook_message ORDER BY message_id LIMIT ${MAX_COUNTED}),
     pending AS (
       SELECT greatest(d.next_attempt_at, w.rests_until, d.leased_until) AS due_at FROM webhook w, LATERAL (
         SELECT next_attempt_at, leased_until FROM webhook_delivery
         WHERE workspace_id = w.workspace_id AND webhook_id = w.webhook_id AND next_attempt_at IS NOT NULL
         ORDER BY next_attempt_at LIMIT ${MAX_COUNTED / 10}) AS d
       WHERE w.active LIMIT ${MAX_COUNTED})
     SELECT (SELECT count(*)::int FROM outbox) AS outbox,
       count(*) FILTER (WHERE due_at <= clock_timestamp())::int AS due,
       count(*) FILTER (WHERE due_at > clock_timestamp())::int AS waiting,
       CASE WHEN ${NOT_HELD} THEN greatest(0, extract(epoch FROM clock_timestamp()
         - least(min(due_at), (SELECT min(created_at) FROM outbox))))::float8 ELSE 0 END AS "oldestDueSeconds"
     FROM pending`,
  );

export type HeldSnapshots = {
  /** Transactions that have been open for a minute. */
  held: number;
  /** Duration of the oldest transaction with a snapshot; 0 if there is none. */
  oldestSeconds: number;
  /** Transactions since the oldest snapshot, also that of a standby. */
  oldestTransactions: number;
};

/** Without pg_read_all_stats the snapshots of other sessions are hidden. */
export async function readSnapshots(client: PoolClient): Promise<HeldSnapshots | 'unknown'> {
  const { mayRead, ...snapshots } = await firstRow<HeldSnapshots & { mayRead: boolean }>(
    client,
    `SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS "mayRead", count(*) FILTER (WHERE seconds >= ${HELD_SECONDS})::int AS held,
       coalesce(max(seconds), 0)::float8 AS "oldestSeconds", coalesce(max(transactions), 0)::int AS "oldestTransactions"
     FROM (SELECT extract(epoch FROM clock_timestamp() - xact_start) AS seconds, age(backend_xmin) AS transactions
         FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
           AND (datname = current_database() OR datname IS NULL)
       UNION ALL SELECT extract(epoch FROM clock_timestamp() - prepared), age(transaction)
         FROM pg_prepared_xacts WHERE database = current_database()) AS snapshot`,
  );
  return mayRead ? snapshots : 'unknown';
}

/** Row versions of the table with the queue: the rows of open and ended runs, and the old versions that vacuum has yet to remove. */
export const readQueueTable = (client: PoolClient): Promise<{ live: number; dead: number }> =>
  firstRow(
    client,
    `SELECT n_live_tup::float8 AS live, n_dead_tup::float8 AS dead FROM pg_stat_user_tables
     WHERE schemaname = 'public' AND relname = 'run'`,
  );

export const readAliveWorkers = async (client: PoolClient): Promise<number> =>
  (
    await firstRow<{ n: number }>(
      client,
      `SELECT count(*)::int AS n FROM worker_pool WHERE heartbeat_at > clock_timestamp() - interval '${ALIVE_SECONDS} seconds'`,
    )
  ).n;
