import type { Claim } from '@errand/db';

/** What the expressions of a run's plan read of the run; the same in each activation. */
export const readableOf = (run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt'>) => ({
  intent: run.intent,
  context: run.context,
  input: {},
  now: run.createdAt.toISOString(),
});
