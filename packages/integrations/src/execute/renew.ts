import type { ToolOutcome } from '@errand/contracts';

/** With the stored credential, with a renewed one, and with one that another process renewed in the meantime. */
const MAX_CALLS = 3;

/**
 * Makes a call, and repeats it with another credential if the service refuses the first. A refused call has no effect.
 * @param open opens the credential, or returns the outcome of the call
 * @param renew replaces a refused credential, if there is another. `renewed`: the refused credential was itself a replacement
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
