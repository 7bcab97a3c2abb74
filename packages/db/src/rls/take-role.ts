import type { ClientBase } from 'pg';
import { IS_READ_ONLY, ReadOnlyServer } from '../primary/primary-watch.ts';

export type Login = {
  login: string;
  role: string;
  /** The role bypasses row-level security. */
  free: boolean;
  loginSuperuser: boolean;
  loginBypasses: boolean;
  /** The login has the role that sees all workspaces. */
  loginSeesAll: boolean;
  readOnly: boolean;
};

/** A connection lacks its role. It is closed before its first statement. */
export class WrongRole extends Error {
  override name = 'WrongRole';
  /** SQLSTATE invalid_authorization_specification: callers may try again. */
  readonly code = '28000';
}

const LOGIN = `SELECT current_user AS role, session_user AS login, r.rolsuper OR r.rolbypassrls AS free, l.rolsuper AS "loginSuperuser",
    l.rolbypassrls AS "loginBypasses", pg_has_role(l.oid, 'errand_system', 'MEMBER') AS "loginSeesAll", ${IS_READ_ONLY} AS "readOnly"
  FROM pg_roles r, pg_roles l WHERE r.rolname = current_user AND l.rolname = session_user`;

/**
 * Checks that a new connection has the role of its startup options, and that its server accepts writes. For a superuser it also
 * changes the session authorization, so that RESET ROLE and SET ROLE cannot undo the role.
 * @throws WrongRole for example behind a pooler that drops the startup option
 * @throws ReadOnlyServer for example on a standby
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
  if (login?.role === role && !login.free) {
    if (login.readOnly) throw new ReadOnlyServer();
    return login;
  }
  throw new WrongRole(
    `a database connection runs as "${login?.role}" and not as "${role}": it was closed. A connection pooler in between must ` +
      `hand on the startup parameter "options", or be left out (docs/security.md, "Logins")`,
  );
}
