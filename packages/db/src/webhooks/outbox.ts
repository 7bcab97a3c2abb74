import type { Pool } from 'pg';

// A webhook that was switched off meanwhile is told nothing.
const RELAY = `WITH m AS MATERIALIZED (
    SELECT * FROM webhook_message ORDER BY message_id LIMIT $1 FOR UPDATE SKIP LOCKED
  ), relayed AS (
    DELETE FROM webhook_message USING m WHERE webhook_message.message_id = m.message_id
  ), told AS (
    INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, run_id, seq, data, created_at, next_attempt_at)
    SELECT m.workspace_id, m.message_id, w.webhook_id, m.type, m.run_id, m.seq, m.data, m.created_at, clock_timestamp()
    FROM m JOIN webhook w ON w.workspace_id = m.workspace_id AND w.active AND w.events && ARRAY[m.type, '*']
  )
  SELECT count(*)::int AS n FROM m`;

/**
 * Makes deliveries of what is in the outbox. Any number of processes may do so at once.
 * @returns the number of messages
 */
export async function relayMessages(pool: Pick<Pool, 'query'>, limit: number): Promise<number> {
  const { rows } = await pool.query<{ n: number }>({ name: 'webhook_relay', text: RELAY, values: [limit] });
  return rows[0]!.n;
}
