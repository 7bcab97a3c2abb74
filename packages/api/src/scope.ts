import { problem } from '@errand/contracts';

/** The refusal of a key that lacks a scope. */
export const insufficientScope = (scopes: readonly string[], scope: string | null) =>
  problem('insufficient_scope', `This needs the scope ${scope}; the key holds: ${scopes.join(', ') || 'none'}.`);
