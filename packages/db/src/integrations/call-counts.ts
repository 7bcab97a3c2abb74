import { every } from '@errand/basics/every';
import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';

/** The end of a call that was sent. */
export type CallEnd = { workspaceId: string; customerIntegrationId: string; hasFailed: boolean };

/** Calls of an integration since the last write. The times are ms since 1970. */
type PendingCount = {
  workspaceId: string;
  customerIntegrationId: string;
  calls: number;
  failures: number;
  successAt: number | null;
  failureAt: number | null;
};

const FLUSH_MS = 10_000;

/**
 * Counts calls in memory, and adds them to the table every ten seconds: one statement for all integrations. A crash loses the calls of the
 * last seconds. The count of an integration that is gone is dropped.
 */
export class CallCounts {
  #pending = new Map<string, PendingCount>();
  readonly #stop: () => Promise<void>;

  /** @param onFailure called when a write fails; its counts are written with the next one */
  constructor(
    private readonly pool: Pool,
    private readonly onFailure: (error: unknown) => void = () => {},
  ) {
    this.#stop = every(FLUSH_MS, () => this.flush());
  }

  record({ workspaceId, customerIntegrationId, hasFailed }: CallEnd): void {
    const now = Date.now();
    this.#add({
      workspaceId,
      customerIntegrationId,
      calls: 1,
      failures: hasFailed ? 1 : 0,
      successAt: hasFailed ? null : now,
      failureAt: hasFailed ? now : null,
    });
  }

  #add(count: PendingCount): void {
    const key = `${count.workspaceId} ${count.customerIntegrationId}`;
    const known = this.#pending.get(key);
    if (!known) return void this.#pending.set(key, count);
    known.calls += count.calls;
    known.failures += count.failures;
    known.successAt = latest(known.successAt, count.successAt);
    known.failureAt = latest(known.failureAt, count.failureAt);
  }

  async flush(): Promise<void> {
    const counts = [...this.#pending.values()];
    if (counts.length === 0) return;
    this.#pending = new Map();
    // In one order everywhere, so that processes that write at the same time do not wait for each other in a circle.
    counts.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    try {
      await this.pool.query({
        name: 'integration_calls_add',
        text: ADD,
        values: fieldArrays(
          counts,
          'workspaceId',
          'customerIntegrationId',
          'calls',
          'failures',
          'successAt',
          'failureAt',
        ),
      });
    } catch (error) {
      for (const count of counts) this.#add(count);
      this.onFailure(error);
    }
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.flush();
  }
}

const keyOf = ({ workspaceId, customerIntegrationId }: PendingCount) => `${workspaceId} ${customerIntegrationId}`;

const latest = (a: number | null, b: number | null): number | null => (a === null || (b ?? 0) > a ? b : a);

// A new hour moves the counts of the last one to `_before`, and drops older ones.
const ADD = `INSERT INTO integration_calls AS c (workspace_id, customer_integration_id, last_success_at, last_failure_at, hour, calls, failures)
  SELECT i.workspace_id, i.customer_integration_id, to_timestamp(n.success_at / 1000), to_timestamp(n.failure_at / 1000),
    date_trunc('hour', now(), 'UTC'), n.calls, n.failures
  FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::float8[], $6::float8[])
    WITH ORDINALITY AS n(workspace_id, customer_integration_id, calls, failures, success_at, failure_at, position)
  JOIN integration i USING (workspace_id, customer_integration_id)
  ORDER BY n.position
  ON CONFLICT (workspace_id, customer_integration_id) DO UPDATE SET
    last_success_at = greatest(c.last_success_at, excluded.last_success_at),
    last_failure_at = greatest(c.last_failure_at, excluded.last_failure_at),
    hour = excluded.hour,
    calls = excluded.calls + CASE WHEN c.hour = excluded.hour THEN c.calls ELSE 0 END,
    failures = excluded.failures + CASE WHEN c.hour = excluded.hour THEN c.failures ELSE 0 END,
    calls_before = CASE excluded.hour - c.hour WHEN interval '0' THEN c.calls_before WHEN interval '1 hour' THEN c.calls ELSE 0 END,
    failures_before = CASE excluded.hour - c.hour WHEN interval '0' THEN c.failures_before WHEN interval '1 hour' THEN c.failures ELSE 0 END`;
