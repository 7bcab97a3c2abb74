import { type LoadReading, loadParts } from '@errand/db';
import { clearInstanceMetrics, type Meters } from './registry.ts';

/** Sets the metrics of the whole instance. Values that could not be read are absent. */
export function setInstanceValues(meters: Meters, { isUp, load }: LoadReading): void {
  clearInstanceMetrics(meters);
  meters.errand_database_up.set(isUp ? 1 : 0);
  if (!isUp) return;
  for (const part of loadParts) meters.errand_database_unread.set({ part }, part in load ? 0 : 1);
  setQueue(meters, load);
  setWaits(meters, load);
  setDatabase(meters, load);
}

type Load = LoadReading['load'];

function setQueue(meters: Meters, { queue, queueTable, aliveWorkers }: Load): void {
  if (queue) {
    meters.errand_queue_due_runs.set(queue.due);
    meters.errand_queue_claimed_runs.set(queue.claimed);
    meters.errand_queue_oldest_due_seconds.set(queue.oldestDueSeconds);
    meters.errand_queue_oldest_slot_wait_seconds.set(queue.oldestSlotWaitSeconds);
  }
  if (queueTable)
    for (const state of ['live', 'dead'] as const) meters.errand_queue_table_rows.set({ state }, queueTable[state]);
  if (aliveWorkers !== undefined) meters.errand_workers_alive.set(aliveWorkers);
}

function setWaits(meters: Meters, { waits, webhooks }: Load): void {
  for (const [kind, open] of Object.entries(waits ?? {})) meters.errand_waits_open.set({ kind }, open);
  if (!webhooks) return;
  for (const state of ['outbox', 'due', 'waiting'] as const)
    meters.errand_webhook_backlog.set({ state }, webhooks[state]);
  meters.errand_webhook_oldest_due_seconds.set(webhooks.oldestDueSeconds);
}

function setDatabase(meters: Meters, { snapshots, connections }: Load): void {
  if (snapshots) {
    meters.errand_database_held_snapshots.set(snapshots.held);
    meters.errand_database_oldest_snapshot_seconds.set(snapshots.oldestSeconds);
    meters.errand_database_oldest_snapshot_transactions.set(snapshots.oldestTransactions);
  }
  if (connections) {
    meters.errand_database_connections.set(connections.used);
    meters.errand_database_connections_max.set(connections.max);
  }
}
