import { timingSafeEqual } from 'node:crypto';
import { type PersonPrincipal, type Principal, type Role, scopesOfRole } from '@errand/contracts';
import type { Pool } from 'pg';
import { audit, auditRow, writeAuditRows } from '../audit/write.ts';
import { fieldArrays } from '../statements/columns.ts';
import type { IdPage } from '../statements/page.ts';
import { newId, withTransaction } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import type { Person } from './people.ts';
import { isWellFormedSecret, makeSecret, secretHmacs } from './secrets.ts';

/** A session ends after these hours without a request. */
const IDLE_HOURS = 12;
const MAX_DAYS = 7;
/** Open sessions of a person; a further one ends the oldest. */
const MAX_SESSIONS = 20;

/** Both secrets of a session: the cookie reaches other ports of the host, the token is bound to the origin of the page. */
export type SessionSecrets = { cookie: string; token: string };

export type Session = {
  sessionId: string;
  person: Person;
  endsAt: Date;
  /** The role in the workspace of the request; null without a membership. */
  role: Role | null;
  /** Whether that workspace is suspended. */
  isSuspended: boolean;
  /** Whether the audit log of that workspace names the session already. */
  hasEntered: boolean;
};

export type OpenSession = {
  sessionId: string;
  createdAt: Date;
  seenAt: Date;
  endsAt: Date;
  ip: string | null;
  userAgent: string | null;
};

/** `workspaceId`: the workspace whose data a stream shows. */
export type SessionRef = { sessionId: string; workspaceId: string };

/** The condition of sessions that are open. */
export const IS_OPEN = `ended_at IS NULL AND ends_at > now() AND seen_at > now() - interval '${IDLE_HOURS} hours'`;

/** Sessions of people in the console. They are verified for each request, so that an ended one has no effect anywhere. */
export function sessions(pool: Pool, vault: Vault) {
  return {
    /** Opens a session. Only this answer has its secrets. */
    async open(
      { personId }: Pick<Person, 'personId'>,
      { ip, userAgent }: { ip?: string; userAgent?: string | undefined },
    ): Promise<SessionSecrets & { sessionId: string; endsAt: Date }> {
      const secrets = { cookie: makeSecret(), token: makeSecret() };
      const [[cookieHmac], [tokenHmac]] = hmacsOf(vault, secrets);
      const sessionId = newId();
      const { rows } = await pool.query<{ endsAt: Date }>(
        `WITH removed AS (
           DELETE FROM console_session WHERE person_id = $2 AND ends_at < now() - interval '30 days'
         ), surplus AS (
           UPDATE console_session SET ended_at = now(), ended_how = 'too many sessions' WHERE session_id IN (
             SELECT session_id FROM console_session WHERE person_id = $2 AND ${IS_OPEN} ORDER BY seen_at DESC OFFSET ${MAX_SESSIONS - 1})
         )
         INSERT INTO console_session (session_id, person_id, cookie_hmac, token_hmac, hmac_key_id, ends_at, ip, user_agent)
         VALUES ($1, $2, $3, $4, $5, now() + interval '${MAX_DAYS} days', $6, $7) RETURNING ends_at AS "endsAt"`,
        [sessionId, personId, cookieHmac, tokenHmac, vault.sealingKeyId, ip ?? null, userAgent?.slice(0, 500) ?? null],
      );
      return { ...secrets, sessionId, endsAt: rows[0]!.endsAt };
    },

    /** @returns null unless both secrets belong to one open session of a person who is not disabled */
    verify: (secrets: SessionSecrets, workspaceId?: string): Promise<Session | null> =>
      verifySession(pool, vault, secrets, workspaceId),

    /** Writes to the audit log of the workspace that the session has entered it; once for each session and workspace. */
    enter: (principal: PersonPrincipal): Promise<void> => enterWorkspace(pool, principal),

    /** Newest first. */
    async list(personId: string, { after, limit }: IdPage): Promise<OpenSession[]> {
      const { rows } = await pool.query<OpenSession>(
        `SELECT session_id AS "sessionId", created_at AS "createdAt", seen_at AS "seenAt", ends_at AS "endsAt", ip, user_agent AS "userAgent"
         FROM console_session WHERE person_id = $1 AND ${IS_OPEN}
           AND ($2::uuid IS NULL OR session_id < $2) ORDER BY session_id DESC LIMIT $3`,
        [personId, after ?? null, limit],
      );
      return rows;
    },

    /** Ends a session of a person. @returns whether the person had this open session */
    end: (person: Pick<Person, 'personId' | 'name'>, sessionId: string, how: string): Promise<boolean> =>
      endSession(pool, person, sessionId, how),

    /** The roles of open sessions in workspaces; a session without one is absent. */
    async roles(refs: readonly SessionRef[]): Promise<(ref: SessionRef) => Role | undefined> {
      const { rows } = await pool.query<SessionRef & { role: Role }>({
        name: 'sessions_roles',
        text: `SELECT s.session_id AS "sessionId", m.workspace_id AS "workspaceId", m.role
          FROM unnest($1::uuid[], $2::uuid[]) AS open(session_id, workspace_id) JOIN console_session s USING (session_id)
            JOIN person p USING (person_id) JOIN membership m ON m.person_id = p.person_id AND m.workspace_id = open.workspace_id
            JOIN workspace w ON w.workspace_id = open.workspace_id AND w.suspended_at IS NULL
          WHERE ${IS_OPEN} AND p.disabled_at IS NULL`,
        values: fieldArrays(refs, 'sessionId', 'workspaceId'),
      });
      const roles = new Map(rows.map((row) => [`${row.sessionId} ${row.workspaceId}`, row.role]));
      return ({ sessionId, workspaceId }) => roles.get(`${sessionId} ${workspaceId}`);
    },
  };
}

