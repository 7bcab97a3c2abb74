import type { ApprovalStrategy } from '../base/approval-strategy.ts';

/** What a human is asked about: the plan, calls that write, calls that read. */
export type Asks = { readonly plan: boolean; readonly writes: boolean; readonly reads: boolean };

/** What some strategies ask together: whatever any of them asks. */
export const asksOf = (...strategies: readonly ApprovalStrategy[]): Asks => ({
  plan: strategies.includes('ON_START'),
  writes: strategies.includes('ON_WRITE') || strategies.includes('ON_TOOL_CALL'),
  reads: strategies.includes('ON_TOOL_CALL'),
});

/** Whether a strategy leaves out something that another one asks. */
export function asksLess(strategy: ApprovalStrategy, than: ApprovalStrategy): boolean {
  const [asks, before] = [asksOf(strategy), asksOf(than)];
  return (before.plan && !asks.plan) || (before.writes && !asks.writes) || (before.reads && !asks.reads);
}
