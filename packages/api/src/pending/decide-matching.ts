import { type MatchingDecision, type MatchingResult, problem } from '@errand/contracts';
import type { ActingPrincipal } from '../acting-for.ts';
import { attemptsOf } from '../attempts.ts';
import type { Context } from '../context.ts';

/** Decisions of one request. */
const MAX_MATCHING = 1000;

/**
 * Decides about the open uncertain effects that match a filter, newest first, if their number is the confirmed one.
 * Requests that were made after `newest` do not match.
 * @throws ProblemError pending_count_changed
 */
export async function decideMatching(
  { deps: { engine }, principal: { workspaceId } }: Context,
  by: ActingPrincipal,
  { filter, decision, reason, expectedCount, newest }: MatchingDecision,
): Promise<MatchingResult> {
  const { matched, ids } = await engine.matchingRequests(workspaceId, filter, {
    newest,
    limit: MAX_MATCHING + 1,
  });
  if (expectedCount !== undefined) checkConfirmed(matched, expectedCount, newest !== undefined);
  const attempt = attemptsOf('decisions');
  const skipped: MatchingResult['skipped'] = {};
  let [decided, at] = [0, 0];
  for (const effectId of expectedCount === undefined ? [] : ids.slice(0, MAX_MATCHING)) {
    const input = { effectId, decision, reason, onlyOpen: true } as const;
    const result = await attempt(async () => ({ effect: await engine.resolveEffect(workspaceId, input, by) }));
    const code = 'error' in result ? result.error.code : undefined;
    // The time of the request is over: the next one continues here.
    if (code === 'unavailable') break;
    at++;
    if (code === undefined) decided++;
    else skipped[code] = (skipped[code] ?? 0) + 1;
  }
  return {
    matched,
    decided,
    skipped,
    remaining: matched - at,
    ...(ids[at] !== undefined && { newest: ids[at] }),
  };
}

/** @param isBounded whether it was counted before: then fewer match when others have decided some */
function checkConfirmed(matched: number, expectedCount: number, isBounded: boolean): void {
  if (isBounded ? matched <= expectedCount : matched === expectedCount) return;
  const detail = `${matched} requests match, not ${expectedCount}. This request decided nothing.`;
  throw problem('pending_count_changed', detail, { values: { count: matched } });
}
