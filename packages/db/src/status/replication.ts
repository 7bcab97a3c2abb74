import type { Pool } from 'pg';

/** The standbys of the server, and whether commits wait for them. */
export type Replication = {
  /** Physical standbys that receive changes. */
  standbys: number;
  /** The standbys for which commits may wait. `unknown`: the role lacks pg_read_all_stats. */
  synchronous: number | 'unknown';
  /** How many synchronous standbys each commit needs; 0 without `synchronous_standby_names`. */
  required: number;
  /** The values of `synchronous_commit` with which the logins commit without a standby. */
  unsafeCommits: string[];
};

/** Subscribers of a logical slot are no standbys. Without pg_read_all_stats only the pids of the others can be seen. */
const READ = `SELECT current_setting('synchronous_standby_names') AS names, count(r.pid)::int AS pids,
    count(*) FILTER (WHERE r.state = 'streaming')::int AS streaming,
    count(*) FILTER (WHERE r.state = 'streaming' AND r.sync_state IN ('sync', 'quorum'))::int AS synchronous,
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS readable
  FROM (SELECT 1) one LEFT JOIN pg_stat_replication r
    ON r.pid NOT IN (SELECT active_pid FROM pg_replication_slots WHERE slot_type = 'logical' AND active_pid IS NOT NULL)`;

type Row = { names: string; pids: number; streaming: number; synchronous: number; readable: boolean };

/** `s1, s2` is FIRST 1; `2 (…)` is FIRST 2. */
function requiredBy(names: string): number {
  if (names.trim() === '') return 0;
  return Number(/^\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(/i.exec(names)?.[1] ?? 1);
}

/** @param pools of all logins; the first one reads the statistics */
export async function readReplication(pools: readonly [Pool, ...Pool[]]): Promise<Replication> {
  const { rows } = await pools[0].query<Row>(READ);
  const { names, pids, streaming, synchronous, readable } = rows[0]!;
  const commits = await Promise.all(
    pools.map((pool) => pool.query<{ value: string }>(`SELECT current_setting('synchronous_commit') AS value`)),
  );
  const values = new Set(commits.map((result) => result.rows[0]!.value));
  return {
    standbys: readable ? streaming : pids,
    synchronous: readable || pids === 0 ? synchronous : 'unknown',
    required: requiredBy(names),
    unsafeCommits: [...values].filter((value) => value === 'off' || value === 'local'),
  };
}
