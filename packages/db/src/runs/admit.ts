import type { Pool } from 'pg';
import { enqueue } from './job.ts';
import { withTransaction } from './scope.ts';

// A workspace has a number of places in the queue. A run is admitted when it takes one, and holds it until it ends or waits for a
// human. Runs that found no place wait in run_unadmitted_idx, without a job; whoever gives a place up admits the next of them in
// the same statement, and the top-up finds what was missed.

/** Places of a workspace where its scope tells no number. */
export const defaultPlaces = 60;

/** Holds a place: written as run_place_idx has it. */
export const holdsPlace = (run: string): string => `${run}.admitted AND ${run}.status IN ('QUEUED', 'RUNNING')`;

/** SQL: how many runs of a workspace hold a place. @param but which are not counted, as what follows their id in a condition */
export const placesHeld = (workspaceId: string, but?: string): string =>
  `(SELECT count(*)::int FROM run h WHERE h.workspace_id = ${workspaceId} AND ${holdsPlace('h')}${but ? ` AND h.run_id ${but}` : ''})`;

// The order is that of the index, all of it, so that no other plan is cheaper however many runs wait.
const order = 'run.workspace_id, run.priority DESC, run.run_id';

/** SQL: whether runs of a workspace wait for a place. */
export const someoneWaits = (workspaceId: string): string =>
  `(SELECT run.run_id FROM run WHERE run.workspace_id = ${workspaceId} AND NOT run.admitted ORDER BY ${order} LIMIT 1) IS NOT NULL`;

/**
 * SQL for a statement that takes a place from the run $2 of the workspace $1, which stands in the expression `moved`: admits the
 * next run and enqueues it, in the expression `turns`. When nobody waits it costs a look into an empty index: the count hangs on
 * the row that was found. The plan is kept while a workspace goes from no runs that wait to thousands, so that it must leave
 * nothing to choose: what is updated is named by its whole key.
 * @param places the parameter that says how many places there are
 */
export const admitNext = (places: number): string => `, turn AS (
    SELECT next.run_id FROM moved, LATERAL (SELECT run.workspace_id, run.run_id FROM run
      WHERE run.workspace_id = $1 AND NOT run.admitted AND run.run_id <> $2 ORDER BY ${order} LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
    WHERE ${placesHeld('next.workspace_id', '<> $2')} < $${places}::int
  ), admitted AS (
    UPDATE run SET admitted = true WHERE run.workspace_id = $1 AND run.run_id = (SELECT turn.run_id FROM turn) RETURNING run.run_id
  ), turns AS MATERIALIZED (SELECT ${enqueue('$1::uuid', 'admitted.run_id')} FROM admitted)`;

/**
 * SQL for a statement that takes places from many runs, which stand in the expression `moved` where `ends` holds: admits as many of
 * their workspaces at most as have given up their places there, and enqueues them, as `admitNext` does for one.
 */
export const admitNextOfMany = (places: number): string => `, left_places AS (
    SELECT moved.workspace_id, count(*)::int AS n, array_agg(moved.run_id) AS runs FROM moved WHERE moved.ends GROUP BY moved.workspace_id
  ), turn AS (
    SELECT next.workspace_id, next.run_id FROM left_places AS w, LATERAL (
      SELECT run.workspace_id, run.run_id FROM run WHERE run.workspace_id = w.workspace_id AND NOT run.admitted AND run.run_id <> ALL(w.runs)
      ORDER BY ${order} LIMIT CASE WHEN ${someoneWaits('w.workspace_id')}
        THEN least(w.n, greatest($${places}::int - ${placesHeld('w.workspace_id', '<> ALL(w.runs)')}, 0)) ELSE 0 END
      FOR UPDATE SKIP LOCKED) AS next
  ), admitted AS (
    UPDATE run SET admitted = true FROM turn WHERE run.workspace_id = turn.workspace_id AND run.run_id = turn.run_id
    RETURNING run.workspace_id, run.run_id
  ), turns AS MATERIALIZED (SELECT ${enqueue('admitted.workspace_id', 'admitted.run_id')} FROM admitted)`;

/** Runs admitted by one top-up at most; the next one goes on. */
const batch = 1000;

const waits = (which: string) =>
  `SELECT run.workspace_id FROM run WHERE NOT run.admitted ${which} ORDER BY ${order} LIMIT 1`;

const topUp = `
WITH RECURSIVE w AS (
  (${waits('')})
  UNION ALL
  SELECT (${waits('AND run.workspace_id > w.workspace_id')}) FROM w WHERE w.workspace_id IS NOT NULL
), room AS MATERIALIZED (
  SELECT w.workspace_id, greatest($1::int - ${placesHeld('w.workspace_id')}, 0) AS n FROM w WHERE w.workspace_id IS NOT NULL
), next AS (
  SELECT found.* FROM room, LATERAL (SELECT run.workspace_id, run.run_id FROM run
    WHERE run.workspace_id = room.workspace_id AND NOT run.admitted ORDER BY ${order} LIMIT room.n FOR UPDATE SKIP LOCKED) AS found
  WHERE room.n > 0 LIMIT ${batch}
), admitted AS (
  UPDATE run SET admitted = true FROM next WHERE run.workspace_id = next.workspace_id AND run.run_id = next.run_id
  RETURNING run.workspace_id, run.run_id
), jobs AS MATERIALIZED (SELECT ${enqueue('admitted.workspace_id', 'admitted.run_id')} FROM admitted)
SELECT count(*)::int AS n FROM jobs`;

/**
 * Gives the free places of every workspace to the runs that wait for them: those that were missed when a place was given up
 * while the run was being stored, or by a process that died.
 * @param places of each workspace
 * @returns how many were admitted
 */
export async function admitWaiting(pool: Pool, places: number): Promise<number> {
  const { rowCount } = await pool.query({ name: 'run_waits', text: waits('') });
  if (!rowCount) return 0;
  return withTransaction(pool, async (client) => {
    // Two at once would both give the same places away.
    const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended('errand.admit', 0)) AS mine`;
    if (!(await client.query<{ mine: boolean }>(lock)).rows[0]!.mine) return 0;
    // Planned anew each time: how many runs wait is another number then.
    const { rows } = await client.query<{ n: number }>(topUp, [places]);
    return rows[0]!.n;
  });
}

/** How many runs are open (under way, or waiting for their turn; not for a human), by workspace. */
export async function countOpenRuns(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ workspaceId: string; n: number }>({
    name: 'runs_open',
    text: `SELECT workspace_id AS "workspaceId", count(*)::int AS n FROM (
        SELECT run.workspace_id FROM run WHERE NOT run.admitted
        UNION ALL SELECT run.workspace_id FROM run WHERE ${holdsPlace('run')}
      ) AS open GROUP BY workspace_id`,
  });
  return new Map(rows.map(({ workspaceId, n }) => [workspaceId, n]));
}
