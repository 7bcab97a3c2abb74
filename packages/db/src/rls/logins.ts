import type { ClientBase, Pool } from 'pg';
import { IS_READ_ONLY, ReadOnlyServerError } from '../primary/read-only-server.ts';

export type Login = {
  login: string;
  role: string;
  /** The role bypasses row-level security. */
  bypassesRls: boolean;
  loginSuperuser: boolean;
  loginBypasses: boolean;
  /** The login has the role that sees all workspaces. */
  loginSeesAllWorkspaces: boolean;
  readOnly: boolean;
};

/** A connection lacks its role. It is closed before its first statement. */
class WrongRoleError extends Error {
  override name = 'WrongRole';
  /** SQLSTATE invalid_authorization_specification: callers may try again. */
  readonly code = '28000';
}

const LOGIN = `SELECT current_user AS role, session_user AS login, r.rolsuper OR r.rolbypassrls AS "bypassesRls", l.rolsuper AS "loginSuperuser",
    l.rolbypassrls AS "loginBypasses", pg_has_role(l.oid, 'errand_system', 'MEMBER') AS "loginSeesAllWorkspaces", ${IS_READ_ONLY} AS "readOnly"
  FROM pg_roles r, pg_roles l WHERE r.rolname = current_user AND l.rolname = session_user`;

/**
 * Checks that a new connection has the role of its startup options, and that its server accepts writes. For a superuser it also
 * changes the session authorization, so that RESET ROLE and SET ROLE cannot undo the role.
 * @throws WrongRoleError for example behind a pooler that drops the startup option
 * @throws ReadOnlyServerError for example on a standby
 */
export async function takeRole(client: ClientBase, role: 'errand_app' | 'errand_system'): Promise<Login> {
  const login = await readLogin(client, role);
  if (!login.loginSuperuser) return login;
  await client.query(`SET SESSION AUTHORIZATION ${role}`);
  await client.query(`SET ROLE ${role}`);
  await readLogin(client, role);
  return login;
}

async function readLogin(client: ClientBase, role: string): Promise<Login> {
  const { rows } = await client.query<Login>(LOGIN);
  const [login] = rows;
  if (login?.role === role && !login.bypassesRls) {
    if (login.readOnly) throw new ReadOnlyServerError();
    return login;
  }
  throw new WrongRoleError(
    `a database connection runs as "${login?.role}" and not as "${role}": it was closed. A connection pooler in between must ` +
      `hand on the startup parameter "options", or be left out (docs/security.md, "Logins")`,
  );
}

// Equal for two logins of one database, even through a pooler.
const IDENTITY =
  'SELECT oid::text || pg_postmaster_start_time()::text AS identity FROM pg_database WHERE datname = current_database()';

/** Connects with both logins. @throws Error with instructions if one lacks its role, or they use different databases */
export async function checkLogins(system: Pool, tenants: Pool): Promise<void> {
  const identities: unknown[] = [];
  for (const [pool, role, setting] of [
    [system, 'errand_system', 'DATABASE_URL'],
    [tenants, 'errand_app', 'ERRAND_TENANT_DATABASE_URL, or DATABASE_URL'],
  ] as const) {
    try {
      identities.push((await pool.query<{ identity: string }>(IDENTITY)).rows[0]?.identity);
    } catch (cause) {
      // Reported without its SQLSTATE, which would indicate a wrong password.
      if (cause instanceof WrongRoleError) throw new Error(cause.message, { cause });
      if (!/permission denied to set role|role "errand_\w+" does not exist/.test((cause as Error).message)) throw cause;
      throw new Error(
        `the login of ${setting} may not take the role ${role}; let an administrator run: GRANT ${role} TO "the login" ` +
          '(docs/security.md, "Logins")',
        { cause },
      );
    }
  }
  if (identities[0] !== identities[1]) {
    throw new Error(
      'DATABASE_URL and ERRAND_TENANT_DATABASE_URL point to different databases; use two logins of one database.',
    );
  }
}

/** The damage that a hostile statement could do with the rights of the tenant login. */
export function weaknesses(tenant: Login | undefined): { severe: boolean; text: string }[] {
  if (!tenant) return [];
  const { login, loginSuperuser, loginBypasses, loginSeesAllWorkspaces: loginSeesAll } = tenant;
  const todo = 'Create separate logins for the service: docs/security.md, "Logins", has the statements.';
  if (loginSuperuser || loginBypasses) {
    const right = loginSuperuser ? 'is a superuser' : 'bypasses row-level security (BYPASSRLS)';
    const text = `the database login "${login}" ${right}: one hostile statement would reach every workspace. ${todo}`;
    return [{ severe: true, text }];
  }
  if (!loginSeesAll) return [];
  const text = `the database login "${login}" serves callers and may take the role errand_system: a hostile statement could, too. ${todo}`;
  return [{ severe: false, text }];
}
