import type { Secret } from '@errand/contracts';
import type { Pool } from 'pg';
import { newId } from '../statements/scope.ts';
import type { SecretLocation } from '../vault/seal.ts';
import type { Vault } from '../vault/vault.ts';
import type { Person } from './people.ts';
import { isWellFormedSecret, makeSecret, secretHmacs } from './secrets.ts';

const LOGIN_MINUTES = 10;
const TICKET_SECONDS = 60;
/** Logins under way in the instance; a further one removes the oldest. */
const MAX_LOGINS = 10_000;

/** A login whose browser is at the issuer. */
export type StartedLogin = {
  /** The `state` parameter. */
  state: Secret;
  /** The cookie of the browser. */
  browser: string;
  /** What the callback needs, such as the PKCE verifier and the nonce. */
  pending: Secret;
  /** The session whose person links an identity; absent for a sign-in. */
  sessionId?: string | undefined;
  returnPath: string;
};

export type ReturnedLogin = { pending: Secret; sessionId: string | null; returnPath: string };

/** Both secrets with which the page opens a session: the fragment of its address, and a cookie. */
export type LoginTicket = { ticket: string; browser: string };

/**
 * Sign-ins at the issuer, while they are under way. Each is valid once, and in the browser that began it. Master keys that are removed
 * meanwhile end it, so `reseal` need not know it.
 */
export function consoleLogins(pool: Pool, vault: Vault) {
  const hmacs = (secret: string) => secretHmacs(vault, 'console login', secret);
  const isWellFormed = (...secrets: string[]) => secrets.every(isWellFormedSecret);
  return {
    makeBrowserSecret: makeSecret,

    /** Stores a login for ten minutes, and removes expired ones. */
    async start({ state, browser, pending, sessionId, returnPath }: StartedLogin): Promise<void> {
      const loginId = newId();
      const [stateHmac] = hmacs(state.reveal());
      const values = [loginId, stateHmac, hmacs(browser)[0], vault.seal(pending, locationOf(loginId))];
      await pool.query(
        `WITH ${REMOVED}
         INSERT INTO console_login (login_id, state_hmac, browser_hmac, sealed, session_id, return_path, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + interval '${LOGIN_MINUTES} minutes')`,
        [...values, sessionId ?? null, returnPath],
      );
    },

    /** Removes and returns a login; undefined if it is unknown, used or expired, or began in another browser. */
    async take(state: string, browser: string): Promise<ReturnedLogin | undefined> {
      if (!isWellFormed(state, browser)) return undefined;
      const { rows } = await pool.query<Omit<ReturnedLogin, 'pending'> & { loginId: string; sealed: Buffer }>(
        `DELETE FROM console_login WHERE state_hmac = ANY($1) AND browser_hmac = ANY($2) AND expires_at > clock_timestamp()
         RETURNING login_id AS "loginId", sealed, session_id AS "sessionId", return_path AS "returnPath"`,
        [hmacs(state), hmacs(browser)],
      );
      const [row] = rows;
      const pending = row && vault.openIfKnown(row.sealed, locationOf(row.loginId));
      return row && pending ? { pending, sessionId: row.sessionId, returnPath: row.returnPath } : undefined;
    },

    /** A ticket that opens a session of the person, once and within a minute. Only this answer has its secrets. */
    async createTicket({ personId }: Pick<Person, 'personId'>, returnPath: string): Promise<LoginTicket> {
      const secrets = { ticket: makeSecret(), browser: makeSecret() };
      const values = [newId(), hmacs(secrets.ticket)[0], hmacs(secrets.browser)[0], personId, returnPath];
      await pool.query(
        `INSERT INTO console_login (login_id, ticket_hmac, browser_hmac, person_id, return_path, expires_at)
         VALUES ($1, $2, $3, $4, $5, clock_timestamp() + interval '${TICKET_SECONDS} seconds')`,
        values,
      );
      return secrets;
    },

    /** Uses a ticket once, even if it is sent several times at once; null if it is not valid in this browser. */
    async redeemTicket({ ticket, browser }: LoginTicket): Promise<Person | null> {
      if (!isWellFormed(ticket, browser)) return null;
      const { rows } = await pool.query<Person>(
        `DELETE FROM console_login l USING person p WHERE ticket_hmac = ANY($1) AND browser_hmac = ANY($2)
           AND expires_at > clock_timestamp() AND p.person_id = l.person_id AND p.disabled_at IS NULL
         RETURNING p.person_id AS "personId", p.name, p.email, p.is_operator AS "isOperator"`,
        [hmacs(ticket), hmacs(browser)],
      );
      return rows[0] ?? null;
    },
  };
}

const REMOVED = `expired AS (DELETE FROM console_login WHERE expires_at < clock_timestamp()), surplus AS (
  DELETE FROM console_login WHERE login_id IN (SELECT login_id FROM console_login ORDER BY created_at DESC OFFSET ${MAX_LOGINS - 1}))`;

/** Logins belong to no workspace. */
const locationOf = (loginId: string): SecretLocation => ({
  workspaceId: '',
  table: 'console_login',
  row: [loginId],
  column: 'sealed',
});
