import type { Json } from '@errand/contracts';
import type { Claim } from '@errand/db';

/**
 * The variables that expressions of a plan can read. `now` is when the run was created, so that every activation computes the same.
 * @param input what the run of an action was given
 */
export const expressionVariables = (
  run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt' | 'user'>,
  input: { [name: string]: Json } = {},
) => ({
  intent: run.intent,
  context: run.context,
  input,
  now: run.createdAt.toISOString(),
  timeZone: run.user?.timeZone ?? 'UTC',
});
