import type { CallBudget } from '@errand/basics/call-budget';
import type { Egress } from './egress.ts';
import { EgressError, type EgressErrorCode } from './error.ts';

const errorCodes: Partial<Record<NonNullable<CallBudget['reached']>, EgressErrorCode>> = {
  bytes: 'upstream_too_large',
  totalMs: 'upstream_timeout',
};

/** The error of a call with a spent budget; otherwise undefined. @param sent whether the call may have had an effect */
export function overBudget({ reached }: CallBudget, sent: boolean): EgressError | undefined {
  return (
    reached &&
    new EgressError(errorCodes[reached] ?? 'upstream_error', {
      sent,
      cause: new Error(`limit: ${reached}`),
      isOurs: !sent,
    })
  );
}

/** An egress for one call: requests, bytes and time count against the budget. It rejects requests once the budget is spent. */
export function withinBudget(egress: Egress, budget: CallBudget): Egress {
  const countRequest = () => {
    budget.spend('requests');
    const exceeded = overBudget(budget, false);
    if (exceeded) throw exceeded;
  };
  const fetchFor: Egress['fetchFor'] =
    ({ totalMs, ...options }) =>
    async (input, init) => {
      countRequest();
      const spend = (bytes: number) => budget.spend('bytes', bytes);
      return egress.fetchFor({ ...options, spend, totalMs: Math.min(totalMs, budget.remainingMs) })(input, init);
    };
  return {
    ...egress,
    fetchFor,
    async request({ timeoutMs, ...request }) {
      countRequest();
      const cappedMs = timeoutMs === undefined ? undefined : Math.min(timeoutMs, budget.remainingMs);
      try {
        const response = await egress.request({ ...request, timeoutMs: cappedMs });
        // A complete answer is valid even if it exceeds the budget.
        budget.spend('bytes', response.body.length);
        return response;
      } catch (error) {
        budget.spend('bytes', request.maxBytes ?? 0);
        throw error;
      }
    },
  };
}
