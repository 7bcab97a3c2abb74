import type { Errand } from './clients.ts';

/** The fraction of errands that the service must accept. */
const ENOUGH = 0.5;

/** Thrown when a seed did not exercise the rules that it checks. */
export class Unproven extends Error {
  override readonly name = 'Unproven';
}

/**
 * Invariants hold trivially if nothing was accepted.
 * @throws Unproven when the service accepted fewer than half of the errands
 */
export function mustProve(errands: readonly Pick<Errand, 'runId'>[]): void {
  const accepted = errands.filter(({ runId }) => runId !== undefined).length;
  if (accepted > 0 && accepted >= errands.length * ENOUGH) return;
  throw new Unproven(`the service accepted ${accepted} of ${errands.length} errands`);
}

/**
 * Without a change of the primary, its invariants hold trivially.
 * @throws Unproven when a scheduled change was not carried out
 */
export function mustChange(carriedOut: number, scheduled: number, failures: readonly string[]): void {
  if (carriedOut >= scheduled) return;
  throw new Unproven([`${carriedOut} of ${scheduled} changes of the primary were carried out`, ...failures].join('; '));
}
