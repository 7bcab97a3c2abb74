import type { CallBudget } from '@errand/basics/call-budget';
import type { ToolOutcome } from '@errand/contracts';
import type { CallInput, RunIdentity } from '@errand/ports/toolbox';
import type { ActivationDeps } from '../activation-deps.ts';
import { pause } from './call-policy.ts';
import type { Call } from './in-flight.ts';

type Reaching = Pick<ActivationDeps, 'toolbox' | 'signal' | 'policy' | 'waitUntilSeenAlive'>;

/**
 * Makes one attempt at a call. The toolbox throws only before it sends anything: it is tried again, so that a short outage of ours leaves
 * no write uncertain.
 */
export async function reach(
  { toolbox, signal, policy, waitUntilSeenAlive }: Reaching,
  run: RunIdentity,
  { entry, tool, input, budget }: Pick<Call, 'entry' | 'tool'> & { input?: CallInput | undefined; budget: CallBudget },
): Promise<ToolOutcome> {
  const request = {
    ...run,
    tool,
    args: entry.args,
    ...(entry.idempotencyKey !== null && { idempotencyKey: entry.idempotencyKey }),
    ...(input && { input }),
    signal,
    budget,
    timeoutMs: policy.timeoutMs,
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await toolbox.call(request);
    } catch (error) {
      if (attempt === 5 || signal.aborted) throw error;
      await pause(policy.backoffMs * 2 ** attempt, signal);
      if (!(await waitUntilSeenAlive(signal))) throw error;
    }
  }
}
