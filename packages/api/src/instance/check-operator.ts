import { problem } from '@errand/contracts';
import type { SessionContext } from '../context.ts';

/** @throws ProblemError operators_only for people who are no operators of the instance */
export function checkOperator({ principal }: Pick<SessionContext, 'principal'>): void {
  if (principal.kind === 'platform' || (principal.kind === 'person' && principal.isOperator)) return;
  throw problem('operators_only', 'Only operators of the instance may do this.');
}
