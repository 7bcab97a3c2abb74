import type { Pool } from 'pg';
import { type Login, WrongRole } from './take-role.ts';

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
      if (cause instanceof WrongRole) throw new Error(cause.message, { cause });
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
  const { login, loginSuperuser, loginBypasses, loginSeesAll } = tenant;
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
