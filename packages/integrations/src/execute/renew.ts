import type { ToolOutcome } from '@errand/contracts';
import type { CallAuth } from './credential.ts';

/**
 * Calls once, and once more with a renewed credential when the service refuses the first: it was not acted upon then.
 * @param open gives the credential; asked again with the one that was refused. An outcome instead of one ends the call.
 */
export async function callRenewing(
  open: (rejected?: CallAuth) => Promise<CallAuth | { outcome: ToolOutcome }>,
  call: (auth: CallAuth) => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  const first = await open();
  if ('outcome' in first) return first.outcome;
  const outcome = await call(first);
  if (outcome.ok || outcome.code !== 'credential_rejected') return outcome;
  const second = await open(first);
  return 'outcome' in second ? second.outcome : call(second);
}
