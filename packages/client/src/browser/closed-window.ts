// Whether a person closed the window of a consent.
//
// `closed` alone does not say so: it is also true once the window shows a page with Cross-Origin-Opener-Policy, which browsers cut off from its
// opener. But after closing a window a person is back at the page at that moment, and stays. Any other end of the window says nothing.
import { sleep } from '../http/retry.ts';

/** How often the page looks at the window. Browsers let hidden pages look once a second. */
const LOOK_MS = 500;
/** The longest time between the last look at an open window, without the person at the page, and the first look at a closed one, with them. */
const RETURN_MS = 2500;
/** How long the person stays at the page afterwards. */
const STAY_MS = 5000;

/** The part of a page that this file uses: the types of this package need no DOM. */
declare const document: { visibilityState: string; hasFocus(): boolean };

/** Whether the person closed the window. False if the signal aborts, and as soon as that can no longer be known. */
export async function isClosedByPerson(opened: { readonly closed: boolean }, signal: AbortSignal): Promise<boolean> {
  let lastAway = Number.NEGATIVE_INFINITY;
  while (!opened.closed) {
    if (!isPersonHere()) lastAway = Date.now();
    await sleep(LOOK_MS, signal);
    if (signal.aborted) return false;
  }
  // Browsers may close the window before they focus the page.
  if (!isPersonHere()) await sleep(LOOK_MS, signal);
  if (Date.now() - lastAway > RETURN_MS) return false;
  for (let stayedMs = 0; stayedMs < STAY_MS && isPersonHere(); stayedMs += LOOK_MS) await sleep(LOOK_MS, signal);
  return isPersonHere() && !signal.aborted;
}

const isPersonHere = (): boolean => document.visibilityState === 'visible' && document.hasFocus();
