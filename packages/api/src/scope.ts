import { problem } from '@errand/contracts';

/** Whether a key of these scopes may do what needs `scope`: `admin` holds all, and null needs none. */
export const holds = (scopes: readonly string[], scope: string | null): boolean =>
  scope === null || scopes.includes(scope) || scopes.includes('admin');

/** The refusal of a key that lacks a scope. */
export const lacks = (scopes: readonly string[], scope: string | null) =>
  problem('insufficient_scope', `This needs the scope ${scope}; the key holds: ${scopes.join(', ') || 'none'}.`);
