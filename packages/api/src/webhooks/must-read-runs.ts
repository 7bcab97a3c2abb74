import { type CallerPrincipal, holds } from '@errand/contracts';
import { insufficientScope } from '../scope.ts';

/** A key that decides where events go must be allowed to read runs, because events tell of runs. @throws ProblemError insufficient_scope */
export function mustReadRuns(principal: CallerPrincipal): void {
  if (!holds(principal, 'runs:read')) throw insufficientScope(principal.scopes, 'runs:read');
}