const hmacsOf = (vault: Vault, { cookie, token }: SessionSecrets) =>
  [secretHmacs(vault, 'console session', cookie), secretHmacs(vault, 'console page', token)] as const;

type SessionRow = Person & {
  sessionId: string;
  endsAt: Date;
  role: Role | null;
  cookieHmac: Buffer;
  tokenHmac: Buffer;
  isStale: boolean;
  isSuspended: boolean;
  hasEntered: boolean;
};

async function verifySession(
  pool: Pool,
  vault: Vault,
  secrets: SessionSecrets,
  workspaceId: string | undefined,
): Promise<Session | null> {
  if (!isWellFormedSecret(secrets.cookie) || !isWellFormedSecret(secrets.token)) return null;
  const [cookieHmacs, tokenHmacs] = hmacsOf(vault, secrets);
  const { rows } = await pool.query<SessionRow>({
    name: 'session_verify',
    text: `SELECT s.session_id AS "sessionId", s.ends_at AS "endsAt", s.cookie_hmac AS "cookieHmac", s.token_hmac AS "tokenHmac",
        s.seen_at < now() - interval '1 minute' AS "isStale", p.person_id AS "personId", p.name, p.email, p.is_operator AS "isOperator", m.role, w.suspended_at IS NOT NULL AS "isSuspended",
        s.entered @> ARRAY[$2::uuid] AS "hasEntered"
      FROM console_session s JOIN person p USING (person_id)
        LEFT JOIN membership m ON m.person_id = p.person_id AND m.workspace_id = $2
        LEFT JOIN workspace w ON w.workspace_id = m.workspace_id
      WHERE s.cookie_hmac = ANY($1) AND ${IS_OPEN} AND p.disabled_at IS NULL`,
    values: [cookieHmacs, workspaceId ?? null],
  });
  const [row] = rows;
  if (!row || !tokenHmacs.some((hmac) => timingSafeEqual(hmac, row.tokenHmac))) return null;
  const { sessionId, endsAt, role, isSuspended, hasEntered, personId, name, email, isOperator } = row;
  if (row.isStale || !cookieHmacs[0]!.equals(row.cookieHmac)) {
    // Also stores the HMACs under the sealing key. The request does not wait.
    pool
      .query(
        'UPDATE console_session SET seen_at = now(), cookie_hmac = $2, token_hmac = $3, hmac_key_id = $4 WHERE session_id = $1',
        [sessionId, cookieHmacs[0], tokenHmacs[0], vault.sealingKeyId],
      )
      .catch(() => {});
  }
  return { sessionId, endsAt, role, isSuspended, hasEntered, person: { personId, name, email, isOperator } };
}

async function enterWorkspace(pool: Pool, principal: PersonPrincipal): Promise<void> {
  const { sessionId, workspaceId } = principal;
  await withTransaction(pool, async (client) => {
    const { rowCount } = await client.query({
      name: 'session_enter',
      text: `UPDATE console_session SET entered = array_append(entered, $2::uuid) WHERE session_id = $1 AND NOT entered @> ARRAY[$2::uuid]`,
      values: [sessionId, workspaceId],
    });
    if (rowCount !== 1) return;
    await audit({ pool, workspaceId }, { actor: principal, action: 'session.entered', target: sessionId }, client);
  });
}

/** Ends a session, and writes so to the audit log of the workspaces that it entered. */
const endSession = (
  pool: Pool,
  { personId, name }: Pick<Person, 'personId' | 'name'>,
  sessionId: string,
  how: string,
): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ entered: string[] }>(
      `WITH ended AS (
         UPDATE console_session SET ended_at = now(), ended_how = $3
         WHERE person_id = $1 AND session_id = $2 AND ended_at IS NULL RETURNING entered
       )
       SELECT ARRAY(SELECT workspace_id FROM workspace WHERE workspace_id = ANY(entered)) AS entered FROM ended`,
      [personId, sessionId, how],
    );
    if (!rows[0]) return false;
    const actor = { kind: 'person', id: personId, label: name } as Principal;
    const note = { actor, action: 'session.ended', target: sessionId, details: { how } } as const;
    await writeAuditRows(
      client,
      rows[0].entered.map((workspaceId) => auditRow(workspaceId, note)),
    );
    return true;
  });

/** The principal of a person in a workspace. */
export const personPrincipal = (
  { sessionId, person }: Session,
  workspaceId: string,
  role: Role,
  ip?: string,
): PersonPrincipal => ({
  kind: 'person',
  id: person.personId,
  label: person.name,
  isOperator: person.isOperator,
  sessionId,
  workspaceId,
  role,
  scopes: scopesOfRole[role],
  ...(ip !== undefined && { ip }),
});
