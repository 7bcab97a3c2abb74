// The rows of a service that has run for a long time, inserted straight into the tables.
import { newId } from '@errand/db';
import { seedRuns } from '@errand/db/testing';
import type pg from 'pg';

const seeded = new Map<string, number>();

/** Adds `count` ended runs to a workspace. @param whole also their events and their ledger */
export async function addRuns(pool: pg.Pool, workspaceId: string, count: number, whole: boolean): Promise<void> {
  const there = seeded.get(workspaceId) ?? 0;
  await seedRuns(pool, workspaceId, count, { whole, from: there + 1 });
  seeded.set(workspaceId, there + count);
}

/** Adds `count` runs that wait for a person, so that nothing happens to them. @returns their ids */
export async function addWaitingRuns(pool: pg.Pool, workspaceId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  await pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, seq, epoch, started_at, due, not_before)
     SELECT $1, id, gen_random_uuid(), NULL, 'PAUSED', 'Wait', 'user-1', ARRAY['crm_00000000'], '\\x00', 1, 1, now(), 0, now() + interval '7 days' FROM unnest($2::uuid[]) AS id`,
    [workspaceId, ids],
  );
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) SELECT $1, id, 1, 'start', '{"runStatus":"RUNNING"}' FROM unnest($2::uuid[]) AS id`,
    [workspaceId, ids],
  );
  return ids;
}
