/** Permissions of API keys. */
export const scopes = [
  'runs:read',
  'runs:write',
  'approvals:decide',
  'connections:write',
  'webhooks:write',
  'persons:claim',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

/** The scopes that `admin` includes. A key claims to act for a person only with `persons:claim` itself. */
export const adminScopes: readonly Scope[] = scopes.filter((scope) => scope !== 'persons:claim');

/** Whether a caller with `scopes` may give `scope` to a key. */
export const mayGrant = (scopes: readonly string[], scope: Scope): boolean =>
  scopes.includes(scope) || scopes.includes('admin');
