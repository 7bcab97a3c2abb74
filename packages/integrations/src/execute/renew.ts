import type { ToolOutcome } from '@errand/contracts';

/** A call is made at most so often: with what there is, with what was got in its place, and with one more that came meanwhile. */
const MAX_CALLS = 3;

/**
 * Calls, and calls again with another credential when the service refuses the one that was sent: it did nothing then.
 * @param open gives what is sent. An outcome instead ends the call.
 * @param renew gives another one in place of a refused one; undefined when there is none. `renewed`: the refused one was such another.
 */
export async function callRenewing<Opened extends object>(
  open: () => Promise<Opened | { outcome: ToolOutcome }>,
  renew: (
    refused: Opened,
    outcome: Extract<ToolOutcome, { ok: false }>,
    renewed: boolean,
  ) => Promise<Opened | { outcome: ToolOutcome } | undefined>,
  call: (opened: Opened) => Promise<ToolOutcome>,
): Promise<ToolOutcome> {
  let opened = await open();
  for (let calls = 1; ; calls++) {
    if ('outcome' in opened) return opened.outcome;
    const outcome = await call(opened);
    if (outcome.ok || outcome.code !== 'credential_rejected') return outcome;
    const next = await renew(opened, outcome, calls > 1);
    if (next === undefined || (calls === MAX_CALLS && !('outcome' in next))) return outcome;
    opened = next;
  }
}
