import type { CallBudget } from '@errand/basics/call-budget';
import type { Egress } from './egress.ts';
import { EgressError, type EgressErrorCode } from './error.ts';

const codes: Partial<Record<NonNullable<CallBudget['reached']>, EgressErrorCode>> = {
  bytes: 'upstream_too_large',
  totalMs: 'upstream_timeout',
};

/** Why a call ends whose budget is spent; undefined while it is not. @param sent whether a request of it may have had an effect */
export function overBudget({ reached }: CallBudget, sent: boolean): EgressError | undefined {
  return (
    reached && new EgressError(codes[reached] ?? 'upstream_error', { sent, cause: new Error(`limit: ${reached}`) })
  );
}

/** The same egress for one call: each request, its bytes and its time are taken from the budget, and none is sent once that is spent. */
export function withinBudget(egress: Egress, budget: CallBudget): Egress {
  const begin = () => {
    budget.spend('requests');
    const exceeded = overBudget(budget, false);
    if (exceeded) throw exceeded;
  };
  const fetchFor: Egress['fetchFor'] =
    ({ totalMs, ...options }) =>
    async (input, init) => {
      begin();
      const spend = (bytes: number) => budget.spend('bytes', bytes);
      return egress.fetchFor({ ...options, spend, totalMs: Math.min(totalMs, budget.remainingMs) })(input, init);
    };
  return {
    ...egress,
    fetchFor,
    async request({ timeoutMs, ...request }) {
      begin();
      const capped = timeoutMs === undefined ? {} : { timeoutMs: Math.min(timeoutMs, budget.remainingMs) };
      try {
        const received = await egress.request({ ...request, ...capped });
        // An answer that is here counts as one, also when it spends the rest.
        budget.spend('bytes', received.body.length);
        return received;
      } catch (error) {
        budget.spend('bytes', request.maxBytes ?? 0);
        throw error;
      }
    },
  };
}
