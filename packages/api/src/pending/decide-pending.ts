import { type contract, type DecisionResult, type EffectResult, problem } from '@errand/contracts';
import { actingPrincipal } from '../acting-for.ts';
import { decideApproval } from '../approvals/decide-approval.ts';
import { attemptsOf } from '../attempts.ts';
import type { Handler } from '../context.ts';
import { invalidField } from '../problems.ts';
import { decideMatching } from './decide-matching.ts';

const MAX_DECISIONS = 100;

/** Makes several decisions in order, so that the first of two about the same request counts. */
export const decidePending: Handler<typeof contract.pending.decide> = async ({ input, ctx }) => {
  const { decisions, effects, matching, onBehalfOf } = input;
  const by = actingPrincipal(ctx.principal, onBehalfOf);
  if (matching) {
    if (decisions.length + effects.length > 0) throw invalidField('/matching', 'Send it without other decisions.');
    return { results: [], matching: await decideMatching(ctx, by, matching) };
  }
  checkCount(decisions.length + effects.length);
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const attempt = attemptsOf('decisions');
  const results: DecisionResult[] = [];
  for (const [index, decision] of decisions.entries()) {
    const result = await attempt(
      async () => ({ approval: await decideApproval(ctx, by, decision) }),
      `/decisions/${index}`,
    );
    results.push({ approvalId: decision.approvalId, ...result });
  }
  if (effects.length === 0) return { results };
  const effectResults: EffectResult[] = [];
  for (const [index, effect] of effects.entries()) {
    const resolve = async () => ({ effect: await engine.resolveEffect(workspaceId, effect, by) });
    effectResults.push({ effectId: effect.effectId, ...(await attempt(resolve, `/effects/${index}`)) });
  }
  return { results, effects: effectResults };
};

/** @throws ProblemError validation_failed */
function checkCount(count: number): void {
  if (count >= 1 && count <= MAX_DECISIONS) return;
  const message = `Send 1 to ${MAX_DECISIONS} decisions, those about effects included.`;
  throw problem('validation_failed', message, { errors: [{ pointer: '/decisions', message }] });
}
