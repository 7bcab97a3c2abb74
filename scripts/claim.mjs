// Waits for the claim to install and build in this tree.
import { setTimeout as sleep } from 'node:timers/promises';
import { claim } from '../apps/cli/src/up/early/claim.mjs';
import { cache } from './command.mjs';

/** Waits until no other process installs or builds in this tree. @param {AbortSignal} [signal] */
export async function claimBuild(signal) {
  for (;;) {
    const release = await claim(cache, 'build');
    if (release) return release;
    await sleep(100, undefined, { signal });
  }
}
