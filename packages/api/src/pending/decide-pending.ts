import {
  type contract,
  type DecideApprovalInput,
  type DecisionResult,
  errorTable,
  ProblemError,
} from '@errand/contracts';
import { decideApproval } from '../approvals/decide-approval.ts';
import type { Context, Handler } from '../context.ts';

/** After this time the remaining decisions are refused; the caller may send them again. */
const MAX_MS = 25_000;

/** Makes several decisions in order, so that the first of two about the same approval counts. */
export const decidePending: Handler<typeof contract.pending.decide> = async ({ input, ctx }) => {
  const results: DecisionResult[] = [];
  const startedAt = performance.now();
  for (const [index, decision] of input.decisions.entries()) {
    const isLate = performance.now() - startedAt > MAX_MS;
    results.push(isLate ? tooLate(decision) : await decideOne(ctx, decision, index));
  }
  return { results };
};

const tooLate = ({ approvalId }: DecideApprovalInput): DecisionResult => ({
  approvalId,
  error: { code: 'unavailable', ...errorTable.unavailable, detail: 'The previous decisions took too long.' },
});

async function decideOne(ctx: Context, decision: DecideApprovalInput, index: number): Promise<DecisionResult> {
  const { approvalId } = decision;
  try {
    return { approvalId, approval: await decideApproval(ctx, decision) };
  } catch (error) {
    // Other errors fail the whole request, which may be sent again.
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
