import type { Claim } from '@errand/db';

/** The variables of a run that expressions of its plan can read; the same in each activation. */
export const readableOf = (run: Pick<Claim['run'], 'intent' | 'context' | 'createdAt'>) => ({
  intent: run.intent,
  context: run.context,
  input: {},
  now: run.createdAt.toISOString(),
});
