import {
  type contract,
  type DecisionResult,
  type EffectResult,
  errorTable,
  ProblemError,
  problem,
} from '@errand/contracts';
import { decideApproval } from '../approvals/decide-approval.ts';
import type { Handler } from '../context.ts';

/** After this time the remaining decisions are refused; the caller may send them again. */
const MAX_MS = 25_000;
const MAX_DECISIONS = 100;

/** Makes several decisions in order, so that the first of two about the same request counts. */
export const decidePending: Handler<typeof contract.pending.decide> = async ({ input, ctx }) => {
  const { decisions, effects } = input;
  checkCount(decisions.length + effects.length);
  const { engine } = ctx.deps;
  const { workspaceId } = ctx.principal;
  const attempt = attemptsUntil(performance.now() + MAX_MS);
  const results: DecisionResult[] = [];
  for (const [index, decision] of decisions.entries()) {
    const result = await attempt(`/decisions/${index}`, async () => ({
      approval: await decideApproval(ctx, decision),
    }));
    results.push({ approvalId: decision.approvalId, ...result });
  }
  if (effects.length === 0) return { results };
  const effectResults: EffectResult[] = [];
  for (const [index, effect] of effects.entries()) {
    const resolve = async () => ({ effect: await engine.resolveEffect(workspaceId, effect, ctx.principal) });
    effectResults.push({ effectId: effect.effectId, ...(await attempt(`/effects/${index}`, resolve)) });
  }
  return { results, effects: effectResults };
};

/** @throws ProblemError validation_failed */
function checkCount(count: number): void {
  if (count >= 1 && count <= MAX_DECISIONS) return;
  const message = `Send 1 to ${MAX_DECISIONS} decisions, those about effects included.`;
  throw problem('validation_failed', message, { errors: [{ pointer: '/decisions', message }] });
}

type Fault = Pick<DecisionResult, 'error'>;

/** Makes decisions until a time; a rejected decision does not affect the others. @throws errors other than problems */
const attemptsUntil =
  (deadline: number) =>
  async <T extends object>(pointer: string, work: () => Promise<T>): Promise<T | Fault> => {
    if (performance.now() > deadline) {
      const detail = 'The previous decisions took too long.';
      return { error: { code: 'unavailable', ...errorTable.unavailable, detail } };
    }
    try {
      return await work();
    } catch (error) {
      // Other errors fail the whole request, which may be sent again.
      if (!(error instanceof ProblemError)) throw error;
      return { error: toFault(error, pointer) };
    }
  };

function toFault(error: ProblemError, pointer: string): NonNullable<DecisionResult['error']> {
  const code = error.code as keyof typeof errorTable;
  const { remedy = errorTable[code].remedy } = error.options;
  const errors = error.options.errors?.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }));
  return {
    code,
    ...errorTable[code],
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(remedy !== undefined && { remedy }),
    ...(errors && { errors }),
  };
}
