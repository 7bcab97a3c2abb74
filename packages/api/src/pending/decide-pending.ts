import {
  type contract,
  type DecideApprovalInput,
  type DecisionResult,
  errorTable,
  ProblemError,
} from '@errand/contracts';
import { decideOne } from '../approvals/decide-one.ts';
import type { Context, Handler } from '../context.ts';

/** When so much time has passed, what is left is refused: the caller may send it again. */
const MAX_MS = 25_000;

/** Decides several, one after the other, so that of two about the same approval the first one counts. */
export const decidePending: Handler<typeof contract.pending.decide> = async ({ input, ctx }) => {
  const results: DecisionResult[] = [];
  const begun = performance.now();
  for (const [index, decision] of input.decisions.entries()) {
    const late = performance.now() - begun > MAX_MS;
    results.push(late ? tooLate(decision) : await resultOf(ctx, decision, index));
  }
  return { results };
};

const tooLate = ({ approvalId }: DecideApprovalInput): DecisionResult => ({
  approvalId,
  error: { code: 'unavailable', ...errorTable.unavailable, detail: 'The decisions before it took too long.' },
});

async function resultOf(ctx: Context, decision: DecideApprovalInput, index: number): Promise<DecisionResult> {
  const { approvalId } = decision;
  try {
    return { approvalId, approval: await decideOne(ctx, decision) };
  } catch (error) {
    // Anything else is an error of the whole request, which may be sent again.
    if (!(error instanceof ProblemError)) throw error;
    const code = error.code as keyof typeof errorTable;
    const { remedy = errorTable[code].remedy } = error.options;
    const errors = error.options.errors?.map((fault) => ({ ...fault, pointer: `/decisions/${index}${fault.pointer}` }));
    return {
      approvalId,
      error: {
        code,
        ...errorTable[code],
        ...(error.detail !== undefined && { detail: error.detail }),
        ...(remedy !== undefined && { remedy }),
        ...(errors && { errors }),
      },
    };
  }
}
