import { problem } from '@errand/contracts';

export const insufficientScope = (scopes: readonly string[], scope: string | null) =>
  problem(
    'insufficient_scope',
    `This operation needs the scope ${scope}. The key has: ${scopes.join(', ') || 'none'}.`,
  );
