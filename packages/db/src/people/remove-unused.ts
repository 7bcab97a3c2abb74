import type { Pool } from 'pg';

/** Links and sessions are kept for this many days after their end; people for as many after they were created. */
const KEPT_DAYS = 30;
const OLD = `now() - interval '${KEPT_DAYS} days'`;

const LINKS = `DELETE FROM console_link WHERE link_id IN (
  SELECT link_id FROM console_link WHERE least(used_at, revoked_at, expires_at) < ${OLD} LIMIT $1)`;

const SESSIONS = `DELETE FROM console_session WHERE session_id IN (
  SELECT session_id FROM console_session WHERE least(ended_at, ends_at, seen_at + interval '12 hours') < ${OLD} LIMIT $1)`;

// Four eyes compare the people behind keys, so a person who made a key stays. Entries of the audit log have the name of the person.
const PEOPLE = `DELETE FROM person WHERE person_id IN (
  SELECT person_id FROM person p WHERE created_at < ${OLD} AND NOT is_operator
    AND NOT EXISTS (SELECT FROM membership WHERE membership.person_id = p.person_id)
    AND NOT EXISTS (SELECT FROM person_identity WHERE person_identity.person_id = p.person_id)
    AND NOT EXISTS (SELECT FROM console_session WHERE console_session.person_id = p.person_id)
    AND NOT EXISTS (SELECT FROM console_link WHERE console_link.person_id = p.person_id)
    AND NOT EXISTS (SELECT FROM api_key WHERE api_key.person_id = p.person_id)
  LIMIT $1 FOR UPDATE SKIP LOCKED)`;

/**
 * Removes old links and sessions, then people who can no longer sign in and are members of no workspace. Each statement removes at most
 * `rowsAtOnce` rows. Returns the number of removed rows.
 */
export async function removeUnusedPeople(
  pool: Pick<Pool, 'query'>,
  signal: AbortSignal,
  rowsAtOnce = 1000,
): Promise<number> {
  let total = 0;
  for (const text of [LINKS, SESSIONS, PEOPLE]) {
    for (let rows = rowsAtOnce; rows === rowsAtOnce && !signal.aborted; total += rows)
      rows = (await pool.query(text, [rowsAtOnce])).rowCount ?? 0;
  }
  return total;
}
