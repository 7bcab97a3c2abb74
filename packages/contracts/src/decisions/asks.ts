import type { ApprovalStrategy } from '../base/approval-strategy.ts';

/** Which approvals are required: of the plan, of calls that write, of calls that read. */
export type Asks = { readonly plan: boolean; readonly writes: boolean; readonly reads: boolean };

/** The approvals that any of the strategies requires. */
export const asksOf = (...strategies: readonly ApprovalStrategy[]): Asks => ({
  plan: strategies.includes('ON_START'),
  writes: strategies.includes('ON_WRITE') || strategies.includes('ON_TOOL_CALL'),
  reads: strategies.includes('ON_TOOL_CALL'),
});

/** Whether a strategy omits an approval that `than` requires. */
export function asksLess(strategy: ApprovalStrategy, than: ApprovalStrategy): boolean {
  const [asks, before] = [asksOf(strategy), asksOf(than)];
  return (before.plan && !asks.plan) || (before.writes && !asks.writes) || (before.reads && !asks.reads);
}
