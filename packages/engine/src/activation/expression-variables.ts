import type { Claim } from '@errand/db';

/** The variables that expressions of a plan can read. `now` is when the run was created, so that every activation computes the same. */
export const expressionVariables = (run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt' | 'user'>) => ({
  intent: run.intent,
  context: run.context,
  input: {}, // runs have no input
  now: run.createdAt.toISOString(),
  timeZone: run.user?.timeZone ?? 'UTC',
});
