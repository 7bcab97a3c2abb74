// The approval strategies of runs, and the approvals that each requires.
import { z } from 'zod';

export const ApprovalStrategy = z.enum(['NONE', 'ON_START', 'ON_TOOL_CALL', 'ON_WRITE']).meta({
  id: 'ApprovalStrategy',
  description:
    'The approvals that a run requires. NONE: none. ON_START: of the plan. ON_TOOL_CALL: of every call. ON_WRITE: of calls that change something.',
  examples: ['NONE'],
});
export type ApprovalStrategy = z.infer<typeof ApprovalStrategy>;

/** Which approvals are required: of the plan, of calls that write, of calls that read. */
export type RequiredApprovals = { readonly plan: boolean; readonly writes: boolean; readonly reads: boolean };

/** The approvals that any of the strategies requires. */
export const requiredApprovals = (...strategies: readonly ApprovalStrategy[]): RequiredApprovals => ({
  plan: strategies.includes('ON_START'),
  writes: strategies.includes('ON_WRITE') || strategies.includes('ON_TOOL_CALL'),
  reads: strategies.includes('ON_TOOL_CALL'),
});

/** Whether a strategy omits an approval that `than` requires. */
export function omitsApproval(strategy: ApprovalStrategy, previous: ApprovalStrategy): boolean {
  const [required, requiredBefore] = [requiredApprovals(strategy), requiredApprovals(previous)];
  return (['plan', 'writes', 'reads'] as const).some((kind) => requiredBefore[kind] && !required[kind]);
}
