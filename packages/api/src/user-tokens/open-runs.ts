import { problem } from '@errand/contracts';
import type { TokenContext } from './rules.ts';

/**
 * Creates a run if the user has fewer open runs than the token allows, over all processes.
 * @throws ProblemError too_many_runs, and the errors of `create`
 */
export async function createWithinLimit<T>(
  { principal, deps }: Pick<TokenContext, 'principal' | 'deps'>,
  runId: string,
  create: () => Promise<T>,
): Promise<T> {
  const { workspaceId, userId, limits } = principal;
  const run = { workspaceId, userId, runId };
  const { openRuns } = deps.db.userTokens;
  if (!(await openRuns.claim(run, limits.openRuns)))
    throw problem('too_many_runs', `The user has ${limits.openRuns} open runs, the maximum for this token.`, {
      headers: { 'retry-after': '5' },
    });
  try {
    return await create();
  } finally {
    // A claim that stays counts no more once its run exists, and for at most 30 seconds otherwise.
    await openRuns.release(run).catch(() => {});
  }
}
